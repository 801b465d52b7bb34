"""The triggers that a brief names: proposed, excluded or allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.triggers import TriggerCatalogue, TriggerType
from interpreter.offline.lexicon import data, words
from interpreter.offline.rivals import alternatives, meant
from interpreter.offline.sections import Section, section_at
from interpreter.offline.stance import Stance, stances
from interpreter.offline.text import Canvas, Span, fold
from interpreter.offline.told import is_told


@dataclass(frozen=True)
class Mention:
    """A trigger named in the brief, and in what way."""

    start: int
    end: int
    key: str
    excluded: bool


@dataclass(frozen=True)
class Triggers:
    proposed: str | None
    allowed: tuple[str, ...]
    excluded: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]
    question: str | None = None
    told: tuple[Span, ...] = ()
    """Where triggers are spoken of that the brief does not propose."""


_TYPES = {
    TriggerType.MONETARY: (
        r"(?:monetary|financial|money-related|price-based|cash|economic) (?:triggers?|incentives?|rewards?|offers?|means|perks?|benefits?|measures?|inducements?|interventions?|arms?|levers?|mechanics?|ideas?|tools?)|incentives?|(?:financial|monetary|price|cash|pecuniary) (?:inducements?|stimul\w+|advantages?|benefits?|sweeteners?)|sweeteners?|(?:give|giving) (?:any |our |the )?(?:money|margin) away|giv(?:e|ing) away (?:any )?(?:money|margin|anything)|give-?aways?|(?:anything|nothing|something) (?:monetary|financial|that costs (?:us )?(?:money|margin))|"
        r"monetary|(?:costly|expensive) (?:offers?|incentives?)|(?:eat(?:s|ing)? into|hurt(?:s|ing)?|cost(?:s|ing)?|touch(?:es|ing)?|sacrific\w+|giv(?:e|ing) away|dilut\w+|erod\w+) (?:the |our |any )?margins?|monetare[nrs]? (?:anreize?|massnahmen|maßnahmen)|finanzielle[nr]? anreize?|anreize|incitations?(?: (?:financieres?|monetaires?))?|incentivos?(?: (?:economicos?|monetarios?))?"
    ),
    TriggerType.PSYCHOLOGICAL: r"psychological (?:triggers?|incentives?|messages?|means|nudges?|interventions?|tactics?)|psychological(?: ones)?|pressure tactics",
    TriggerType.INFORMATIONAL: r"informational (?:triggers?|content|messages?|means|interventions?)|informational(?: ones)?",
}
_PROTECT = re.compile(
    r"\b(?:protect(?:ing)?|keep(?:ing)?|preserv(?:e|ing)|safeguard(?:ing)?|guard|defend|maintain(?:ing)?|(?:without|not) (?:hurting|touching|sacrificing|eroding|losing|giving up|diluting)|must not (?:hurt|touch|cost)|schutz\w*|proteger|preserver) (?:the |our |any |die |unsere |la |les |nos |nuestros? |el |los )?(?:profit )?(?:margins?|marge\w*|margen(?:es)?)(?: intact)?|margins? (?:must|should|has to|have to|needs? to) (?:be protected|stay|remain|not)\w*"
)
_NOT_BEFORE = re.compile(
    r"(?:(?:\b(?:no|not|without|never|excluding|exclude[sd]?|except(?: for)?|avoid(?:ing)?|skip(?:ping)?|refrain(?:ing)? from|stop(?:ping)?(?: with)?|no more|rather than|instead of|leave out|leaving out|omit|stay away from|"
    r"steer clear of|forbid(?:den)?|nothing|neither|nor|drop|ban|banned|don't (?:want|use|offer|give|send)|do not (?:want|use|offer|give|send|include)|under no circumstances|don't|do not|dont|wanna|wont|cant|can't|cannot|enough (?:on|of|with)|fed up with|tired of|done with|must not|may not|should not|shouldn't|won't|we can't (?:offer|afford)|any|anything but|(?:ruled|rules|rule|ruling) out|vetoed|forbids|abolished|scrapped|sworn off|done away with|had enough of|as (?:is|are)|"
    r"kein\w*|ohne|nicht|auf|verzicht\w*|sans|pas|aucune?|ni|eviter|sin|ningun\w*|nada de|evitar|no|niente|nessun[oa]?|senza|geen|zonder|sem|nenhuma?|bez|ingen|inga|uden|utan|(?:stay|steer|keep) (?:clear|off|well away)(?: of| from)?|hands off|say no to|through with|(?:something|anything|other means|means) other than)\b)[\s\"':]+(?:(?:any|a|an|the|kind|kinds|form|forms|type|types|sort|of|use|using|offer|offering|offers|give|giving|send|sending|more|further|additional|include|including|be|please|to|want|de|d'|des|du|con|our|usual|another|single|resort|resorting|rely|relying|on|with|by|propose|grant|run|do|apply|fall|back|falling|are|is|were|both|all|wanna|lowering|cutting)[\s\"']+){0,5}?)$"
)
_NOT_AFTER = re.compile(
    r"\s?\?\s?(?:(?:absolutely|certainly|definitely|surely|please|rather|better|preferably|oh|well|of course|,)\s?)*(?:not|no|never|nope|forget it|nein|non|keine?)\b(?= ?(?:$|[.,;!]|way|chance|thanks?|thank|again|please|this|here|way))"
    r"|\s?(?:(?:offers?|messages?|codes?|campaigns?|incentives?|deals?|this time|here|itself)\s)*(?:of (?:any|every|whatever) (?:kind|sort|type|description|form)s?\s)?(?:is|are|must be|should be|shall be|was|were|will be|remains?|stays?|sind|ist|sont|est|estan?|quedan?)?\s?(?:to be )?(?:not (?:on the (?:table|cards|menu)|up for debate|happening)|all |both |strictly |explicitly |not an option|avoided|left out|not (?:foreseen|planned|intended|desired|envisaged|needed|required)|undesired|ruled out|out of the question|off the table|off limits|off-limits|excluded|prohibited|forbidden|banned|not (?:allowed|permitted|wanted|an option|available|possible|welcome|used|to be used|part)|not\b|taboo|unwanted|ausgeschlossen|nicht (?:erlaubt|erwunscht|moglich)|verboten|exclue?s?|interdite?s?|excluid[oa]s?|prohibid[oa]s?|descartad[oa]s?|no-?go|is out|are out|out\b(?! of stock)|(?:must|should|may|can|shall|will|do) not\b|mustn't|shouldn't|cannot|can't|won't)(?:\s|$|[.,;!?)])"
)


def read_triggers(canvas: Canvas, catalogue: TriggerCatalogue) -> Triggers:
    """The triggers that the brief names: proposed, excluded, or the list it allows."""
    mentions: list[Mention] = []
    for key, pattern in _trigger_patterns(catalogue):
        for m in canvas.find(pattern):
            if not m.group().strip():
                continue
            if any(
                m.start() < o.end
                and o.start < m.end()
                and (o.end - o.start) >= (m.end() - m.start())
                for o in mentions
            ):
                continue
            mentions = [o for o in mentions if not (m.start() <= o.start and o.end <= m.end())]
            mentions.append(Mention(m.start(), m.end(), key, False))
    refusals = _unnamed_refusals(canvas, catalogue)
    mentions = [
        o for o in mentions if not any(o.start < r.end and r.start < o.end for r in refusals)
    ] + refusals
    mentions.sort(key=lambda o: o.start)
    typed = _typed(canvas, catalogue, mentions)
    for i, o in enumerate(mentions):
        if not o.excluded:
            mentions[i] = _polarised(canvas, mentions, i)
    mentions, told = _judged(canvas, mentions)
    mentions = [o for o in mentions if o.excluded or Span(o.start, o.end) not in told]
    excluded = dict.fromkeys(o.key for o in mentions if o.excluded)
    positive = dict.fromkeys(o.key for o in mentions if not o.excluded)
    allowed: tuple[str, ...] = ()
    for keys, negative in typed:
        if negative:
            excluded.update(dict.fromkeys(keys))
        elif not positive:
            allowed = tuple(keys)
    question = None
    clash = [key for key in positive if key in excluded]
    for key in clash:
        named = [o for o in mentions if o.key == key]
        if any(o.excluded for o in named) and len({o.excluded for o in named}) > 1:
            question = f"The brief both asks for and excludes {catalogue[key].name.lower()}: which is meant?"
            del excluded[key]
        else:
            del positive[key]
    proposed: str | None = None
    if len(positive) == 1:
        key = next(iter(positive))
        mention = next(o for o in mentions if o.key == key and not o.excluded)
        proposed, allowed = _single(canvas, mention)
    elif len(positive) > 1:
        rivals = [(Span(o.start, o.end), o.key) for o in mentions if not o.excluded]
        proposed = None if alternatives(canvas, rivals) else meant(canvas, rivals)
        allowed = () if proposed else tuple(positive)
    for o in mentions:
        canvas.take(o.start, o.end)
    allowed = tuple(key for key in allowed if key not in excluded)
    return Triggers(
        proposed,
        allowed,
        tuple(excluded),
        tuple((o.start, o.end, ("not " if o.excluded else "") + o.key) for o in mentions),
        question,
        told,
    )


SURELY_DENIED = 0.6
SURELY_TOLD = 0.6
SURELY_PROPOSED = 0.95
"""Probabilities of a stance from which the model adds a refusal or a report to what the rules
read, and from which it overrules a report that they read."""


def _judged(canvas: Canvas, mentions: list[Mention]) -> tuple[list[Mention], tuple[Span, ...]]:
    """The mentions with those that the wording denies, and where one is only spoken of."""
    told: list[Span] = []
    judged: list[Mention] = []
    open_ones = [o for o in mentions if not o.excluded]
    read = dict(
        zip(open_ones, stances(canvas, [Span(o.start, o.end) for o in open_ones]), strict=True)
    )
    for o in mentions:
        if o in read:
            denied = read[o][Stance.DENIES] >= SURELY_DENIED and not _granted(canvas, o)
            o, stance = replace(o, excluded=denied), read[o]
            listed = told and re.fullmatch(
                r"\s?(?:,|and|or|,? as well as)\s?(?:an? |the )?",
                canvas.folded[told[-1].end : o.start],
            )
            if not denied and (listed or _told(canvas, o, stance)):
                told.append(Span(o.start, o.end))
        judged.append(o)
    return judged, tuple(told)


_ONLY_BEFORE = re.compile(
    r"\b(?:only|solely|exclusively|nothing but|nothing other than|(?<!not )(?:allowed|permitted)|nur|ausschliesslich|erlaubt|"
    r"uniquement|seulement|autorises?|solo|solamente|unicamente|permitid[oa]s?)\b(?:(?!\b(?:not|no|never|without|but|except)\b)[^.;!?\n]){0,60}$"
)
_GRANTED_AFTER = re.compile(
    r"(?:(?!\b(?:not|no|never)\b)[^.;!?\n]){0,60}?\b(?:are|is|be|sind|ist|sont|est|son|esta|estan) (?:both |all |the only )?"
    r"(?:allowed|permitted|acceptable|on the table|possible|okay|ok|fine|erlaubt|moglich|autorises?|permis\w*|permitid[oa]s?|ones allowed|options)\b"
)


def _granted(canvas: Canvas, mention: Mention) -> bool:
    """Whether a trigger is one of the only ones allowed, which sounds like a refusal."""
    sentence = canvas.sentence(mention.start)
    before = canvas.folded[max(sentence.start, mention.start - 70) : mention.start]
    return bool(
        _ONLY_BEFORE.search(before)
        or _GRANTED_AFTER.match(canvas.folded, mention.end, sentence.end)
    )


_PROOF = re.compile(r"\b(?:voted|rated|ratings?)\b|%|percent|\b(?:in|out of) (?:every )?\w+\b")
"""A proof that reports what others did, which is not told of the past."""


def _told(canvas: Canvas, mention: Mention, stance: Mapping[Stance, float]) -> bool:
    """Whether a trigger is only spoken of: as a fact, a problem, or a trait of the audience."""
    section = section_at(canvas.folded, mention.start)
    if section in (Section.AUDIENCE, Section.TRIGGER):
        return section is Section.AUDIENCE
    if mention.key == "social_proof" and _PROOF.search(canvas.folded[mention.start : mention.end]):
        return False
    start = canvas.sentence(mention.start).start
    if is_told(canvas.open, mention.start, mention.end, start):
        return stance[Stance.PROPOSES] < SURELY_PROPOSED
    return stance[Stance.TELLS] >= SURELY_TOLD


def _unnamed_refusals(canvas: Canvas, catalogue: TriggerCatalogue) -> list[Mention]:
    """Triggers refused by what stays as it is: "postage is charged as usual"."""
    found = []
    for key, patterns in data("triggers")["denied"].items():
        for pattern in patterns if key in catalogue else ():
            for m in canvas.find(words(pattern)):
                if m.group().strip():
                    found.append(Mention(m.start(), m.end(), key, True))
    return found


def _single(canvas: Canvas, mention: Mention) -> tuple[str | None, tuple[str, ...]]:
    lead = canvas.folded[max(0, mention.start - 30) : mention.start]
    after = canvas.folded[mention.end : mention.end + 12]
    only = re.search(
        r"\b(?:only|solely|exclusively|nothing but|nur|uniquement|seulement|solo|solamente)\s(?:use |with |by |the |a |an |offer |via |mit |einen? |un |una |une |des |de |la |con |utiliser )*$",
        lead,
    )
    follows = re.match(
        r"\s(?:messages? |offers? )?only\b(?! for| to)",
        after + canvas.folded[mention.end + 12 : mention.end + 20],
    )
    if (only and not re.search(r"\bnot only\b", lead)) or follows:
        return None, (mention.key,)
    return mention.key, ()


def _trigger_patterns(catalogue: TriggerCatalogue) -> Iterable[tuple[str, re.Pattern[str]]]:
    lexicon = data("triggers")
    for key, trigger in catalogue.items():
        for pattern in lexicon.get(key, ()):
            yield key, words(pattern)
        yield key, words(re.escape(fold(key)) + "|" + re.escape(fold(trigger.name)))


def _typed(
    canvas: Canvas, catalogue: TriggerCatalogue, mentions: list[Mention]
) -> list[tuple[tuple[str, ...], bool]]:
    """Whole types of triggers that are excluded, or the only ones allowed."""
    found = []
    monetary = catalogue.of_type(TriggerType.MONETARY)
    for m in list(canvas.find(_PROTECT)):
        found.append((monetary, True))
        canvas.take(m.start(), m.end())
    for kind, pattern in _TYPES.items():
        for m in list(canvas.find(words(pattern))):
            if any(m.start() < o.end and o.start < m.end() for o in mentions):
                continue
            before = canvas.folded[max(0, m.start() - 45) : m.start()]
            negative = (
                before.endswith(("non-", "non "))
                or _NOT_BEFORE.search(before)
                or _NOT_AFTER.match(canvas.folded, m.end())
                or m.group().startswith("nothing")
            )
            only = re.search(
                r"\b(?:only|solely|exclusively|limit\w*|restrict\w*|stick to)\b", before
            ) or re.match(r"\s(?:\w+ )?only\b", canvas.folded[m.end() :])
            if negative or only:
                found.append((catalogue.of_type(kind), bool(negative)))
                canvas.take(m.start(), m.end())
    return found


_LIKEWISE = re.compile(
    r"[\s,.;-](?:so (?:is|are|do|does|goes)|the same (?:goes|holds|applies|is true|is the case) (?:for|of|to|with)|(?:neither|nor) (?:is|are|do|does|should|can)|as (?:is|are|do|does)|likewise|ditto)\s(?:any |a |an |the |our )?$"
)
"""What carries a refusal over to the next trigger: "discounts are out, and so is ..."."""


def _polarised(canvas: Canvas, mentions: list[Mention], i: int) -> Mention:
    """A mention is denied by a word before or after it, or as part of a denied list."""
    o = mentions[i]
    lead = canvas.folded[max(0, o.start - 60) : o.start]
    denied = _NOT_BEFORE.search(lead) is not None and not re.search(
        r"\bnot only\s(?:\w+ )?$|\bno (?:doubt|problem)\b", lead
    )
    if not denied and _NOT_AFTER.match(canvas.folded, o.end):
        denied = True
    j = i
    while not denied and j > 0:
        gap = canvas.folded[mentions[j - 1].end : mentions[j].start]
        if j == i and mentions[j - 1].excluded and _LIKEWISE.search(gap):
            denied = True
            break
        if not re.fullmatch(
            r"\s?(?:,|and|or|nor|und|oder|noch|et|ou|ni|y|o|/|, and|, or|any|a|an|the|of|\s)*\s?",
            gap,
        ):
            break
        j -= 1
        lead = canvas.folded[max(0, mentions[j].start - 60) : mentions[j].start]
        denied = _NOT_BEFORE.search(lead) is not None
    k = i
    while not denied and k + 1 < len(mentions):
        gap = canvas.folded[mentions[k].end : mentions[k + 1].start]
        if not re.fullmatch(r"\s?(?:,|and|or|nor|und|oder|et|ou|y|o|/|, and|\s)*\s?", gap):
            break
        k += 1
        denied = _NOT_AFTER.match(canvas.folded, mentions[k].end) is not None
    return Mention(o.start, o.end, o.key, denied)
