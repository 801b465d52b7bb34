"""Two models on the same learning rows, against a comparison written out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from domain.errors import BadRequest, NotFound
from storage.models import ModelRecord
from tests.workflows.company import OPTIONS
from tests.workflows.retrained import FIRST, SECOND, WORSE, ids
from uplift.challenge import Challenge, NotComparable
from workflows.comparing import compare, compare_models
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.promotion import list_models
from workflows.training import train
from workflows.trainingdata import find_outcome, training_rows
from workflows.trainingsources import is_reporting
from workflows.workspace import Workspace

Key = tuple[str, str]
ARMS = ("none", "free_shipping", "gift_guide")


def kept(workspace: Workspace, record: ModelRecord) -> dict[Key, dict[str, object]]:
    assert record.policy_id is not None
    rows = workspace.snapshots.open(record.policy_id).table().to_pylist()
    return {(row["campaign_id"], row["customer_id"]): row for row in rows}


def rewritten(
    workspace: Workspace, record: ModelRecord, change: Callable[[pa.Table], pa.Table]
) -> ModelRecord:
    """The same model with another kept policy."""
    assert record.policy_id is not None
    old = workspace.snapshots.open(record.policy_id)
    new = workspace.snapshots.write(
        "policy", [(b, change(old.read(b))) for b in old.files], meta=old.meta
    )
    return replace(record, policy_id=new.id)


def by_hand(
    scores: list[dict[str, object]], one: list[str], other: list[str]
) -> tuple[float, float]:
    """The mean difference of two lists of choices, and its standard error by customer."""
    differences = [
        float(row[f"@net_{a}"]) - float(row[f"@net_{b}"])  # type: ignore[arg-type]
        for row, a, b in zip(scores, one, other, strict=True)
    ]
    n = len(differences)
    mean = sum(differences) / n
    return mean, math.sqrt(sum((d - mean) ** 2 for d in differences) / (n - 1) / n)


def test_the_policy_of_exactly_the_learning_customers_is_kept(trained: Workspace) -> None:
    (record,) = list_models(trained)
    rows = training_rows(trained, trained.campaigns(), find_outcome(trained, "converted"))
    learning = rows.dataset.take(~rows.reporting)
    policy = kept(trained, record)
    assert {customer for _, customer in policy} == set(learning.customer_id)
    assert not any(is_reporting(trained.settings.salt, customer) for _, customer in policy)
    assert {row["@choice"] for row in policy.values()} == set(ARMS)
    assert all(row["@net_none"] == 0 for row in policy.values())


@pytest.mark.slow
def test_a_retrained_model_is_compared_row_by_row(lived: Workspace) -> None:
    first, second, worse = list_models(lived)
    for challenger, champion in ((second, first), (worse, second)):
        judge, other = kept(lived, challenger), kept(lived, champion)
        keys = sorted(judge)
        value, se = by_hand(
            [judge[k] for k in keys],
            [str(judge[k]["@choice"]) for k in keys],
            [str(other[k]["@choice"]) for k in keys],
        )
        made = compare_models(lived, challenger.id, champion.id)
        assert isinstance(made.result, Challenge)
        assert made.result.gain.value == pytest.approx(value)
        assert made.result.gain.se == pytest.approx(se)
        assert (made.known, made.result.rows) == (len(keys), len(keys))
        assert made.judge_id == challenger.id
        back = compare_models(lived, champion.id, challenger.id)
        assert isinstance(back.result, Challenge)
        assert back.judge_id == challenger.id, "the later training judges, whoever challenges"
        assert back.result.gain.value == pytest.approx(-value)
        assert f"{value:+.4g} EUR a customer" in made.words


def test_rows_that_the_champion_never_saw_get_its_models_choice(lived: Workspace) -> None:
    first, second, _ = list_models(lived)
    half = rewritten(lived, first, lambda table: table.slice(0, table.num_rows // 2))
    made = compare(lived, second, half)
    judge, own = kept(lived, second), kept(lived, half)
    profiles = lived.current("profiles@spring-26").table()
    schema = lived.schema()
    model = load_model(lived, first.id)
    frame = feature_frame(profiles, [schema[name] for name in model.features.names])
    said = dict(
        zip(
            profiles.column("customer_id").to_pylist(),
            [model.arms[place] for place in model.score(frame).best],
            strict=True,
        )
    )
    keys = sorted(judge)
    value, se = by_hand(
        [judge[k] for k in keys],
        [str(judge[k]["@choice"]) for k in keys],
        [str(own[k]["@choice"]) if k in own else said[k[1]] for k in keys],
    )
    assert isinstance(made.result, Challenge)
    assert made.known == len(own) < len(keys)
    assert made.result.gain.value == pytest.approx(value)
    assert made.result.gain.se == pytest.approx(se)


def test_what_can_not_be_compared_says_why(lived: Workspace) -> None:
    first, second, _ = list_models(lived)

    def with_arm(table: pa.Table) -> pa.Table:
        place = table.column_names.index("@choice")
        return table.set_column(place, "@choice", pa.array(["sms"] * table.num_rows))

    other_arms = compare(lived, second, rewritten(lived, first, with_arm))
    gone = compare(lived, second, replace(first, policy_id="policy-gone"))
    never = compare(lived, second, replace(first, policy_id=None))
    for made, reason in (
        (other_arms, "gives 'sms' to"),
        (gone, "no snapshot 'policy-gone'"),
        (never, "before out-of-fold policies were kept"),
    ):
        assert isinstance(made.result, NotComparable)
        assert reason in made.words


def test_a_model_whose_features_are_gone_can_not_choose(lived: Workspace) -> None:
    first, second, _ = list_models(lived)
    none = rewritten(lived, first, lambda table: table.slice(0, 1))
    profiles = lived.current("profiles@spring-26")
    poorer = lived.snapshots.write(
        "profiles", [(b, profiles.read(b).drop_columns(["basket"])) for b in profiles.files]
    )
    card = {**second.card, "data": {**second.card["data"]}}
    card["data"]["campaign_profiles"] = {"spring-26": poorer.id}
    made = compare(lived, replace(second, card=card), none)
    assert isinstance(made.result, NotComparable)
    assert "basket" in made.result.reason


def test_models_that_choose_alike_are_said_to(lived: Workspace) -> None:
    _, second, _ = list_models(lived)
    made = compare(lived, second, replace(second, id="mdl-same"))
    assert isinstance(made.result, Challenge)
    assert made.result.not_worse
    assert f"{second.id} and mdl-same choose alike on all" in made.words


def test_other_costs_are_remarked_on(lived: Workspace) -> None:
    first, second, _ = list_models(lived)
    assert compare(lived, second, first).remarks == ()
    card = {**first.card, "economics": {**first.card["economics"], "unit_cost": [0.1, 5.0]}}
    (remark,) = compare(lived, second, replace(first, card=card)).remarks
    assert f"valued by those of {second.id}" in remark


def test_only_models_of_one_outcome_are_compared(lived: Workspace) -> None:
    first, second = ids(lived)[FIRST], ids(lived)[SECOND]
    assert compare_models(lived, first, None).champion.id == second
    with pytest.raises(BadRequest, match="itself"):
        compare_models(lived, second, None)
    with pytest.raises(NotFound, match="mdl-none"):
        compare_models(lived, ids(lived)[WORSE], "mdl-none")
    revenue = train(lived, find_outcome(lived, "revenue"), OPTIONS)
    with pytest.raises(BadRequest, match="of revenue"):
        compare_models(lived, first, revenue.id)
