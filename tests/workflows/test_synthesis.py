"""A synthetic company in a workspace: whole, repeatable, its truth kept apart."""

import re
from pathlib import Path

import pytest

from storage import definitions
from workflows.engine import Processes
from workflows.importing import import_experiment
from workflows.mapping import read_mapping
from workflows.simulation import simulate_segment
from workflows.synthesis import buckets_for, is_synthetic, recipe_of, synthesise
from workflows.workspace import PROFILES, Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("synthetic") / "shop"
    workspace = Workspace.create(root, margin_rate=0.4, buckets=1)
    synthesise(workspace, recipe_of("1500", seed=3))
    return workspace


@pytest.mark.slow
def test_every_table_and_campaign_is_there(company: Workspace) -> None:
    with company.control.read() as session:
        names = set(definitions.current(session))
    tables = {"customers", "orders", "order_items", "events", "exposures", "products"}
    assert tables | {"campaigns", "identities", PROFILES} <= names
    assert len(company.campaigns()) >= 12
    assert is_synthetic(company)


def test_profiles_have_every_score_and_no_truth(company: Workspace) -> None:
    profiles = company.current(PROFILES)
    names = profiles.table_schema().names
    assert "clv_score" in names
    assert "churn_probability_score" in names
    with company.control.read() as session:
        truth = company.snapshots.open(definitions.current(session)["truth:traits"])
    hidden = set(truth.table_schema().names) - {"customer_id"}
    assert hidden
    assert not hidden & set(names)


def test_only_the_play_of_the_world_names_the_truth() -> None:
    """Nothing that decides may read the `truth:` snapshots; what lists tables leaves them out."""
    readers = {
        path.name
        for folder in ("workflows", "storage", "activation_api", "aether", "uplift", "profiles")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"['\"]truth:", path.read_text())
    }
    assert readers <= {"synthesis.py", "simulation.py", "contents.py"}


@pytest.mark.slow
def test_processes_make_the_same_company(company: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "shop", margin_rate=0.4, buckets=2)
    synthesise(other, recipe_of("1500", seed=3), engine=Processes(2))
    for name in ("orders", "customers"):
        one, two = (w.current(name).table().sort_by("customer_id") for w in (company, other))
        assert sorted(map(str, one.to_pylist())) == sorted(map(str, two.to_pylist()))


def test_bucket_counts_follow_the_size() -> None:
    assert buckets_for(recipe_of("small", 1)) == 2
    assert buckets_for(recipe_of("demo", 1)) == 16
    assert buckets_for(recipe_of("10", 1)) == 1


@pytest.mark.slow
def test_the_whole_loop_without_a_company(company: Workspace, tmp_path: Path) -> None:
    """Segment, play it, import what was seen: the campaign is there to be learned from."""
    from domain.criteria import EVERYONE
    from tests.workflows.frozen import keep_segment

    segment = keep_segment(company, "free_shipping", EVERYONE)
    played = simulate_segment(company, segment.segment_id, tmp_path / "played", holdout=0.3)
    assert set(played.arms) == {"none", "free_shipping"}
    held_out = played.arms["none"][0] / sum(count for count, _ in played.arms.values())
    assert abs(held_out - 0.3) < 0.05
    done = import_experiment(company, played.outcomes, read_mapping(played.mapping))
    assert done.design.warnings == ()
    assert segment.segment_id in {c.campaign_id for c in company.campaigns()}
    assert company.outcomes()["converted"].value == 24.0, "what was stated before is kept"
