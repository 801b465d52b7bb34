"""A rule beside each segment: short, typed, and measured by the very criteria that are shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from domain.criteria import EVERYONE, NOBODY, AllOf, AnyOf, Condition, Expression, Op, conditions
from domain.objective import CampaignGoal, CampaignObjective
from domain.parsing import check
from domain.segment import Rule
from storage import models
from tests.workflows.company import copied
from workflows.campaign import Plan, build_segments
from workflows.rules import typed
from workflows.workspace import PROFILES, Workspace

Row = dict[str, object]
AUDIENCES: dict[str, Expression] = {
    "everyone": EVERYONE,
    "some": Condition(field="past_orders", op=Op.GTE, value=2),
}


@pytest.fixture(scope="module", params=["everyone", "some", "one trigger"])
def made(
    request: pytest.FixtureRequest, company, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Workspace, Plan]]:  # type: ignore[no-untyped-def]
    workspace = copied(company, tmp_path_factory.mktemp("ruled"))
    objective = CampaignObjective(
        campaign_goal=CampaignGoal.INCREASE_CONVERSION,
        audience=AUDIENCES.get(request.param, EVERYONE),
        allowed_interventions=("gift_guide",) if request.param == "one trigger" else (),
    )
    yield workspace, build_segments(workspace, objective, rules=True)
    workspace.close()


def holds(rule: Expression, row: Row) -> bool:
    """Whether a rule holds for one customer, straight from its words."""
    match rule:
        case AllOf(all=members):
            return all(holds(member, row) for member in members)
        case AnyOf(any=members):
            return any(holds(member, row) for member in members)
        case Condition(field=field, op=op, value=value):
            own = row[field]
            if own is None or op is Op.IS_NULL:
                return own is None and op is Op.IS_NULL
            return bool(
                {
                    Op.GTE: lambda: own >= value,  # type: ignore[operator]
                    Op.LT: lambda: own < value,  # type: ignore[operator]
                    Op.EQ: lambda: own == value,
                    Op.NE: lambda: own != value,
                }[op]()
            )
    raise AssertionError(rule)


def today(workspace: Workspace) -> list[Row]:
    """Every customer's profile and scores as one row."""
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
    scores = {
        r["customer_id"]: r for r in workspace.snapshots.open(record.scores_id).table().to_pylist()
    }
    return [r | scores[r["customer_id"]] for r in workspace.current(PROFILES).table().to_pylist()]


def rules_of(plan: Plan) -> dict[str, Rule]:
    return {v.recommended_trigger: v.rule for v in plan.segments if v.rule is not None}


def test_every_segment_has_a_short_rule_of_the_schemas_types(made: tuple[Workspace, Plan]) -> None:
    workspace, plan = made
    assert rules_of(plan).keys() == {v.recommended_trigger for v in plan.segments}
    audience = len(list(conditions(plan.audience)))
    for rule in rules_of(plan).values():
        assert rule.label == "approximation"
        assert 1 <= rule.conditions <= 5
        assert len(list(conditions(rule.criteria))) <= rule.conditions + audience
        assert check(rule.criteria, workspace.schema()) == rule.criteria
        assert Rule.model_validate(rule.model_dump(mode="json")) == rule


def test_precision_and_recall_are_counted_again(made: tuple[Workspace, Plan]) -> None:
    workspace, plan = made
    people = today(workspace)
    for version in plan.segments:
        rule = rules_of(plan)[version.recommended_trigger]
        meet = {r["customer_id"] for r in people if holds(rule.criteria, r)}
        ids = workspace.snapshots.open(version.members_id).table().column("customer_id")
        exact = set(ids.to_pylist())
        assert rule.size == len(meet)
        assert rule.precision == pytest.approx(len(meet & exact) / len(meet))
        assert rule.recall == pytest.approx(len(meet & exact) / len(exact))
        assert rule.precision > 0.85
        assert rule.recall > 0.85


def test_the_value_kept_is_measured_again_on_the_witnesses(made: tuple[Workspace, Plan]) -> None:
    """By hand: every witness gets the trigger of the rule met, and of the best net value."""
    workspace, plan = made
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
    rows = workspace.snapshots.open(record.evidence_id).table().to_pylist()
    rows = [r for r in rows if holds(plan.audience, r)]
    rules = rules_of(plan)
    kept, whole = [], []
    for row in rows:
        given = [key for key, rule in rules.items() if holds(rule.criteria, row)]
        assert len(given) <= 1, "rules do not overlap"
        kept.append(row[f"@net_{given[0]}"] if given else 0.0)
        best = max(rules, key=lambda key: row[f"net_value_for_{key}"])
        whole.append(row[f"@net_{best}"] if row[f"net_value_for_{best}"] > 0 else 0.0)
    for rule in rules.values():
        assert rule.value_kept is not None
        assert rule.value_kept.estimate == pytest.approx(np.mean(kept) / np.mean(whole))
        assert rule.value_kept.low <= rule.value_kept.estimate <= rule.value_kept.high
        assert f"{len(rows):,} held-out" in rule.value_kept.basis
        assert rule.value_kept.estimate > 0.8


def test_without_a_request_there_is_no_rule(own: Workspace) -> None:
    plan = build_segments(own, CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION))
    assert {(v.rule, v.rule_reason) for v in plan.segments} == {(None, "")}


def test_a_segment_that_can_not_be_told_apart_says_so(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everyone_the_first(decision: object, allowed: tuple[str, ...]) -> list[Expression]:
        return [NOBODY, EVERYONE, *[NOBODY] * (len(allowed) - 1)]

    monkeypatch.setattr("workflows.rules._grown", everyone_the_first)
    wanted = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    plan = build_segments(own, wanted, rules=True)
    by_key = {v.recommended_trigger: v for v in plan.segments}
    first, second = by_key["free_shipping"], by_key["gift_guide"]
    assert first.rule is not None
    assert (first.rule.size, first.rule.recall, first.rule.conditions) == (6_000, 1.0, 0)
    assert second.rule is None
    assert "exact criteria stand" in second.rule_reason


def test_rules_take_the_types_of_their_fields(own: Workspace) -> None:
    schema = own.schema()

    def one(field: str, op: Op, value: float | str) -> Condition:
        return Condition(field=field, op=op, value=value)

    flag = AnyOf(any=(one("newsletter", Op.LT, 1.0), Condition(field="newsletter", op=Op.IS_NULL)))
    tree = AllOf(all=(one("past_orders", Op.GTE, 2.5), flag, one("basket", Op.LT, 2.5)))
    assert typed(tree, schema) == AllOf(
        all=(
            Condition(field="past_orders", op=Op.GTE, value=3),
            AnyOf(
                any=(
                    Condition(field="newsletter", op=Op.EQ, value=False),
                    Condition(field="newsletter", op=Op.IS_NULL),
                )
            ),
            Condition(field="basket", op=Op.LT, value=2.5),
        )
    )
    assert typed(one("newsletter", Op.GTE, 1.0), schema).value is True  # type: ignore[union-attr]
    assert typed(one("region", Op.NE, "north"), schema) == one("region", Op.NE, "north")
