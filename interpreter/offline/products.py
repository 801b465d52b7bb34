"""Noun phrases that name products, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interpreter.offline.lexicon import data
from interpreter.offline.text import Canvas


def word_set(name: str) -> frozenset[str]:
    return frozenset(str(data("phrase_words")[name]).split())


STOP = word_set("stop")
NOTHING = word_set("nothing")
_DETERMINERS = word_set("determiners")
_TAIL_NOUNS = word_set("tail_nouns")
_TOKEN = re.compile(r"[^\W\d_][\w'&/-]*")


_CONNECT = re.compile(
    r"\s?(?P<comma>,\s?)?(?P<word>(?:but |yet |and )?neither|but (?:not|no|never|without|have never|have not|haven't|did not|didn't)(?: yet)?(?: (?:any|bought|purchased|buy|purchase|order))?|and (?:not|no|never)|yet (?:not|no|never)|"
    r"or|and|nor|not|never|aber (?:nicht|keine?n?)|oder|und|mais pas(?: de)?|ou|et|pero no|o|y|no|sowie|/)?(?!\w)\s?"
)


@dataclass(frozen=True)
class Item:
    start: int
    end: int
    text: str
    negated: bool
    by_or: bool


_VERB = re.compile(r"\w{3,}(?<!s)(?<!r)(?<!b)ed|wrote|left|spent|gave|written|given|gone|kept|seen")


def listed_products(canvas: Canvas, position: int, negated: bool) -> Iterator[Item]:
    """The list of noun phrases from `position` on."""
    by_or = False
    first = True
    while True:
        phrase = noun_phrase(canvas, position)
        if phrase is None:
            return
        start, end, text = phrase
        if not first and len(text.split()) > 3:
            return
        if not first and re.match(r"\s?[\ue000-\ue006]", canvas.open[end:]):
            return  # "and hold at least two" is another condition, no product
        connect = _CONNECT.match(canvas.open, end)
        word = (connect["word"] if connect else None) or ""
        upcoming_or = word in ("or", "oder", "ou", "o", "nor", "/") or (
            not word
            and connect is not None
            and connect["comma"] is not None
            and re.match(r"[^.;]{0,40}?\b(?:or|oder|ou|o)\b", canvas.open[connect.end() :])
            is not None
            and not re.match(r"[^.;]{0,40}?\band\b", canvas.open[connect.end() :])
        )
        yield Item(start, end, text, negated, by_or or upcoming_or)
        first = False
        if connect is None or connect.end() == end:
            return
        if not word and connect["comma"] is None:
            return
        if not word and not _list_goes_on(canvas, connect.end()):
            return
        if word in ("not", "never", "no") and connect["comma"] is None:
            return
        negated = bool(
            re.search(
                r"\b(?:not|no|never|nor|neither|nicht|keine?n?|pas|without|haven't|didn't)\b", word
            )
        ) or (negated and bool(word))
        by_or = upcoming_or
        position = connect.end()


def _list_goes_on(canvas: Canvas, position: int) -> bool:
    """After a bare comma a list goes on only where "and" or "or" is still to come."""
    phrase = noun_phrase(canvas, position)
    if phrase is None or len(phrase[2].split()) > 2:
        return False
    return re.match(r",? (?:and|or|und|oder|et|ou|y|o) |, ", canvas.open[phrase[1] :]) is not None


def noun_phrase(canvas: Canvas, position: int) -> tuple[int, int, str] | None:
    """The noun phrase at `position`: up to four words before a word that can't be part of one."""
    tokens: list[re.Match[str]] = []
    i = position
    quoted = re.match(
        r"\s*(?:the |our |category |products )*[\"']([\w &-]{2,40})[\"']", canvas.open[i:]
    )
    if quoted:
        return (
            i + quoted.start(1),
            i + quoted.end(),
            canvas.raw[i + quoted.start(1) : i + quoted.end(1)].lower(),
        )
    while len(tokens) < 4:
        gap = re.compile(r"[ ]?(?:')?").match(canvas.open, i)
        i = gap.end() if gap else i
        token = _TOKEN.match(canvas.open, i)
        if token is None:
            break
        word = token.group()
        if not tokens and (word in _DETERMINERS or (word.endswith("'") and len(word) <= 2)):
            i = token.end()
            continue
        if re.match(r"[ld]'\w", word) and not tokens:
            token = re.compile(r"\w[\w-]*").match(canvas.open, i + 2)
            assert token is not None
            word = token.group()
        if not tokens and (word in NOTHING or _VERB.fullmatch(word)):
            return None
        if word in STOP or (
            tokens
            and re.search(r"(?:ed|n't)$", word)
            and word not in ("bed", "red", "seed", "feed")
        ):
            break
        if tokens and word in NOTHING | {"least"} and word not in _TAIL_NOUNS:
            break
        if tokens and word == "of" and len(tokens) > 2:
            break
        tokens.append(token)
        i = token.end()
    while tokens and tokens[-1].group() in ("of", "the", "a", "an", "i", "usually", "de"):
        tokens.pop()
    end = tokens[-1].end() if tokens else position
    if len(tokens) > 1 and tokens[-1].group() in _TAIL_NOUNS:
        tokens.pop()
    if not tokens:
        return None
    text = canvas.raw[tokens[0].start() : tokens[-1].end()].lower().strip("'\"")
    return (tokens[0].start(), end, text) if re.search(r"\w\w", text) else None
