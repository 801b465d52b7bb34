"""The metric target: which metric, up or down, by how much, within what time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.objective import Direction, MetricTarget, Unit
from interpreter.offline.horizon import read_horizon
from interpreter.offline.metric_mentions import metric_mentions, units_sold, unnamed_metric
from interpreter.offline.target_value import HIGHER_IS_WORSE, Mention, target_amount
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value


@dataclass(frozen=True)
class Target:
    target: MetricTarget
    spans: tuple[tuple[int, int], ...] = ()
    question: str | None = None


def read_target(canvas: Canvas, values: Iterable[Value]) -> Target:
    """The metric that the brief itself names; everything null where it names none."""
    listed = list(values)
    best: Mention | None = None
    for mention in metric_mentions(canvas, listed):
        if (mention.direction or mention.labelled) and (
            best is None or mention.strength > best.strength
        ):
            best = mention
    sold = units_sold(canvas, listed)
    if sold is not None and (best is None or best.value is None):
        best = sold
    if best is None or best.value is None:
        best = unnamed_metric(canvas, listed) or best
    if best is None:
        return Target(MetricTarget())
    return _target(canvas, best, listed)


def _target(canvas: Canvas, mention: Mention, values: list[Value]) -> Target:
    metric, direction, value = mention.metric, mention.direction, mention.value
    spans = [(mention.start, mention.end)]
    amount: float | None = None
    unit: Unit | None = None
    question = None
    if direction is None:
        direction = Direction.DECREASE if metric in HIGHER_IS_WORSE else Direction.INCREASE
    if value is not None:
        spans.append((value.start, value.end))
        amount, unit, direction, question = target_amount(canvas, metric, value, direction)
        sentence = canvas.sentence(value.start)
    else:
        sentence = canvas.sentence(mention.start)
        if re.search(
            r"\bdoubl\w*\b(?! (?:\w+ )?(?:points?|stars?|stamps?|miles|rewards?|cashback|credits?))|verdoppel\w*|\bdupli\w*",
            canvas.folded[sentence.start : sentence.end],
        ):
            amount, unit = 100.0, Unit.PERCENT
        elif re.search(
            r"\bhalv(?:e|es|ing)\b|\bhalbier\w*", canvas.folded[sentence.start : mention.end]
        ):
            amount, unit = 50.0, Unit.PERCENT
    horizon = read_horizon(canvas, values, spans, sentence.start, sentence.end)
    for start, end in spans:
        canvas.take(start, end)
    return Target(
        MetricTarget(
            metric=metric, direction=direction, value=amount, unit=unit, horizon_days=horizon
        ),
        tuple(spans),
        question,
    )
