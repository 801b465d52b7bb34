"""What looks like a condition on customers and was not read: a bound, a clause after "who"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from interpreter.offline.doubt import Doubt
from interpreter.offline.lexicon import who
from interpreter.offline.text import Canvas, Span
from interpreter.offline.values.value import Value


def quoted(canvas: Canvas, start: int, end: int) -> str:
    """The words of the brief between quotation marks, on one line and not too many."""
    text = re.sub(
        r"\s+", " ", "".join(c if c.isprintable() else " " for c in canvas.raw[start:end])
    ).strip()
    return f'"{text[:60]}"'


_CUSTOMERS = re.compile(
    rf"\b(?:{who()}|who|whose|with|having|have|has|had|segment|only|where|and|scores?|ever|customers)\b"
)
_OFFER = re.compile(
    r"\b(?:shipping|delivery|discount|off|free|gift|voucher|coupon|offer|pay|price|sell|sold|stock|left|remaining|orders? (?:over|above|from)|spend|code|points|versand|livraison|envio|prices?|bundle|guarantee|warranty|open|since|founded)\b"
)


_COSTS_EACH = re.compile(
    r"\s?(?:each|apiece|a ?piece|per (?:head|gift|person|customer|parcel|unit|item|piece|recipient)|pro (?:stuck|kopf|person|kunde)|par (?:personne|client|tete)|por (?:persona|cliente|cabeza)|chacune?|cada uno)\b"
)
"""What an offer costs: "a gift, not over 3 euros each"."""
_IN_MONTH = re.compile(
    r"(?:st|nd|rd|th|\.)?\s?(?:of )?(?:jan|feb|mar|apr|mai|may|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|fev|avr|juin|juil|aout|ene|abr|ago|dic)\w*\b"
)
"""Days of a month: "from 1 to 15 April"."""
_WISHED = re.compile(
    r"\b(?:so that|would like|'d like|want|wish|hope|should|shall|must|to) (?:that )?(?:them |they |everyone |each |people |customers )?(?:to |should )?(?:buy|order|purchase|spend|visit|come|return|add|choose)\b[^,;]{0,24}$"
)
"""What customers are wished to do: "we would like that they buy at least once"."""


_PEOPLE_BEFORE = re.compile(rf"\b(?:{who()}|parents|ladies|guys|adults)\s$")
_NO_NOUN = re.compile(
    r"\s*(?:$|[.,;:!?)]|\b(?:in|to|from|who|should|with|get|gets|living|and|that|deserve|must|will|only)\b)"
)
"""Before and after an age: "people over 65 should"."""


def _is_age(canvas: Canvas, value: Value) -> bool:
    aged = value.kind == "number" and 12 <= value.amount <= 99
    return (
        aged
        and _PEOPLE_BEFORE.search(canvas.folded[: value.start]) is not None
        and _NO_NOUN.match(canvas.folded, value.end) is not None
    )


_DOING = re.compile(rf"\b(?:{who()})\s(?:who|that|que|qui|die)\s[^,;:.]{{2,50}}$")


def _told_apart(canvas: Canvas, value: Value) -> bool:
    """Whether a bound in a clause with an offer still tells customers apart."""
    sentence = canvas.sentence(value.start)
    lead = canvas.folded[sentence.start : value.start]
    return _is_age(canvas, value) or _DOING.search(lead) is not None


def _about_customers(canvas: Canvas, value: Value) -> bool:
    """Whether an unread bound stands where conditions stand, and not in what is offered."""
    sentence = canvas.sentence(value.start)
    lead = canvas.folded[max(sentence.start, value.start - 70) : value.start]
    near = re.split(r"[,;:]", lead)[-1] + canvas.folded[value.start : value.end]
    after = canvas.folded[value.end : min(sentence.end, value.end + 24)]
    if _is_age(canvas, value):
        return True
    if re.search(r"\b(?:scores?|probability|rate|percentile)\b", near):
        return True
    if _OFFER.search(near) or _OFFER.search(after) or _COSTS_EACH.match(after):
        return False
    if value.kind == "number" and _IN_MONTH.match(after):
        return False
    if _WISHED.search(near):
        return False
    return not lead.strip() or _CUSTOMERS.search(lead) is not None or value.kind != "days"


def unread_values(
    canvas: Canvas,
    values: tuple[Value, ...],
    offers: Sequence[Span],
    claimed: list[tuple[int, int]],
) -> Iterator[Doubt]:
    """A value with a comparator that nothing has used, and that describes no offer."""
    used = {(v.kind, v.amount) for v in values if not canvas.is_open(v.start, v.end)}
    for value in values:
        if not value.stated or value.exact or not canvas.is_open(value.start, value.end):
            continue
        if {(value.kind, value.amount), ("money", value.amount)} & used:
            continue  # said again: "carts above ninety dollars ... the ones above ninety"
        if any(o.start <= value.start < o.end for o in offers) and not _told_apart(canvas, value):
            continue
        if any(s < value.end + 12 and value.start - 12 < e for s, e in claimed):
            continue
        if not _about_customers(canvas, value):
            continue
        start = max(canvas.sentence(value.start).start, value.start - 24)
        end = min(len(canvas.raw), value.end + 20)
        what = quoted(canvas, value.start, value.end)
        claimed.append((start, end))
        yield Doubt(value.start, value.end, f"What does {what} apply to?", "audience", 50)


_HEAD = re.compile(
    rf"\b(?:{who()})\s(?P<rel>who|that(?= (?:have|has|had|are|were|did|do|don't|never|like|love|own|want|live)\b)|whose|with|having|without)\s"
)
_CLAUSE_END = re.compile(
    r"[.;:!?,]|\b(?:so that|in order|should|shall|will|must|can|could|get|gets|receive|in an|by e-?mail|to (?!us\b|the\b|our\b)\w+|with (?:a|an|our|free|personal)|because|since they|then)\b"
)
_BENIGN = re.compile(
    r"^\W*(?:are|is|have|has|had|were|been|do|did|does|would|otherwise|will|may|might|also|still|already|currently|our|we|us|want|like|love|need|the|a|an|it|them|this|that|fit|qualify|receive|opt|suit|match|used|any|all|no|nothing|further|other|at|of|whatsoever|whatever|kind|sort|exceptions?|restrictions?|filters?|limits?|limitations?|conditions?|distinctions?|differences?|else|\W)*$"
)


_SHARE_OF = re.compile(
    r"\b(?:(?:\w+|\d+) (?:in|out of|of) (?:every )?(?:\w+|\d+)|\d+ ?%(?: of)?|percent(?: of)?|per cent(?: of)?|thousands of|hundreds of|dozens of|most|many|other|countless) (?:the |our |all )?$"
)
"""Before people who are told of as a proof: "nine in ten people who tried it"."""


_TOLD_OF = re.compile(
    r"(?:\b(?:is|are|was|were|being) (?:exactly )?(?:the|those|our) |\b(?:that|when|if|because|why|how|means) (?:a|an|any) )$"
)
"""Before people who are described and not chosen: "reviewers are the people who care"."""


def unread_clauses(canvas: Canvas, claimed: list[tuple[int, int]]) -> Iterator[Doubt]:
    """ "Customers who ..." where nothing of the clause was read."""
    for m in _HEAD.finditer(canvas.folded):
        end = _CLAUSE_END.search(canvas.folded, m.end())
        stop = min(end.start() if end else len(canvas.folded), m.end() + 90)
        clause = canvas.open[m.end() : stop]
        if Canvas.BLANK in clause or Canvas.BLANK in canvas.open[m.start("rel") : m.end()]:
            continue
        if any(s < stop and m.start() < e for s, e in claimed) or _BENIGN.match(clause):
            continue
        before = canvas.folded[: m.start()]
        if _SHARE_OF.search(before) or _TOLD_OF.search(before):
            continue
        if m["rel"] in ("with", "without", "that") and len(clause.split()) < 1:
            continue
        claimed.append((m.start(), stop))
        what = quoted(canvas, m.start(), stop)
        yield Doubt(
            m.start(), stop, f"How should {what} be read? No field was recognised.", "audience", 70
        )
