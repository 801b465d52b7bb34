"""Every number in an explanation is one that can be counted in the data."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from domain.criteria import EVERYONE, Condition, Expression, Op
from domain.experiment import OutcomeKind
from domain.objective import Budget, CampaignGoal, CampaignObjective
from domain.segment import Interval, SegmentVersion
from storage import models
from uplift.evaluation import mean_estimate
from workflows.campaign import build_segments
from workflows.explanation import effect_words
from workflows.workspace import PROFILES, Workspace

NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?"
LABELS = {"orders before": "past_orders", "usual basket": "basket", "region": "region"}


def has(words: str, people: pd.DataFrame) -> pd.Series:
    """Who fits the words of a fact."""
    if "newsletter" in words:
        return people["newsletter"] == (not words.startswith("do"))
    label = next(label for label in LABELS if label in words)
    column = people[LABELS[label]]
    if "no known" in words:
        return column.isna()
    if label == "region":
        return column == words.split("region ")[1]
    edge = float(re.findall(NUMBER, words)[-1].replace(",", ""))
    return column >= edge if "at least" in words else column < edge


KEYS = ("free_shipping", "gift_guide")


def counted_standing(
    own: Workspace, version: SegmentVersion, members: list[str], audience: Expression
) -> list[str]:
    """The numbers of the runner-up and of what would change the choice, counted one by one."""
    with own.control.read() as session:
        record = models.current(session)["converted"]
    explanation, key = version.explanation, version.recommended_trigger
    runner_up, switch = explanation.runner_up, explanation.switch
    assert runner_up is not None
    assert switch is not None
    assert runner_up.unit == switch.unit == "EUR"

    inside = set(members)
    scores = own.snapshots.open(record.scores_id).table().to_pylist()
    rows = [row for row in scores if row["customer_id"] in inside]
    worth = {k: sum(row[f"net_value_for_{k}"] for row in rows) / len(rows) for k in KEYS}
    worth["none"] = 0.0
    others = {k: value for k, value in worth.items() if k != key}
    assert runner_up.trigger == max(others, key=lambda k: others[k])
    loses_by = worth[key] - others[runner_up.trigger]
    assert runner_up.loses_by == pytest.approx(loses_by)

    turned = []
    for row in rows:
        values = {k: row[f"net_value_for_{k}"] for k in KEYS if k != key} | {"none": 0.0}
        best = max(values, key=lambda k: values[k])
        if row[f"net_value_for_{key}"] - switch.amount <= values[best]:
            turned.append(best)
    assert switch.members == len(turned) >= len(rows) / 2
    assert turned.count(switch.trigger) == max(turned.count(k) for k in set(turned))

    evidence = own.snapshots.open(record.evidence_id).table().to_pylist()
    pairs = [
        row[f"@net_{key}"] - row[f"@net_{runner_up.trigger}"]
        for row in evidence
        if row["best_trigger"] == key
        and (
            not isinstance(audience, Condition)
            or (
                row[audience.field] == "north"
                if audience.field == "region"
                else row["past_orders"] >= 2
            )
        )
    ]
    found = mean_estimate(np.array(pairs))
    measured = runner_up.measured
    assert measured is not None
    assert (measured.estimate, measured.low) == pytest.approx((found.value, found.low))
    assert f"{len(pairs):,} held-out" in measured.basis
    money = [loses_by, switch.amount, found.value, found.low, found.high]
    said = [f"{x:.2f}" for x in money] + [f"{x:.3f}" for x in money] + [f"{x:+.2f}" for x in money]
    return [*said, f"{len(turned):,}"]


@pytest.mark.parametrize(
    ("audience", "limit"),
    [
        (EVERYONE, {}),
        (Condition(field="region", op=Op.EQ, value="north"), {}),
        (Condition(field="past_orders", op=Op.GTE, value=2), {"max_customers": 300}),
        (EVERYONE, {"budget": Budget(amount=60)}),
    ],
)
def test_every_number_is_counted_again(
    own: Workspace, audience: Expression, limit: dict[str, object]
) -> None:
    wanted = CampaignObjective(
        campaign_goal=CampaignGoal.INCREASE_CONVERSION,
        audience=audience,
        **limit,  # type: ignore[arg-type]
    )
    plan = build_segments(own, wanted)
    people = own.current(PROFILES).table().to_pandas().set_index("customer_id")
    eligible = np.ones(len(people), dtype=bool)
    if isinstance(audience, Condition):
        column = people[audience.field]
        eligible = np.asarray(column == "north" if audience.field == "region" else column >= 2)
    assert plan.segments
    for version in plan.segments:
        members = own.snapshots.open(version.members_id).table().column("customer_id").to_pylist()
        inside = people.index.isin(members)
        rest = eligible & ~inside
        text = version.explanation.text
        assert " ".join(version.explanation.sentences) == text
        numbers = [f"{len(members):,}", f"{len(members) / eligible.sum() * 100:.0f}"]
        for fact in version.explanation.facts:
            found = re.fullmatch(r"(\d+) % (.*) against (\d+) % of the rest", fact.text)
            assert found, fact.text
            fits = has(found[2], people).to_numpy(dtype=bool)
            assert fact.inside_count == (fits & inside).sum()
            assert fact.outside_count == (fits & rest).sum()
            assert fact.inside == pytest.approx(fits[inside].mean())
            assert fact.outside == pytest.approx(fits[rest].mean())
            assert found[1] == f"{fits[inside].mean() * 100:.0f}"
            assert found[3] == f"{fits[rest].mean() * 100:.0f}"
            if fact.text in text:
                numbers += re.findall(NUMBER, fact.text)
        lift = version.expected_lift
        assert lift is not None
        witnesses = re.findall(NUMBER, lift.basis)
        numbers += [f"{abs(x) * 100:.1f}" for x in (lift.estimate, lift.low, lift.high)]
        numbers += [f"{x * 100:+.2f}" for x in (lift.estimate, lift.low, lift.high)] + witnesses
        joint = version.joint_lift
        assert (joint is not None) == (len(plan.segments) > 1)
        if joint is not None:
            # Of n segments each misses with a probability of 5 % / n.
            assert joint.level == pytest.approx(1 - 0.05 / len(plan.segments))
            assert joint.estimate == lift.estimate
            assert joint.high - joint.low > lift.high - lift.low
            numbers += [f"{x * 100:.1f}" for x in (joint.low, joint.high)]
        numbers += counted_standing(own, version, members, audience)
        said = re.findall(NUMBER, text)
        assert said
        assert set(said) <= set(numbers), "a number stands in the text that nothing gives"


@pytest.mark.parametrize(
    ("kind", "outcome", "values", "says"),
    [
        (OutcomeKind.BINARY, "visit", (0.041, 0.032, 0.05), "visited 4.1 points more often"),
        (
            OutcomeKind.BINARY,
            "visit",
            (-0.041, -0.05, -0.032),
            "4.1 points less often with it, 3.2",
        ),
        (OutcomeKind.MONEY, "revenue", (1.5, 1.0, 2.0), "1.50 EUR more revenue each"),
        (OutcomeKind.COUNT, "orders", (-0.2, -0.3, -0.1), "0.200 fewer orders each"),
        (OutcomeKind.BINARY, "visit", (0.01, -0.02, 0.04), "may be chance"),
    ],
)
def test_effects_in_words(
    kind: OutcomeKind, outcome: str, values: tuple[float, float, float], says: str
) -> None:
    estimate, low, high = values
    lift = Interval(estimate=estimate, low=low, high=high, basis="some")
    assert says in effect_words(lift, outcome, kind, "EUR")
