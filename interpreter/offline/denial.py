"""Which conditions a brief denies: "excluding ...", "unless ...", "... are not included"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import who
from interpreter.offline.text import Canvas

_THOSE = rf"(?:(?:the |our |any |all )?(?:ones|{who()}|diejenigen|jene|ceux|celles|l[oa]s que)\b)"
_EXCEPT = re.compile(
    r"\b(?:exclud(?:e|es|ing)|(?:excluded|not included|left out|exclusions?)\s?[:=]|excl\b\.?|except(?:ing)?(?: for)?|excepted|with (?:the |one )?(?:sole |single |only |notable )?exceptions? of|unless|"
    r"(?:leav(?:e|ing)|tak(?:e|ing)|keep(?:ing)?|rul(?:e|ing)|cut(?:ting)?|filter(?:ing)?) (?:out|aside)|leav(?:e|ing) (?:\w+ )?alone|setting aside|put(?:ting)? aside|skip(?:ping)?|omit(?:ting)?|"
    r"not (?:counting|including|for|to|those|the ones|the|via)|but (?:\w+ )?not(?= (?:those|to|the|customers|people|anyone|if|in|when|where|for)\b)|minus|barring|bar(?= those| the| any)|save for|but for|"
    r"other than|apart from|aside from|ignore|ignoring|without (?:those|customers|anyone|people)|(?:do(?:n't| not)|never|must not|should not|shouldn't) (?:target|include|contact|bother|send (?:it |this )?to|address|write to|count|mail|message|touch|approach)|"
    r"all but|every(?:one|body) but|any(?:one|body) but|spare|"
    r"ausgenommen|auser|ausser|außer|ausgeschlossen|ausschlie\w+|ohne (?:die|diejenigen|kunden)|(?:aber |allerdings |jedoch )?nicht (?:die|diejenigen|jene|an|fur)|es sei denn|"
    r"sauf(?: si)?|excepte|hormis|a l'exception d\w+|a moins que|exclure|excluant|mais pas (?:ceux|celles|les)|en dehors de|"
    r"excluy\w+|excluir|excepto|salvo|a excepcion de|a menos que|menos (?:los|las)|pero no (?:los|las|a)|dejando fuera)(?!\w)"
)
_AFTERWARDS = re.compile(
    r"[^.;:!?\x00]{0,28}?,?\s?\b(?:(?:are|is|being|be|stay|stays|remain|kept|should|must|may|shall|will|do|does|sind|werden|bleiben|sont|seront|quedan|estan)\s)*"
    r"(?:excluded|left out|exempt(?:ed)?|kept out|ruled out|filtered out|not (?:included|part|eligible|meant|counted|concerned|covered|qualify|being part|to be included|be included|being included|invited|addressed|targeted|count)|"
    r"out of scope|off limits|off the list|excepted|ausgenommen|ausgeschlossen|nicht (?:dabei|gemeint|angesprochen|angeschrieben)|exclue?s?|excluid[oa]s|fuera)\b"
)
_NEITHER = re.compile(r"\b(?:neither|weder|ni)\b")
_NOR = re.compile(r"(?:^|[\s,])(?:nor|noch|ni|or)\b[^,.;]{0,40}$")
_AND_SO_ON = re.compile(
    rf"[\s,]*(?:(?:and|or|nor|und|oder|et|ou|y|o|also|as well as|plus)\s)*(?:(?:{_THOSE}|from|in|with|who|that|which|have|has|had|are|were|the|living|based|via|through|acquired|by|die|qui|que|aus)\s?)*"
)
_OTHER_MATTER = re.compile(
    r"[:]|\b(?:discounts?|shipping|offers?|only|target|please|instead|send|give|show)\b"
)


def denied(canvas: Canvas, ordered: Sequence[Finding]) -> frozenset[int]:
    """The places (in `ordered`, by position in the brief) of the findings that are denied.

    An exception holds for what follows it in its sentence, up to the comma that ends its list.
    """
    found: set[int] = set()
    for i, finding in enumerate(ordered):
        sentence = canvas.sentence(finding.start)
        lead = canvas.folded[sentence.start : finding.start]
        if _governed(lead, i, ordered, canvas, found) or _neither(lead, i, ordered, found):
            found.add(i)
    for i, finding in enumerate(ordered):
        if i not in found and _excluded_afterwards(canvas, finding):
            found.add(i)
    return frozenset(found)


def excepted(canvas: Canvas, position: int) -> bool:
    """Whether the words before a position exclude what stands there."""
    lead = canvas.folded[canvas.sentence(position).start : position]
    return any(len(lead) - said.end() < 24 for said in _EXCEPT.finditer(lead))


def _governed(
    lead: str, i: int, ordered: Sequence[Finding], canvas: Canvas, found: set[int]
) -> bool:
    said = None
    for said in _EXCEPT.finditer(lead):  # noqa: B007
        pass
    if said is None:
        return False
    begin = ordered[i].start - len(lead) + said.end()
    before = ordered[i - 1] if i else None
    if before is not None and before.end > begin:
        if i - 1 not in found:
            return False
        gap = canvas.folded[before.end : ordered[i].start]
        return _AND_SO_ON.fullmatch(gap) is not None
    gap = lead[said.end() :]
    return len(gap) < 64 and _OTHER_MATTER.search(gap) is None


def _neither(lead: str, i: int, ordered: Sequence[Finding], found: set[int]) -> bool:
    said = _NEITHER.search(lead)
    if said is None:
        return False
    gap = lead[said.end() :]
    if _NOR.search(gap):
        return i - 1 in found
    return len(gap) < 30 and "," not in gap


def _excluded_afterwards(canvas: Canvas, finding: Finding) -> bool:
    said = _AFTERWARDS.match(canvas.open, finding.end)
    return said is not None and not re.search(
        r"\b(?:discounts?|shipping|delivery|offers?|but|who|with|gifts?|vouchers?|coupons?|incentives?)\b",
        said.group(),
    )
