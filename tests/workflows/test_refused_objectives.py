"""Objectives of which no segment may be made leave nothing behind."""

from __future__ import annotations

import pytest

from domain.choices import best_among
from domain.criteria import Condition, Op
from domain.errors import UnknownField
from domain.objective import Budget, CampaignGoal, CampaignObjective, Metric, MetricTarget
from storage import audit, models, segments
from workflows.campaign import OpenQuestions, build_segments
from workflows.workspace import Workspace


def objective(**parts: object) -> CampaignObjective:
    return CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["allowed_interventions", "excluded_interventions", "proposed"])
def test_an_unknown_trigger_is_refused(own: Workspace, place: str) -> None:
    parts: dict[str, object] = {place: ("spell",)}
    if place == "proposed":
        parts = {"proposed_intervention": "spell"}
    with pytest.raises(UnknownField, match="spell"):
        build_segments(own, objective(**parts))


def untouched(workspace: Workspace) -> object:
    with workspace.control.read() as session:
        looks = [record.looks for record in models.listed(session)]
        rows = len(audit.entries(session)), len(segments.listed(session)), looks
    return rows, sorted(p.name for p in (workspace.root / "snapshots").rglob("*"))


@pytest.mark.parametrize(
    "wanted",
    [
        objective(clarifications=("How long is lately?",)),
        objective(audience=Condition(field="lifetime_orders", op=Op.GTE, value=2)),
        objective(metric_target=MetricTarget(metric=Metric.OPEN_RATE)),
        objective(budget=Budget(amount=100, currency="USD")),
    ],
    ids=["clarification", "field without data", "unmeasured metric", "another currency"],
)
def test_open_questions_write_nothing(own: Workspace, wanted: CampaignObjective) -> None:
    before = untouched(own)
    with pytest.raises(OpenQuestions) as caught:
        build_segments(own, wanted)
    assert caught.value.questions
    assert untouched(own) == before


@pytest.mark.parametrize(
    "wanted",
    [
        objective(audience=Condition(field="shoe_size", op=Op.GTE, value=2)),
        objective(audience=Condition(field=best_among(["social_proof"]), op=Op.EQ, value="none")),
        objective(audience=Condition(field="net_value_for_social_proof", op=Op.GT, value=0)),
        objective(audience=Condition(field="email_address", op=Op.EQ, value="a@b.c")),
    ],
)
def test_an_unknown_field_writes_nothing(own: Workspace, wanted: CampaignObjective) -> None:
    before = untouched(own)
    with pytest.raises(UnknownField):
        build_segments(own, wanted)
    assert untouched(own) == before
