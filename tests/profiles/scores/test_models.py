from __future__ import annotations

import pyarrow as pa
import pytest

from domain.customer import STANDARD, FieldGroup
from profiles.build import build_profiles
from profiles.scores.labels import label_bucket
from profiles.scores.models import SCORES, ScoreModels, fit_scores, score_bucket
from profiles.scores.past import plan_cuts
from tests.profiles.scores.conftest import Learned
from tests.profiles.scores.shop import END, START


def test_the_scores_are_the_contracts() -> None:
    expected = [f.name for f in STANDARD.values() if f.group is FieldGroup.SCORES]
    assert SCORES.names == expected


def test_every_score_of_a_whole_shop_is_there_and_in_its_range(learned: Learned) -> None:
    assert learned.models.reasons == {
        "discount_sensitivity_score": "No past randomised campaign tried this trigger against a "
        "control group."
    }
    scored = score_bucket(learned.now, learned.models)
    assert scored.num_rows == learned.now.num_rows
    assert scored.schema.names == [*learned.now.schema.names, *SCORES.names]
    for field in SCORES:
        column = scored.column(field.name)
        assert column.type == field.type
        if field.name in learned.models.reasons:
            assert column.null_count == len(column)
        elif field.type == pa.float64():
            assert column.null_count == 0
            assert all(0 <= value <= 1 for value in column.to_pylist())
    percentile = scored.column("clv_score").to_numpy()
    assert percentile.mean() == pytest.approx(0.5, abs=0.01)


def test_buckets_score_like_the_whole(learned: Learned) -> None:
    whole = score_bucket(learned.now, learned.models)
    parts = [
        score_bucket(learned.now.slice(start, 700), learned.models) for start in (0, 700, 1400)
    ]
    assert pa.concat_tables(parts).equals(whole)
    assert score_bucket(learned.now.slice(0, 0), learned.models).schema == whole.schema


def test_models_survive_as_json(learned: Learned) -> None:
    again = ScoreModels.from_json(learned.models.to_json())
    assert again.to_json() == learned.models.to_json()
    assert again.evaluations == learned.models.evaluations
    assert score_bucket(learned.now, again).equals(score_bucket(learned.now, learned.models))


def test_each_score_was_measured_on_a_later_period(learned: Learned) -> None:
    for evaluation in learned.models.evaluations.values():
        assert evaluation.fitted_until < evaluation.measured_until <= END.isoformat()


def test_orders_alone_give_what_they_can(learned: Learned) -> None:
    tables = {"orders": learned.tables["orders"]}
    plan = plan_cuts(END, START)
    labelled = {cut: label_bucket(tables, cut) for cuts in plan.values() for cut in cuts}
    now = build_profiles(tables, END)
    models = fit_scores(plan, labelled, now, as_of=END, seed=0)
    assert set(models.evaluations) == {"clv_score"}
    assert all(models.reasons.values())
    scored = score_bucket(now, models)
    assert scored.column("clv_score").null_count == 0
    assert scored.column("churn_probability_score").null_count == now.num_rows


def test_a_history_too_short_gives_reasons(learned: Learned) -> None:
    models = fit_scores({}, {}, learned.now, as_of=END, seed=0)
    assert set(models.reasons) == set(SCORES.names)
    assert "too short" in models.reasons["clv_score"]
