"""Profiles as of the starts of several campaigns."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workflows.campaignprofiles import campaign_profiles, learning_times
from workflows.profiling import write_profiles
from workflows.synthesis import recipe_of, synthesise
from workflows.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)


def days(*counts: int) -> list[datetime]:
    return [START + timedelta(days=count) for count in counts]


def test_score_models_serve_a_quarter_and_never_the_past() -> None:
    starts = days(0, 60, 90, 91, 150, 200)
    times = learning_times(starts)
    assert [times[start] for start in starts] == days(0, 0, 0, 91, 91, 200)
    assert all(learned <= start for start, learned in times.items())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace.create(Path(tmp_path_factory.mktemp("company")) / "w", buckets=2)
    synthesise(workspace, recipe_of("600", seed=3))
    return workspace


@pytest.mark.slow
def test_all_at_once_are_what_one_after_the_other_would_be(company: Workspace) -> None:
    campaigns = company.campaigns()[-2:]
    together = campaign_profiles(company, campaigns)
    times = learning_times(sorted(campaign.started_at for campaign in campaigns))
    for campaign, made in zip(campaigns, together, strict=True):
        assert made.meta["as_of"] == campaign.started_at.isoformat()
        alone = write_profiles(company, campaign.started_at)
        table, slow = made.table(), alone.table()
        scored = set(alone.meta["scores"]) | set(alone.meta["unscored"])
        plain = [name for name in slow.column_names if name not in scored]
        assert table.select(plain).equals(slow.select(plain))
        if times[campaign.started_at] == campaign.started_at:
            assert table.equals(slow), "with its own score models"


@pytest.mark.slow
def test_what_is_there_is_not_made_again(company: Workspace) -> None:
    campaigns = company.campaigns()[-2:]
    first = campaign_profiles(company, campaigns)
    assert [one.id for one in campaign_profiles(company, campaigns)] == [one.id for one in first]
