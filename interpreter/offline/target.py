"""The metric target: which metric, up or down, by how much, within what time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.objective import Direction, Metric, MetricTarget, Unit
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import KINDS, Value

_UP = (
    r"increas\w*|rais\w*|lift\w*|boost\w*|grow(?:s|n|th|ing)?|improv\w*|push\w*|driv\w*|maximi[sz]\w*|higher|more|up|uplift|gain\w*|"
    r"doubl\w*|tripl\w*|climb\w*|ris(?:e|es|ing)|rose|better|plus|add(?:s|ing|itional)?|extra|go(?:es)? up|\+|another|bigger|larger|stronger|strengthen\w*|"
    r"steiger\w*|erhoh\w*|steigen|verbesser\w*|hoher\w*|mehr|wachsen|anheben|zunehmen|"
    r"augment\w*|amelior\w*|accroitre|hausse|relever|doper|gagner|aument\w*|sub(?:ir|a|an)|mejor\w*|increment\w*|elev\w*|crec\w*"
)
_DOWN = (
    r"reduc\w*|lower\w*|cut(?:s|ting)?|decreas\w*|drop\w*|down|minus|fall\w*|shrink\w*|less|fewer|bring\w* down|curb\w*|diminish\w*|decline\w*|"
    r"senk\w*|verringer\w*|reduzier\w*|sinken|niedriger\w*|weniger|redu(?:ire|isent|it|ction)|baiss\w*|diminu\w*|reduc\w*|baj(?:ar|e|en)|disminu\w*"
)
_CHANGE = re.compile(
    rf"(?<![\w])(?P<up>{_UP})(?!\w)|(?<![\w])(?P<down>{_DOWN})(?!\w)|(?P<sign>(?<![\w])[+-](?=[{''.join(KINDS.values())}]))"
)
_LABEL = re.compile(
    r"\b(?:goals?|objectives?|targets?|aims?|kpis?|metrics?|measured? (?:by|in|as|on)|success|focus|priority|ziel\w*|objectifs?|objetivos?|meta|judged by|looking (?:for|at))\b"
)
_SELL = words(
    r"(?:sell|sold|selling|move|shift|clear|offload|verkauf\w*|abverkauf\w*|ecouler|vendre|vender|liquidar)(?: (?:off|out|through|the|our|all|at least|another|these|those|final|last|remaining|leftover|rest|of|old|up to|additional|further|more|some|die|letzten|les|dernier\w*|las|los|ultim\w*))*\s(?P<n><number>)(?: (?!customers|people|percent|orders)[\w'-]+){0,4}?"
)
_SOLD = words(
    r"(?P<n><number>)(?: [\w'-]+){0,4}? (?:(?:are|be|get|is|need to be|must be|should be|to be|have been|been) )?(?:sold|gone|shifted|cleared|out (?:of )?the door|verkauft|vendus|vendid[oa]s)"
)
_COUNTED = words(
    r"(?P<n><number>)(?: \w+)? (?:units|pieces|copies|stuck|unites|exemplaires|unidades)"
)
_HORIZON = words(
    r",?\s?(?:(?:within|in|over|during|after|by|for|inside|until|innerhalb(?: von)?|binnen|dans|en|sur|d'ici|durante|en un plazo de)\s)(?:the |a |den |der |die |les |los |las )?(?:end of the )?(?:(?:next|coming|following|first|nachsten|kommenden|prochaine?s?|proxim[oa]s?) )*(?P<d><days>)"
)
_NEXT = words(
    r"(?:the )?(?:next|coming|following|nachste[nr]?|kommende[nr]?|prochaine?s?|proxim[oa]s?) (?P<d><days>)|(?P<d2><days>) (?:from now|from launch|after (?:the )?(?:launch|start|campaign))"
)
_HIGHER_IS_WORSE = frozenset({Metric.CHURN_RATE})
_MONEY = frozenset({Metric.AVERAGE_ORDER_VALUE, Metric.REVENUE, Metric.LIFETIME_VALUE})
_RATES = frozenset(
    {
        Metric.CONVERSION_RATE,
        Metric.RETENTION_RATE,
        Metric.CHURN_RATE,
        Metric.CART_RECOVERY_RATE,
        Metric.REACTIVATION_RATE,
        Metric.CLICK_THROUGH_RATE,
        Metric.OPEN_RATE,
    }
)


@dataclass(frozen=True)
class Target:
    target: MetricTarget
    spans: tuple[tuple[int, int], ...] = ()
    question: str | None = None


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    metric: Metric
    direction: Direction | None
    value: Value | None
    labelled: bool

    @property
    def strength(self) -> tuple[bool, bool, bool, int]:
        return (
            self.value is not None,
            self.direction is not None,
            self.labelled,
            self.end - self.start,
        )


def read_target(canvas: Canvas, values: Iterable[Value]) -> Target:
    """The metric that the brief itself names; everything null where it names none."""
    listed = list(values)
    best: _Mention | None = None
    for mention in _mentions(canvas, listed):
        if (mention.direction or mention.labelled) and (
            best is None or mention.strength > best.strength
        ):
            best = mention
    sold = _sold(canvas, listed)
    if sold is not None and (best is None or best.value is None):
        best = sold
    if best is None:
        return Target(MetricTarget())
    return _target(canvas, best, listed)


def _mentions(canvas: Canvas, values: list[Value]) -> Iterable[_Mention]:
    found: list[tuple[int, int, Metric]] = []
    for name, pattern in data("metrics").items():
        for m in canvas.find(words(pattern)):
            if m.group().strip():
                found.append((m.start(), m.end(), Metric(name)))
    found = [
        f for f in found
        if not any(o is not f and o[0] <= f[0] and f[1] <= o[1] and (o[1] - o[0]) > (f[1] - f[0]) for o in found)
    ]  # fmt: skip
    for start, end, metric in sorted(found):
        sentence = canvas.sentence(start)
        left = canvas.open[max(sentence.start, start - 60) : start]
        right = canvas.open[end : min(sentence.end, end + 170)]
        left = (
            re.split(
                r"[;\x00]|\b(?:who|whose|customers with|that have|and|but|for (?:customers|people|all|those|the)|among)\b",
                left,
            )[-1]
            if not re.search(r"by\s\S+\s*(?:in|of)?\s*$", left)
            else left
        )
        if _is_condition(left, right) or _beside_bound(canvas, values, start, end, left):
            continue
        right = re.split(
            r"[;\x00]|\b(?:who|whose|for (?:customers|people|those)|among|of (?:customers|people|those)|but|while|since|because|with)\b(?!.{0,140}\b(?:should|must|needs? to|has to|have to|shall|ought)\b)",
            right,
        )[0]
        change, _near = _change(left, right)
        value = _value_near(
            canvas, values, start, end, sentence.start, sentence.end, change is not None
        )
        if value is not None and change is None and value.stated and not value.is_range:
            continue
        labelled = _LABEL.search(canvas.folded[max(0, start - 40) : start]) is not None
        if (
            change is None
            and value is not None
            and value.is_range
            and canvas.folded.startswith(("from", "von", "de "), value.start)
        ):
            change = Direction.INCREASE
        if (
            change is None
            and value is not None
            and re.search(r"\b(?:by|from|um|de|en)\s$|[+]$", canvas.open[: value.start])
        ):
            change = Direction.INCREASE
        yield _Mention(start, end, metric, change, value if change else None, labelled)


def _is_condition(left: str, right: str) -> bool:
    """An audience condition ("with an average order value below ...") and no target."""
    value = "".join(KINDS.values())
    if re.search(
        r"\b(?:top|bottom|best|lowest|highest|upper)\b.{0,40}\b(?:by|in|for)\s(?:the |their )?$",
        left,
    ):
        return True
    return (
        re.search(
            r"\b(?:with|whose|having|customers|people|by|their|of|predicted)\s(?:an? |the |their )?$",
            left,
        )
        is not None
        and re.match(rf"\s?(?:is |are |of |in |at )*(?:\x00|[{value}])", right) is not None
        and not _CHANGE.search(left)
        and not re.search(r"\bby\s$", left)
    )


def _beside_bound(canvas: Canvas, values: list[Value], start: int, end: int, left: str) -> bool:
    """Whether a comparator belongs to the mention ("AOV below 30", ">3 sessions"): a condition."""
    if _CHANGE.search(left):
        return False
    for value in values:
        level = canvas.folded.startswith(("from", "von", "de "), value.start)
        if not value.stated or level:
            continue
        gap = canvas.open[end : value.start] if value.start >= end else "?"
        if re.fullmatch(r"\s?(?:is |are |of |in |at |lies |: )*", gap):
            return True
        if value.end <= start <= value.end + 1 and value.kind == "number":
            return True
    return False


def _change(left: str, right: str) -> tuple[Direction | None, int]:
    best: tuple[int, Direction] | None = None
    for m in _CHANGE.finditer(left):
        distance = len(left) - m.end()
        if best is None or distance < best[0]:
            best = (distance, _direction(m))
    for m in _CHANGE.finditer(right):
        distance = m.start() + 3
        if best is None or distance < best[0]:
            best = (distance, _direction(m))
        break
    return (best[1], best[0]) if best else (None, 0)


def _direction(m: re.Match[str]) -> Direction:
    if m["down"] or m["sign"] == "-":
        return Direction.DECREASE
    return Direction.INCREASE


def _value_near(
    canvas: Canvas, values: list[Value], start: int, end: int, left: int, right: int, changed: bool
) -> Value | None:
    best: tuple[float, Value] | None = None
    for value in values:
        if value.kind in ("days", "date", "seconds") or not canvas.is_open(value.start, value.end):
            continue
        if value.start >= end and value.end <= right:
            gap = canvas.open[end : value.start]
            distance = len(gap) * 1.0
        elif value.end <= start and value.start >= left:
            gap = canvas.open[value.end : start]
            distance = len(gap) * 1.0
            if re.match(
                r"\s?(?:discount|off|coupon|voucher|cashback|rabatt|remise|descuento)", gap
            ):
                continue
        else:
            continue
        if "\x00" in gap and len(gap) > 20 and not changed:
            continue
        far = re.search(
            r"\b(?:should|must|needs? to|has to|have to|shall|ought to|will)\b.{0,24}\b(?:by|from|um|about)\s$",
            canvas.open[: value.start][-60:],
        )
        if distance > (190 if far else 70) or re.search(r"[.;!?]\s", gap):
            continue
        lead = canvas.open[max(0, value.start - 14) : value.start]
        by = re.search(r"(?:\b(?:by|plus|minus|up|down|um|another|from|per|of)|[+-])\s?$", lead)
        level = value.is_range and canvas.folded[value.start :].startswith(("from", "von", "de "))
        if value.stated and not level and not by and not (0 <= value.start - end < 16 and changed):
            continue
        if (
            value.kind == "number"
            and not by
            and not level
            and (value.start < end or value.start - end > 4)
        ):
            continue
        if re.search(
            r"(?:\bby|\+|plus|minus|up|down|um|from|de|en|another|-|increase|to|of|at least)\s?$",
            lead,
        ):
            distance -= 40
        if re.match(
            r"\s?(?:discount|off\b|coupon|voucher|cashback|rabatt|nachlass|gutschein|de remise|de descuento|gift|points\b|customers|people|recipients|budget)",
            canvas.open[value.end :],
        ):
            continue
        if best is None or distance < best[0]:
            best = (distance, value)
    return best[1] if best else None


def _sold(canvas: Canvas, values: list[Value]) -> _Mention | None:
    by_start = {value.start: value for value in values}
    for pattern in (_SELL, _SOLD, _COUNTED):
        for m in canvas.find(pattern):
            value = by_start.get(m.start("n"))
            if value is not None:
                return _Mention(
                    m.start("n"), m.end(), Metric.UNITS_SOLD, Direction.INCREASE, value, True
                )
    return None


def _target(canvas: Canvas, mention: _Mention, values: list[Value]) -> Target:
    metric, direction, value = mention.metric, mention.direction, mention.value
    spans = [(mention.start, mention.end)]
    amount: float | None = None
    unit: Unit | None = None
    question = None
    if direction is None:
        direction = Direction.DECREASE if metric in _HIGHER_IS_WORSE else Direction.INCREASE
    if value is not None:
        spans.append((value.start, value.end))
        amount, unit, direction, question = _amount(canvas, metric, value, direction)
        sentence = canvas.sentence(value.start)
    else:
        sentence = canvas.sentence(mention.start)
        if re.search(
            r"\bdoubl\w*|verdoppel\w*|\bdupli\w*", canvas.folded[sentence.start : sentence.end]
        ):
            amount, unit = 100.0, Unit.PERCENT
    horizon = _horizon(canvas, values, spans, sentence.start, sentence.end)
    for start, end in spans:
        canvas.take(start, end)
    return Target(
        MetricTarget(
            metric=metric, direction=direction, value=amount, unit=unit, horizon_days=horizon
        ),
        tuple(spans),
        question,
    )


def _amount(
    canvas: Canvas, metric: Metric, value: Value, direction: Direction
) -> tuple[float | None, Unit | None, Direction, str | None]:
    level = value.is_range and canvas.folded[value.start : value.end].startswith(
        ("from", "von", "de ")
    )
    reached = (
        not value.is_range
        and re.search(
            r"\b(?:to|reach|auf|a|at|hit|above|over)\s(?:the )?$",
            canvas.open[max(0, value.start - 10) : value.start],
        )
        is not None
        and not re.search(r"\bup to\s$", canvas.open[max(0, value.start - 8) : value.start])
    )
    kind = value.kind
    if kind == "percent":
        unit = Unit.PERCENTAGE_POINTS if level and metric in _RATES else Unit.PERCENT
    elif kind == "points":
        unit = Unit.PERCENTAGE_POINTS
    elif kind == "money" or (kind == "number" and metric in _MONEY):
        unit = Unit.CURRENCY
    elif metric in _RATES and kind == "number":
        unit = Unit.PERCENT
    else:
        unit = Unit.COUNT
    if level:
        assert value.second is not None
        first, last = value.amount, value.second
        if first > last:
            return first - last, unit, Direction.DECREASE, None
        text = canvas.folded[value.start : value.end]
        return round(last - first, 9), unit, _downward(canvas, text, direction), None
    if value.is_range:
        return None, None, direction, "The target is a range: which value should count?"
    if (
        reached
        and metric is not Metric.UNITS_SOLD
        and not (value.kind == "number" and metric not in _MONEY | _RATES)
    ):
        name = metric.value.replace("_", " ")
        return None, None, direction, f"The target is a level: what is the {name} today?"
    return value.amount, unit, direction, None


def _downward(canvas: Canvas, text: str, direction: Direction) -> Direction:
    return direction


def _horizon(
    canvas: Canvas, values: list[Value], spans: list[tuple[int, int]], left: int, right: int
) -> int | None:
    by_start = {value.start: value for value in values}
    for pattern, scope in ((_NEXT, (0, len(canvas.raw))), (_HORIZON, (left, right))):
        for m in pattern.finditer(canvas.open, *scope):
            group = "d" if m["d"] else "d2"
            value = by_start.get(m.start(group))
            if value is None or re.match(r"\s?(?:ago|without|of)\b", canvas.open[m.end() :]):
                continue
            if re.search(r"\b(?:last|past|previous)\b", m.group()):
                continue
            if pattern is _HORIZON and _belongs_elsewhere(canvas, m.start(), left):
                continue
            spans.append((m.start(), m.end()))
            days = int(value.amount)
            return days if 0 < days <= 3650 else None
    return None


def _belongs_elsewhere(canvas: Canvas, position: int, left: int) -> bool:
    """A window right after what customers did ("bought in 30 days") is no horizon."""
    lead = canvas.open[left:position]
    return re.search(
        r"(?:\b(?:not|n't|never|no)\b[^,;:]{0,40}|\b(?:who|that|have|has)\b[^,;:]{0,20})\b(?:bought|ordered|purchased?|visited|seen|joined|signed up|registered|logged in|orders?|active|abandoned)(?: \w+)?\s?$",
        lead,
    ) is not None  # fmt: skip
