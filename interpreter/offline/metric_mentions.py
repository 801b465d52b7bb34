"""Where a brief names a metric, with the change and the value that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.objective import Direction, Metric
from interpreter.offline.lexicon import data, who, words
from interpreter.offline.target_value import Mention, value_near
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import KINDS, Value

_UP = (
    r"increas\w*|rais\w*|lift\w*|boost\w*|grow(?:s|n|th|ing)?|improv\w*|push\w*|driv\w*|maximi[sz]\w*|higher|more|up|uplift|gain\w*|"
    r"doubl\w*|tripl\w*|climb\w*|ris(?:e|es|ing)|rose|better|plus|add(?:s|ing|itional)?|extra|go(?:es)? up|\+|another|bigger|larger|stronger|strengthen\w*|"
    r"steiger\w*|erhoh\w*|steigen|verbesser\w*|hoher\w*|mehr|wachsen|anheben|zunehmen|"
    r"mas(?= de (?:ticket|cesta|valor|pedido|ventas))|augment\w*|amelior\w*|accroitre|hausse|relever|doper|gagner|aument\w*|sub(?:ir|a|an)|mejor\w*|increment\w*|elev\w*|crec\w*"
)
_DOWN = (
    r"reduc\w*|lower\w*|cut(?:s|ting)?|decreas\w*|drop\w*|down|minus|fall\w*|shrink\w*|less|fewer|bring\w* down|halv\w+|curb\w*|diminish\w*|decline\w*|"
    r"senk\w*|halbier\w*|verringer\w*|reduzier\w*|sinken|niedriger\w*|weniger|redu(?:ire|isent|it|ction)|baiss\w*|diminu\w*|reduc\w*|baj(?:ar|e|en)|disminu\w*"
)
CHANGE = re.compile(
    rf"(?<![\w])(?!drop-?outs?\b)(?P<up>{_UP})(?!\w)|(?<![\w])(?P<down>{_DOWN})(?!\w)|(?P<sign>(?<![\w])[+-](?=[{''.join(KINDS.values())}]))"
)
LABEL = re.compile(
    r"\b(?:goals?|objectives?|targets?|aims?|kpis?|metrics?|measured? (?:by|in|as|on)|success|focus|priority|ziel\w*|objectifs?|objetivos?|meta|judged by|looking (?:for|at))\b"
)


_SELL = words(
    r"(?:sell|sold|selling|move|shift|clear|offload|verkauf\w*|abverkauf\w*|ecouler|vendre|vender|liquidar)(?: (?:off|out|through|the|our|all|at least|another|these|those|final|last|remaining|leftover|rest|of|old|up to|additional|further|more|some|die|letzten|les|dernier\w*|las|los|ultim\w*))*\s(?P<n><number>)(?: (?!customers|people|percent|orders)[\w'-]+){0,4}?"
)
_SOLD = words(
    r"(?P<k><number>)(?: (?!customers|people|percent|orders?|purchases?|days)[\w'-]+){1,3}? (?:to (?:shift|sell|clear|move|get rid of|offload|place)|(?:that |which )?(?:need|needs|have|must|want) (?:to )?(?:go|be gone|be sold|selling|a (?:home|buyer)|new owners))\b|(?P<n><number>)(?: [\w'-]+){0,4}? (?:(?:are|be|get|is|need to be|must be|should be|to be|have been|been) )?(?:sold|gone|shifted|cleared|out (?:of )?the door|verkauft|vendus|vendid[oa]s)"
)
_COUNTED = words(
    r"(?:remaining|leftover|left-over|unsold|surplus|excess) (?P<k><number>) (?!customers|people|days|weeks|per)\w+|(?<!pick )(?<!picks )(?<!picked )(?<!choose )(?<!chooses )(?<!select )(?<!selects )(?<!suggest )(?<!suggests )(?P<n><number>)(?: \w+)? (?:units|pieces|pcs|copies|stuck|unites|exemplaires|unidades)"
)


def metric_mentions(canvas: Canvas, values: list[Value]) -> Iterable[Mention]:
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
                rf"[;/\x00]|\b(?:who|whose|where|(?:{who()}) (?:with|having)|that have|and|but|for (?:customers|people|all|those|the)|among)\b",
                left,
            )[-1]
            if not re.search(r"by\s\S+\s*(?:in|of)?\s*$", left)
            else left
        )
        if _SEGMENT.search(canvas.folded[sentence.start : start]):
            continue
        if _is_condition(left, right) or _beside_bound(canvas, values, start, end, left):
            continue
        right = re.split(
            r"[;/\x00]|\b(?:who|whose|for (?:customers|people|those)|among|of (?:customers|people|those)|but|while|since|because|with)\b(?!.{0,140}\b(?:should|must|needs? to|has to|have to|shall|ought)\b)",
            right,
        )[0]
        change, _near = change_near(left, right)
        value = value_near(
            canvas, values, start, end, sentence.start, sentence.end, change is not None
        )
        if value is None and change is None:
            value = _in_next_sentence(canvas, values, sentence.end)
        if value is not None and change is None and value.stated and not value.is_range:
            continue
        if change is None and (more := CHANGE.search(canvas.folded, start, end)) and more["up"]:
            change = Direction.INCREASE  # "visit us more often", "extra revenue"
        labelled = LABEL.search(canvas.folded[max(0, start - 40) : start]) is not None
        if change is None and value is not None and value.is_range and value.move != "":
            change = Direction.INCREASE
        if (
            change is None
            and value is not None
            and re.search(r"\b(?:by|from|um|de|en)\s$|[+]$", canvas.open[: value.start])
        ):
            change = Direction.INCREASE
        yield Mention(start, end, metric, change, value if change else None, labelled)


_SEGMENT = re.compile(
    r"\b(?:segments?|audience|cohorts?|who|target (?:group|audience)|filters?|conditions?|criteria|zielgruppe|cible|publico)\s?[:=][^;.]*$"
)


_SIGNED = re.compile(
    r"\W*(?:(?:goals?|objectives?|targets?|aims?|kpis?|ziel|objectifs?|objetivos?|we want|plan)\s?:?\s?)?(?:\+|plus|up)\s?"
)


def _in_next_sentence(canvas: Canvas, values: list[Value], position: int) -> Value | None:
    """A step that the sentence after the metric opens with: "Open rate is poor. 18 to 24%." """
    for value in values:
        gap = canvas.open[position : value.start]
        if value.start < position:
            continue
        signed = value.kind in ("points", "percent") and _SIGNED.fullmatch(gap)
        if (value.move and not gap.strip()) or signed:
            return value
        return None
    return None


_TIMES = ("days", "date", "seconds")
"""Kinds of values that no metric has: beside one, they are its horizon."""


def _is_condition(left: str, right: str) -> bool:
    """An audience condition ("with an average order value below ...") and no target."""
    value = "".join(mark for kind, mark in KINDS.items() if kind not in _TIMES)
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
        and not CHANGE.search(left)
        and not re.search(r"\bby\s$", left)
    )


def _beside_bound(canvas: Canvas, values: list[Value], start: int, end: int, left: str) -> bool:
    """Whether a comparator belongs to the mention ("AOV below 30", ">3 sessions"): a condition."""
    if CHANGE.search(left):
        return False
    for value in values:
        level = value.move != ""
        if not value.stated or level or value.kind in _TIMES:
            continue
        gap = canvas.open[end : value.start] if value.start >= end else "?"
        if re.fullmatch(r"\s?(?:is |are |of |in |at |lies |: )*", gap):
            return True
        if value.end <= start <= value.end + 1 and value.kind == "number":
            return True
    return False


def change_near(left: str, right: str) -> tuple[Direction | None, int]:
    best: tuple[int, Direction] | None = None
    for m in CHANGE.finditer(left):
        distance = len(left) - m.end()
        if best is None or distance < best[0]:
            best = (distance, _direction(m))
    for m in CHANGE.finditer(right):
        distance = m.start() + 3
        if best is None or distance < best[0]:
            best = (distance, _direction(m))
        break
    return (best[1], best[0]) if best else (None, 0)


def _direction(m: re.Match[str]) -> Direction:
    if m["down"] or m["sign"] == "-":
        return Direction.DECREASE
    return Direction.INCREASE


_MORE_ORDERS = words(
    r"(?:(?P<n><number>) (?:more|additional|extra|further) (?:orders?|purchases?)|(?P<m><number>) (?:orders?|purchases?) more)(?= (?:per|a|each|every|in) )"
)
_REMARK = words(
    r"(?:spend|spends|spending|order|orders|basket|average)(?: (?:only|barely|just|around|about|some|of|for|roughly|worth))* (?:<money>|<number>) (?:an|per|each|a|every) (?:order|purchase|basket|go|time)"
)
_THAT = words(
    r"(?:that|this|it|which)(?: \w+){0,3}? (?:up|climb|rise|grow|higher|increase|lifted|raised|go up)\w*(?: \w+)? by (?P<v><percent>|<money>|<number>)"
)


_PER_ORDER = re.compile(
    r"\b(?:orders?|baskets?|carts?|tickets?|bills?|receipts?|average|per purchase|einkauf|bestellung|warenkorb|commande|panier|pedido|cesta)\b"
)
"""What a step between two sums is about, where no metric is named: "order must become bigger, from
40 to 46 euros"."""


_WORTH = re.compile(
    r"\b(?:worth|valued at|holding|containing|wert|d'une valeur de|por valor de)\s$"
)
"""Before two sums that bound what carts hold."""


def unnamed_metric(canvas: Canvas, values: list[Value]) -> Mention | None:
    """A metric in other words: "one order more a year"; "they spend 30 an order, push that up by
    10%"."""
    by_start = {value.start: value for value in values}
    for m in canvas.find(_MORE_ORDERS):
        value = by_start.get(m.start("n") if m["n"] else m.start("m"))
        if value is not None and not value.stated:
            return Mention(
                m.start(), m.end(), Metric.PURCHASE_FREQUENCY, Direction.INCREASE, value, True
            )
    for m in canvas.find(_REMARK):
        change = _THAT.search(canvas.open, m.end())
        value = by_start.get(change.start("v")) if change else None
        if change is not None and value is not None:
            return Mention(
                change.start(),
                change.end(),
                Metric.AVERAGE_ORDER_VALUE,
                Direction.INCREASE,
                value,
                True,
            )
    for value in values:
        if (
            value.kind == "money"
            and value.move
            and canvas.is_open(value.start, value.end)
            and _PER_ORDER.search(canvas.folded[: value.start][-90:])
            and not _WORTH.search(canvas.folded[: value.start])
        ):
            return Mention(
                value.start,
                value.end,
                Metric.AVERAGE_ORDER_VALUE,
                Direction.INCREASE,
                value,
                True,
            )
    return None


def units_sold(canvas: Canvas, values: list[Value]) -> Mention | None:
    by_start = {value.start: value for value in values}
    for pattern in (_SELL, _SOLD, _COUNTED):
        for m in canvas.find(pattern):
            group = "n" if m.groupdict().get("n") else "k"
            value = by_start.get(m.start(group))
            if value is not None:
                return Mention(
                    m.start(group), m.end(), Metric.UNITS_SOLD, Direction.INCREASE, value, True
                )
    return None
