"""The channel of a campaign, where exactly one is named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.triggers import Channel
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas


@dataclass(frozen=True)
class ChannelReading:
    channel: Channel | None
    spans: tuple[tuple[int, int, str], ...]
    question: str | None = None


_UNDECIDED = re.compile(
    r"\b(?:channel|medium)\b[^.;]{0,30}\b(?:undecided|not (?:yet )?(?:decided|fixed|clear|chosen|settled)|open|tbd|tbc|to be (?:confirmed|settled|agreed)|unclear|to be (?:decided|defined|determined))|(?:undecided|not sure|unsure|don't know|no decision)[^.;]{0,30}\b(?:channel|medium)\b|which(?:ever)? channel[^.;]{0,30}(?:open|unclear|undecided)"
)


_GOING = {
    "email": re.compile(
        r"\b(?:open\w*|reads?|reading|look(?:ing)? at|click\w*|of|rate|more of)\s(?:more |of |our |the |my |these |all |on |through |up )*$"
    ),
    "web": re.compile(
        r"\b(?:saw|did see|seen|viewed|looked at|looking at|browsed)\s(?:(?!(?:a|an|the|our|this|these)\b)\w+ ){1,3}$|\b(?:visit\w*|back|traffic|sessions?|com(?:e|ing)|return\w*|bring|want them|want people|see them|browse|spend time|time|activity|be|look around|active|seen)\s?(?:more |again |often |\\w+ )?$"
    ),
}
_AGAIN = re.compile(r"\s(?:more|again|often|regularly|is read|are read)\b")


def _visited(channel: str, before: str, after: str) -> bool:
    """Whether customers go there ("open our e-mails", "back to the site"): a goal, no channel."""
    going = _GOING.get(channel)
    return going is not None and bool(going.search(before) or _AGAIN.match(after))


_DISLIKED = re.compile(
    r"s?\s(?:(?:only|just|really) )?(?:annoy\w*|bothers?|is (?:out|too|off|not)|isn't|are (?:out|too|off|not)|aren't|doesn't work|don't work|never works?)\b"
)
_EARLIER = re.compile(
    r"s?\s(?:(?:of|from|in|during) )?(?:last|the previous|the past|earlier|previous) (?:year|month|week|quarter|season|campaign|spring|summer|autumn|winter|christmas)s?\b"
)
"""After a channel of the past: "the mailings of last year went unnoticed"."""
_ALONE = re.compile(
    r"\s(?:only|alone|exclusively|is enough|will do|suffices|nothing else|seul\w*|solo|nur|reicht)\b(?! (?:for|if|to|when|who|where)\b)"
)
_ALONE_BEFORE = re.compile(
    r"\b(?:only|solely|exclusively|nothing but|just|nur|uniquement|solo)\s(?:by |via |per |through |use |with |as |an? |the )*$"
)


def _only(folded: str, start: int, end: int) -> bool:
    """Whether a channel is named as the only one: "e-mail only, text messages annoy people"."""
    return bool(_ALONE.match(folded, end) or _ALONE_BEFORE.search(folded[:start]))


def read_channel(canvas: Canvas) -> ChannelReading:
    """The channel, where exactly one is named; of several the marketer is asked."""
    found: dict[Channel, tuple[int, int, str]] = {}
    denied = set()
    for name, pattern in data("channels").items():
        for m in canvas.find(words(pattern)):
            if not m.group().strip():
                continue
            before = canvas.folded[max(0, m.start() - 40) : m.start()]
            if _visited(name, before, canvas.folded[m.end() : m.end() + 14]):
                continue
            if re.search(
                r"\b(?:no|not|without|never|nobody|no one|skip(?: the)?|avoid(?:ing)?|leave out|spare (?:us|them)|hates?|except|don't|kein\w*|ohne|pas|sans|sin|nicht)\s(?:\w+ ){0,2}$|\b(?:instead of|rather than|statt)\s(?:\w+ ){0,4}$",
                before,
            ) or (
                re.match(r"\s?(?:no|not)\b", m.group())
                or _DISLIKED.match(canvas.folded, m.end())
                or _EARLIER.match(canvas.folded, m.end())
            ):
                denied.add(Channel(name))
                continue
            found.setdefault(Channel(name), (m.start(), m.end(), name))
    named = [c for c, (start, end, _) in found.items() if _only(canvas.folded, start, end)]
    if len(named) == 1:
        found = {named[0]: found[named[0]]}
    undecided = _UNDECIDED.search(canvas.folded)
    if Channel.DIRECT_MAIL in found and Channel.EMAIL in found:
        a, b = found[Channel.DIRECT_MAIL], found[Channel.EMAIL]
        if a[0] < b[1] and b[0] < a[1]:
            del found[Channel.EMAIL if (a[1] - a[0]) >= (b[1] - b[0]) else Channel.DIRECT_MAIL]
    spans = tuple(found.values())
    for start, end, _ in spans:
        canvas.take(start, end)
    if undecided:
        return ChannelReading(None, spans, "Which channel should be used?")
    if len(found) > 1:
        names = " or ".join(channel.value.replace("_", " ") for channel in found)
        return ChannelReading(None, spans, f"Several channels are named: {names}?")
    return ChannelReading(next(iter(found), None), spans)
