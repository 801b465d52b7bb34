"""An audience by an axis: its lift is measured on those who stood there when a campaign began."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from domain.criteria import AllOf, Condition, Op
from domain.errors import NoEvidence
from domain.objective import CampaignGoal, CampaignObjective
from tests.workflows.axisshop import axis_shop
from tests.workflows.company import MAPPING, OPTIONS, copied, experiment, write_files
from workflows.axes import cluster_axes, current_memberships
from workflows.axiswitnesses import AxesThen
from workflows.briefs import read_brief
from workflows.campaign import build_segments
from workflows.importing import import_experiment
from workflows.mapping import read_mapping
from workflows.profiling import refresh_profiles
from workflows.training import train
from workflows.trainingdata import find_outcome
from workflows.why import why
from workflows.workspace import Workspace

HUNTERS = Condition(field="axis.price_sensitivity", op=Op.EQ, value="deal_hunter")
OBJECTIVE = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION, audience=HUNTERS)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workspace]:
    """The planted shop with an experiment on its customers, and a model that knows the axes."""
    folder = tmp_path_factory.mktemp("witnesses")
    workspace = copied(axis_shop(tmp_path_factory.getbasetemp())[0], folder)
    refresh_profiles(workspace)
    ids = current_memberships(workspace).table(["customer_id"]).column("customer_id")
    rows = experiment(len(ids))
    rows = rows.set_column(rows.schema.get_field_index("person"), "person", ids)
    files = write_files(folder, rows, MAPPING)
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    train(workspace, find_outcome(workspace, "converted"), OPTIONS)
    yield workspace
    workspace.close()


@pytest.mark.slow
def test_a_segment_of_an_axis_is_measured_and_explained(trained: Workspace) -> None:
    plan = build_segments(trained, OBJECTIVE)
    hunters = current_memberships(trained).table(["customer_id", "axis.price_sensitivity"])
    assert plan.audience_text == "price sensitivity is deal_hunter"
    count = hunters.column("axis.price_sensitivity").to_pylist().count("deal_hunter")
    assert plan.eligible == count
    assert any(entry.lift is not None for entry in plan.ranking)
    segment = plan.segments[0]
    outside = next(
        row["customer_id"]
        for row in hunters.to_pylist()
        if row["axis.price_sensitivity"] == "full_price"
    )
    assert "price sensitivity" in " ".join(why(trained, outside, segment.segment_id).sentences)


@pytest.mark.slow
def test_a_brief_may_name_a_segment_of_an_axis(trained: Workspace) -> None:
    reading = read_brief("More orders from deal hunters", trained)
    assert reading.objective.audience == AllOf(all=(HUNTERS,))


@pytest.mark.slow
def test_after_a_new_clustering_the_model_must_be_trained_again(
    trained: Workspace, tmp_path: Path
) -> None:
    workspace = copied(trained.root, tmp_path)
    cluster_axes(workspace, seed=4, threads=1)
    with pytest.raises(NoEvidence, match="aether train"):
        build_segments(workspace, OBJECTIVE)
    workspace.close()


def test_each_row_has_the_memberships_of_its_campaigns_start() -> None:
    def memberships(*names: str | None) -> pa.Table:
        return pa.table({"customer_id": ["a", "b"], "axis.x": pa.array(names, pa.string())})

    then = AxesThen(1, {"one": memberships("low", None), "two": memberships("high", "low")})
    people = pa.table({"customer_id": ["b", "a", "a", "c"]})
    joined = then.beside(people, np.array(["one", "two", "one", "two"]))
    assert joined.column("axis.x").to_pylist() == [None, "high", "low", None]
    assert AxesThen(None, {}).beside(people, np.array([])) is people
