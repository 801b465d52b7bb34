"""What a workspace holds is what was imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.criteria import Condition, Op
from workflows.bycriteria import segment_by_criteria
from workflows.contents import contents_of
from workflows.effectspread import effect_spread
from workflows.segmentlife import archive_segment
from workflows.segmentoverview import overview_segments
from workflows.workspace import PROFILES, Workspace


def test_what_is_held(trained: Workspace) -> None:
    found = contents_of(trained)
    assert found.customers == trained.current(PROFILES).rows
    missing = {one.field.name: one.missing for one in found.fields}
    nulls = trained.current(PROFILES).table(["basket"]).column("basket").null_count
    assert missing["basket"] == pytest.approx(nulls / found.customers)
    assert missing["past_orders"] == 0
    (campaign,) = found.campaigns
    assert campaign.campaign.campaign_id == "spring-26"
    assert campaign.exposures == 6_000
    assert campaign.design is not None
    assert {table.name for table in found.tables} >= {PROFILES}
    assert all(table.written_at is not None for table in found.tables)


def test_an_empty_workspace_holds_nothing(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "empty")
    found = contents_of(workspace)
    workspace.close()
    assert (found.customers, found.tables, found.fields, found.campaigns) == (0, (), (), ())


def test_the_overview_and_the_spread_of_a_segment(own: Workspace) -> None:
    criteria = Condition(field="basket", op=Op.LT, value=45)
    made = segment_by_criteria(own, criteria, "free_shipping")
    (one,) = overview_segments(own)
    assert one.version == made
    assert (one.sizes, one.running, one.campaigns) == ((made.size,), None, 0)
    spread = effect_spread(own, made.segment_id)
    assert spread.customers == made.size
    assert sum(spread.shares) == pytest.approx(1)
    assert sum(spread.members) == pytest.approx(1)
    assert spread.gaining > 0.9  # free shipping wins small baskets
    archive_segment(own, made.segment_id)
    assert overview_segments(own) == []
    assert [one.archived for one in overview_segments(own, archived=True)] == [True]
