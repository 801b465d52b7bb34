"""Events and how long ago they were: "not bought in 60 days", "joined within the last week"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.customer import Schema
from interpreter.offline.dated import dated
from interpreter.offline.finding import Finding, compared
from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas
from interpreter.offline.values.comparators import late_comparator
from interpreter.offline.values.value import Value
from interpreter.offline.windows import AHEAD

_EVENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("days_since_last_purchase", words(
        r"(?:been )?(?:gone(?= (?:(?:for|since|quiet|silent)\b|<days>))|(?:left|missing|unseen)(?= (?:(?:us )?(?:for|since)\b|(?:us )?<days>))|out of touch|inactiv\w*|lapsed|dormant|(?:been |stayed |staying )?away(?! from)|(?:been )?absente?s?|ausentes?|abwesend|vanished|disappeared|silent|quiet|idle|asleep|inaktiv\w*|inactifs?|inactives?|inactiv[oa]s?|"
        r"no activity|stopped (?:buying|ordering|shopping)|gone without|sales?-?free)")),
    ("days_since_last_purchase", words(
        r"(?:last |latest |most recent |previous |recent |any |a single |new |letzte[nrs]? |derniere? |ultim[oa] )*"
        r"(?:bought|bougth|bougt|boght|buyed|buy|buying|buys|purchas\w*|order(?:ed|s|ing)?|booked|bookings?|(?:placed?|made?|put in|completed?) (?:an? |any |their |another |single )*(?:orders?|purchases?)|shop(?:ped|ping)?|spent|transact\w*|checked out|"
        r"gekauft|kauf\w*|bestell\w*|eingekauft|achet\w*|achats?|command\w*|compr(?:a|an|as|ar|ado|aron|an|o)|pedid\w*)"
        r"(?: (?:from us|with us|here|anything|something|again|a thing|at all))*")),
    ("days_since_last_seen", words(
        r"(?:last |latest |most recent |any |letzte[nrs]? |derniere? |ultim[oa] )*"
        r"(?:seen|visit(?:ed|s|ing)?|(?:come|comes|came|coming) (?:to|on|onto) (?:the|our) (?:web-?site|site|shop|store|app|page)|log(?:ged)?[ -]?ins?|signed in|been (?:on|to|back)|brows(?:ed|e|ing)|active|sessions?|"
        r"opened (?:the|our) app|(?:was|were|been|are|is) here|drop(?:ped)? (?:in|by)|turned up|looked in|popped (?:in|by)|stopped in|logged on|set foot|come around|been by|last login|shown up|shown their face|showed up|stopped by|come by|came by|appeared|in the shop|on (?:the|our) (?:site|website)|activity|"
        r"besuch\w*|gesehen|(?:da|hier|bei uns) (?:war|waren)|vorbei\w*|eingeloggt|aktiv|vus?|visite\w*|connecte\w*|visto|visitado|conectado|activ[oa]s)"
        r"(?: (?:us|our (?:site|shop|store|website)|the (?:site|shop|store|website)))?")),
    ("tenure_days", words(
        r"(?:joined|join(?:ing)?|sign(?:ed)?[- ]?ups?|signed up|regist\w+|creat\w+ (?:an|their) accounts?|opened (?:an|their) accounts?|accounts? (?:were |was |that were )?(?:created|opened|registered|made|set up)|creation dates?|"
        r"bec[ao]me (?:a )?(?:customers?|members?)|been (?:an? |our |registered )?(?:with us|around|on board|on our list|registered|signed up|loyal to us|customers?|members?|shopping with us|buying from us)|"
        r"(?:customers?|members?|clients?|buyers?|with us)(?= (?:for|since|of))|account|subscribed|acquired|"
        r"angemeldet|registriert|anmeldung|(?:kund\w+|bei uns)(?= seit)|inscrit\w*|inscription|clients?(?= depuis)|registrad\w*|client\w+(?= desde))")),
    ("days_since_cart_abandoned", words(
        r"(?:abandon\w*|left|bailed|gave up|given up|walked away|dropped out|broke off|cart|carts|basket|baskets|checkouts?|warenkorb\w*|paniers?|carritos?)")),
)  # fmt: skip
_IDLE = _EVENTS[0][1]
_NEGATIVE = re.compile(
    r"(?:\b(?:not|never|no|nothing|without|nicht|nichts|kein\w*|nie|ohne|pas|jamais|sans|aucune?|rien|nunca|sin|"
    r"ningun\w*|nada|haven't|hasn't|hadn't|havent|hasnt|didn't|didnt|don't|dont|failed|stopped|neither|zero|absent|missing)\b"
    r"|n't\b|\bno (?=h|c|s))"
)
_NOTHING = re.compile(r"\s?(?:nothing|not a thing|nichts|rien|nada)(?!\w)")
_AGO = re.compile(
    r"\s?(?:ago|in the past|back|earlier|old|or older|before(?! \w+ing)|since|have passed|has passed|after|vergangen|her\b)"
)
_ELAPSED_BEFORE = re.compile(
    r"(?:\b(?:vor|il y a|hace|older than|dates? back|lies|is|was|were|ligt|liegt|remonte\w* a|data de)\s?(?:about |more than )?)$"
)
_IDLE_AFTER = re.compile(
    r"\s?(?:without|with no|ohne|sans|sin) (?:an? |any |a single |eine |une? |una? )?(?:new |further )?(?:orders?|purchases?|visits?|activity|buying|ordering|bestellung|bestellen|kauf|kaufen|achat|acheter|commandes?|commander|pedidos?|pedir|compras?|comprar)(?!\w)"
)
_LAST_EVENT = re.compile(r"\b(?:last|latest|most recent|letzte\w*|derniere?|ultim[oa])\b")
_WINDOW_BEFORE = re.compile(
    r"(?:\b(?:in|within|during|over|for|since|inside|throughout|innerhalb|seit|dans|au cours|durant|pendant|depuis|"
    r"en|durante|desde hace|desde|im)\b[\s,]*)?(?:(?:der|den|des|the|les|los|las|a|of|at least|full|whole) )*"
    r"(?:(?:last|past|previous|preceding|recent|letzte[nrsm]?|vergangenen|derniere?s?|ultim[oa]s?|these) )*$"
)
_STOP = re.compile(
    r"[.;:!?\x00]|,? (?:and|but|or|und|aber|oder|et|mais|ou|y|pero|o) (?=who|have|has|that(?! was\b)|are|did|not|never|spent|with)"
)


_WISHED = re.compile(
    r"\b(?:should|to|must|shall|will|want|second|next|another|ought)\b[^,;]{0,24}$"
)


_CART = re.compile(
    r"\b(?:carts?|baskets?|bags?|trolleys?|check ?outs?|worth|behind|items?|goods|abandon\w*|unpaid|without paying)\b"
)


def _left_us(canvas: Canvas, m: re.Match[str], gap: str) -> bool:
    """Whether "left" is said of the shop ("left 3 months ago"), and not of a cart."""
    sentence = canvas.sentence(m.start())
    said = canvas.folded[sentence.start : sentence.end]
    return m.group() == "left" and gap.strip() in ("", "us") and _CART.search(said) is None


@dataclass(frozen=True)
class _Event:
    start: int
    end: int
    field: str
    idle: bool


def read_recency(canvas: Canvas, values: Iterable[Value], schema: Schema) -> list[Finding]:
    """Conditions on days since a purchase, a visit, joining or leaving a cart."""
    findings = []
    for value in values:
        if value.kind not in ("days", "date") or not canvas.is_open(value.start, value.end):
            continue
        if re.search(
            r"\b(?:every|each|per|alle|tous les|toutes les|cada)\s$", canvas.open[: value.start]
        ):
            continue  # a rhythm, not a time since
        if AHEAD.match(canvas.folded, value.end):
            continue
        event = _event_of(canvas, value)
        if event is None:
            continue
        finding = _finding(canvas, value, event, schema, values)
        if finding is not None:
            canvas.take(finding.start, finding.end)
            findings.append(finding)
    return findings


def _event_of(canvas: Canvas, value: Value) -> _Event | None:
    sentence = canvas.sentence(value.start)
    best: tuple[int, _Event] | None = None
    for rank, (field, pattern) in enumerate(_EVENTS):
        for m in pattern.finditer(canvas.open, sentence.start, sentence.end):
            if m.end() <= value.start:
                gap = canvas.open[m.end() : value.start]
                if len(gap) > 60 or _STOP.search(gap):
                    continue
                distance = len(gap)
            elif m.start() >= value.end:
                gap = canvas.open[value.end : m.start()]
                if len(gap) > 28 or _STOP.search(gap) or not _follows(gap):
                    continue
                distance = len(gap) + 4
            else:
                continue
            if field == "tenure_days" and re.search(
                r"\bnot|n't", canvas.open[max(0, m.start() - 12) : m.start()]
            ):
                continue
            if field == "days_since_cart_abandoned":
                if _left_us(canvas, m, gap):
                    continue
                distance -= 1
            score = distance * 10 + rank
            if best is None or score < best[0]:
                best = (score, _Event(m.start(), m.end(), field, pattern is _IDLE))
    return best[1] if best else None


def _follows(gap: str) -> bool:
    return bool(
        re.fullmatch(
            r"[\s,]*(?:(?:ago|since|without|of|after|from|with|that|they|have|has|not|no|the|their|a|an|any|making|placing|"
            r"last|latest|most recent|as|been|nicht|keine?n?|nichts|mehr|etwas|ohne|der|dem|ihre[rm]?|sans|un|une|sin|una|ninguna?|"
            r"having|gone|passed|by|we|saw|did|before|who|were|was|haven't|hasn't|bei uns|uns|sich|beim|noch|their first|first|letzten?|"
            r"customers?|members?)[\s,]*)*",
            gap,
        )
    )


def _finding(
    canvas: Canvas, value: Value, event: _Event, schema: Schema, values: Iterable[Value]
) -> Finding | None:
    field = schema.get(event.field)
    if field is None:
        return None
    first = min(event.start, value.start)
    left = max(canvas.sentence(first).start, first - 32)
    lead = canvas.open[left : max(event.start, left)] if event.end <= value.start else ""
    lead = re.split(r"[,.;:\x00]|\b(?:and|but|who|that|und|die|qui|que)\b", lead)[-1]
    between = canvas.open[min(event.end, value.end) : max(event.start, value.start)]
    negative = event.idle or _negative(lead, between, canvas.open[event.start : event.end])
    start, end = first, max(event.end, value.end)
    if (nothing := _NOTHING.match(canvas.open, end)) is not None and event.end == end:
        negative, end = True, nothing.end()
    if negative and not event.idle:
        m = list(_NEGATIVE.finditer(canvas.open, left, end))
        start = min([start, *(n.start() for n in m if n.start() >= start - len(lead) - 3)])
    if (
        not negative
        and _WISHED.search(lead)
        and not _LAST_EVENT.search(canvas.open[max(0, event.start - 12) : event.end])
    ):
        return None
    if value.kind == "date":
        return dated(canvas, value, event.field, negative, start, end, values)
    after = _AGO.match(canvas.open, value.end)
    before = canvas.open[: value.start]
    if after is not None:
        end = max(end, after.end())
    value, end = late_comparator(value, canvas.open, end)
    if (idle := _IDLE_AFTER.match(canvas.open, end)) is not None:
        end = idle.end()
    noun = _LAST_EVENT.search(canvas.open[max(0, event.start - 12) : event.end]) is not None
    elapsed = after is not None or (
        _ELAPSED_BEFORE.search(before) is not None
        and (noun or "vor" in before[-8:] or "hace" in before[-8:] or "il y a" in before[-8:])
    )
    old = elapsed or negative or _since_joining(event, before)
    if noun and not negative and not elapsed:
        old = value.stated and not re.search(
            r"\b(?:within|in|during|innerhalb|dans|en)\s(?:the )?(?:last |past )?$", before[-24:]
        )
    window = value
    if not value.stated or (value.exact and value.low == value.amount):
        window = replace(value, low=value.amount) if old else replace(value, high=value.amount)
        window = replace(window, high=None) if old else replace(window, low=None)
    elif negative and value.high is not None and value.low is None:
        window = replace(value, low=value.amount, high=None, high_open=False)
    gap = canvas.open[event.end : value.start] if event.end <= value.start else ""
    if (
        gap
        and not negative
        and not _trivial(gap)
        and event.field == "days_since_last_purchase"
        and not noun
    ):
        window_start = _WINDOW_BEFORE.search(before)
        start = window_start.start() if window_start else value.start
    return Finding(start, end, compared(field, window))


def _negative(lead: str, between: str, event: str) -> bool:
    return any(_NEGATIVE.search(text) for text in (lead, between, event))


def _since_joining(event: _Event, before: str) -> bool:
    return event.field == "tenure_days" and re.search(
        r"\b(?:for|since|of|seit|depuis|desde(?: hace)?)\s(?:the |at least )?$", before
    ) is not None  # fmt: skip


def _trivial(gap: str) -> bool:
    return (
        re.fullmatch(
            r"[\s,]*(?:(?:from us|with us|here|again|anything|something|at least once|once|in|within|during|over|for|since|the|last|past|"
            r"previous|was|is|were|lies|of|a|an|order|purchase|products?|items?|our (?:site|shop|store|website)|their|den|der|die|les|los|"
            r"letzten|vergangenen|derniers?|dernieres?|ultimos|ultimas|im|dans|en|innerhalb|online|more recently than|not|place\w*|made|make|us|any|recently|seit|depuis|desde|hace)[\s,]*)*",
            gap,
        )
        is not None
    )
