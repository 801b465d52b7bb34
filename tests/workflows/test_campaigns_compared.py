"""Models of different campaigns compared: each row's campaign offered only some of the triggers."""

from __future__ import annotations

import pytest

from storage.models import ModelRecord
from tests.workflows.company import OPTIONS
from tests.workflows.test_comparing import by_hand, kept
from tests.workflows.test_pooling import with_two_campaigns
from uplift.challenge import Challenge, NotComparable
from workflows.comparing import compare
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

SPRING, WINTER = "spring-26", "winter-26"
Trained = tuple[Workspace, ModelRecord, ModelRecord, ModelRecord]


@pytest.fixture(scope="module")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A workspace with a model of spring (two triggers), of winter (one of them), and of both."""
    workspace = with_two_campaigns(tmp_path_factory.mktemp("campaigns"))
    outcome = find_outcome(workspace, "converted")
    alone = [
        train(workspace, outcome, TrainingOptions(campaign=one, seed=3, n_jobs=1, folds=3))
        for one in (SPRING, WINTER)
    ]
    return workspace, *alone, train(workspace, outcome, OPTIONS)


def net_values(workspace: Workspace, record: ModelRecord) -> dict[str, dict[str, float]]:
    """What a model says of every customer of either campaign, trigger by trigger."""
    model, schema = load_model(workspace, record.id), workspace.schema()
    said = {}
    for campaign in (SPRING, WINTER):
        profiles = workspace.current(f"profiles@{campaign}").table()
        fields = [schema[name] for name in model.features.names if name in schema]
        net = model.score(feature_frame(profiles, fields)).net_values
        for customer, row in zip(profiles.column("customer_id").to_pylist(), net, strict=True):
            said[customer] = dict(zip(model.arms[1:], row.tolist(), strict=True))
    return said


@pytest.mark.slow
def test_a_model_of_one_campaign_chooses_among_what_the_other_offered(campaigns: Trained) -> None:
    """The model of spring knows the guide, which winter did not offer."""
    workspace, spring, _, both = campaigns
    judge, own, said = kept(workspace, both), kept(workspace, spring), net_values(workspace, spring)
    keys = sorted(judge)
    choices = []
    for key in keys:
        if key in own:
            choices.append(str(own[key]["@choice"]))
            continue
        assert key[0] == WINTER
        free = said[key[1]]["free_shipping"]
        choices.append("free_shipping" if free > 0 else "none")
    mine = [str(judge[key]["@choice"]) for key in keys]
    assert "gift_guide" not in {m for m, key in zip(mine, keys, strict=True) if key[0] == WINTER}
    value, se = by_hand([judge[key] for key in keys], mine, choices)
    made = compare(workspace, both, spring)
    assert isinstance(made.result, Challenge)
    assert (made.known, made.result.rows) == (len(own), len(keys))
    assert made.result.gain.value == pytest.approx(value)
    assert made.result.gain.se == pytest.approx(se)


def test_a_trigger_that_was_never_tried_can_not_be_valued(campaigns: Trained) -> None:
    """Winter can't speak for the guide, which the model of spring gives to many; so the model of
    winter does not take its place, and the pooled one does."""
    workspace, spring, winter, both = campaigns
    made = compare(workspace, winter, spring)
    assert isinstance(made.result, NotComparable)
    assert "gives 'gift_guide' to" in made.words
    assert winter.ruling is not None
    assert not winter.current
    assert winter.ruling["words"].startswith("It was kept, but not promoted.")
    assert winter.ruling["gain"] is None
    assert both.current
    assert both.ruling is not None
    assert both.ruling["against"] == spring.id
