"""The review that every objective passes, whoever made it: a reader, an LLM or a person.

What does not fit the vocabulary, the catalogue or the customer schema is taken out and asked;
nothing is mended by guessing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.criteria import EVERYONE, AllOf, Condition, Expression, Op, conditions, to_json
from domain.customer import Schema
from domain.errors import AetherError
from domain.objective import (
    Budget,
    CampaignGoal,
    CampaignObjective,
    Direction,
    Metric,
    MetricTarget,
    TargetBehavior,
    Unit,
)
from domain.parsing import parse
from domain.triggers import Channel, TriggerCatalogue
from interpreter.offline.text import fold
from interpreter.question import Question

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Reviewed:
    """A checked objective; its clarifications are those it came with and the new questions."""

    objective: CampaignObjective
    questions: tuple[Question, ...]


def review(
    raw: Mapping[str, Any],
    schema: Schema,
    catalogue: TriggerCatalogue,
    *,
    questions: Sequence[Question] = (),
    evidence: Sequence[str | None] | None = None,
) -> Reviewed:
    """The objective that `raw` (its JSON form) describes, as far as it is sound.

    `evidence` gives for each top-level member of the audience the words of the brief that say
    it; a member whose words are not in the brief is dropped and asked. Without `evidence` (an
    objective edited by hand, or a reader that keeps its own spans) that check is left out.
    """
    asked: list[Question] = []
    target = raw.get("metric_target") or {}
    excluded = _triggers(raw.get("excluded_interventions"), catalogue, asked)
    allowed = tuple(
        key
        for key in _triggers(raw.get("allowed_interventions"), catalogue, asked)
        if key not in excluded
    )
    proposed = next(iter(_triggers([raw.get("proposed_intervention")], catalogue, asked)), None)
    if proposed is not None and proposed in excluded:
        name = catalogue[proposed].name
        asked.append(
            Question(f"{name} is both proposed and excluded: which?", (), "proposed_intervention")
        )
        proposed = None
    audience = _audience(raw.get("audience"), raw.get("brief") or "", schema, evidence, asked)
    asked += _contradictions(audience, schema)
    every = _once([*questions, *asked])
    brief = str(raw.get("brief") or "")[:20_000]
    objective = CampaignObjective(
        campaign_goal=_choice(CampaignGoal, raw.get("campaign_goal"), "campaign_goal", asked),
        target_behavior=_choice(
            TargetBehavior, raw.get("target_behavior"), "target_behavior", asked
        ),
        metric_target=_metric_target(target, asked),
        proposed_intervention=proposed,
        intervention_type=catalogue[proposed].type if proposed else None,
        allowed_interventions=allowed,
        excluded_interventions=excluded,
        audience=audience,
        channel=_choice(Channel, raw.get("channel"), "channel", asked),
        budget=_budget(raw.get("budget"), asked),
        max_customers=_whole(raw.get("max_customers"), "max_customers", asked),
        brief=brief,
        assumptions=tuple(str(text) for text in raw.get("assumptions") or ()),
    )
    every = _once([*every, *asked])
    texts = tuple(question.text for question in every)
    return Reviewed(objective.model_copy(update={"clarifications": texts}), every)


def _choice(kind: type[E], value: object, about: str, asked: list[Question]) -> E | None:
    if value is None:
        return None
    try:
        return kind(str(value))
    except ValueError:
        name = about.replace("_", " ")
        asked.append(Question(f"{value!s:.60} is no {name}: which?", tuple(kind), about))
        return None


def _triggers(keys: object, catalogue: TriggerCatalogue, asked: list[Question]) -> tuple[str, ...]:
    known: list[str] = []
    for key in keys if isinstance(keys, (list, tuple)) else ():
        if key is None:
            continue
        if key in catalogue:
            known.append(str(key))
        else:
            text = f"There is no trigger {key!s:.60}: which is meant?"
            asked.append(Question(text, tuple(catalogue), "proposed_intervention"))
    return tuple(dict.fromkeys(known))


def _metric_target(raw: Mapping[str, Any], asked: list[Question]) -> MetricTarget:
    horizon = raw.get("horizon_days")
    value = raw.get("value")
    if value is not None and not _finite(value):
        asked.append(Question(f"What value should the target have? {value!s:.40} is none."))
        value = None
    sound = isinstance(horizon, (int, float)) and 0 < horizon <= 3650
    return MetricTarget(
        metric=_choice(Metric, raw.get("metric"), "metric_target", asked),
        direction=_choice(Direction, raw.get("direction"), "metric_target", asked),
        value=value,
        unit=_choice(Unit, raw.get("unit"), "metric_target", asked) if value is not None else None,
        horizon_days=int(horizon) if sound and horizon is not None else None,
    )


def _finite(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(float(value))  # type: ignore[arg-type]


def _budget(raw: object, asked: list[Question]) -> Budget | None:
    if raw is None:
        return None
    try:
        return Budget.model_validate(raw)
    except ValidationError:
        asked.append(Question("What is the budget, as an amount and a currency?", (), "budget"))
        return None


def _whole(value: object, about: str, asked: list[Question]) -> int | None:
    if value is None:
        return None
    if _finite(value) and 0 < float(str(value)) <= 10**12 and float(str(value)).is_integer():
        return int(float(str(value)))
    asked.append(Question("How many customers at most?", (), about))
    return None


def _audience(
    raw: object,
    brief: str,
    schema: Schema,
    evidence: Sequence[str | None] | None,
    asked: list[Question],
) -> Expression:
    members = raw.get("all") if isinstance(raw, Mapping) and set(raw) == {"all"} else None
    if members is None:
        members = [] if raw is None else [raw]
    if not isinstance(members, (list, tuple)):
        asked.append(Question("Who is the audience?", (), "audience"))
        return EVERYONE
    kept: list[Expression] = []
    for i, member in enumerate(members):
        try:
            expression = parse(member, schema)
        except AetherError as error:
            asked.append(Question(str(error), (), "audience"))
            continue
        if evidence is not None and not said(evidence[i] if i < len(evidence) else None, brief):
            fields = ", ".join(dict.fromkeys(leaf.field for leaf in conditions(expression)))
            text = f"Should customers be limited by {fields}? The brief does not say so in words."
            asked.append(Question(text, (), "audience"))
            continue
        kept.append(expression)
    return AllOf(all=tuple(kept))


def said(words: str | None, brief: str) -> bool:
    """Whether the words stand in the brief, apart from case, accents and spaces."""
    wanted = re.sub(r"\s+", " ", fold(words or "")).strip(" .,;:!?\"'")
    return len(wanted) >= 2 and wanted in re.sub(r"\s+", " ", fold(brief))


_LOWER, _UPPER = {Op.GT, Op.GTE}, {Op.LT, Op.LTE}


def _contradictions(audience: Expression, schema: Schema) -> list[Question]:
    """Bounds on one field that no customer can meet at once."""
    leaves = [m for m in audience.all if isinstance(m, Condition)] if isinstance(
        audience, AllOf
    ) else []  # fmt: skip
    found = []
    for field in dict.fromkeys(leaf.field for leaf in leaves):
        numbers = [
            (leaf.op, float(leaf.value))
            for leaf in leaves
            if leaf.field == field
            and isinstance(leaf.value, (int, float))
            and not isinstance(leaf.value, bool)
        ]
        low = max((n for op, n in numbers if op in _LOWER | {Op.EQ}), default=-math.inf)
        high = min((n for op, n in numbers if op in _UPPER | {Op.EQ}), default=math.inf)
        if low > high:
            name = schema.require(field).text
            text = f"Nobody can have {name} of at least {low:g} and at most {high:g}: which?"
            found.append(Question(text, (), "audience"))
    return found


def _once(questions: Sequence[Question]) -> tuple[Question, ...]:
    return tuple({question.text: question for question in questions}.values())


def as_json(objective: CampaignObjective) -> dict[str, Any]:
    """The JSON form that `review` takes."""
    return objective.model_dump(mode="json") | {"audience": to_json(objective.audience)}
