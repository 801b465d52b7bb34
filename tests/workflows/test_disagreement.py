"""What is said where the held-out customers would have chosen otherwise."""

from __future__ import annotations

import re

import numpy as np
import pytest

from domain.objective import CampaignGoal, CampaignObjective
from storage import models
from workflows.campaign import build_segments
from workflows.deciding import open_decision
from workflows.disagreement import said_of_disagreement
from workflows.ranking import rank_triggers
from workflows.suggesting import suggest_triggers
from workflows.workspace import Workspace


def test_it_is_said_with_the_difference_that_was_measured(own: Workspace) -> None:
    with own.control.read() as session:
        record = models.current(session)["converted"]
    objective = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    with open_decision(own, objective, record) as decision:
        allowed = tuple(decision.model.judged)
        ranking, _ = rank_triggers(decision, allowed, decision.people.count(decision.audience))
        most = max(ranking, key=lambda one: one.preferred_by)
        other = next(one for one in ranking if one.trigger in allowed and one is not most)
        most = most.model_copy(update={"preferred_by": 1_000_000})
        same = said_of_disagreement(decision, [most, other], allowed)
        told = said_of_disagreement(decision, [other, most], allowed)
        unmeasured = [other.model_copy(update={"lift": None}), most]
        nothing = said_of_disagreement(decision, unmeasured, allowed)
        few = [one.model_copy(update={"preferred_by": 10}) for one in (other, most, *ranking)]
        split = said_of_disagreement(decision, few, allowed)
    assert same is None
    assert split is None
    assert nothing is None
    assert told is not None
    assert told.startswith(f"{other.trigger.replace('_', ' ').capitalize()} brought the most")
    assert f"most customers get {most.trigger.replace('_', ' ')}" in told
    rows = own.snapshots.open(record.evidence_id).table().to_pylist()
    net = np.array([[row[f"@net_{key}"] for key in (other.trigger, most.trigger)] for row in rows])
    by_hand = float(np.nanmean(net[:, 0] - net[:, 1]))
    found = re.search(r"The difference is (-?[\d.]+) (points of )?", told)
    assert found is not None
    scale = 100 if found.group(2) else 1
    assert float(found.group(1)) == pytest.approx(by_hand * scale, abs=0.006)


def test_suggestions_say_it_as_the_plan_does(own: Workspace) -> None:
    """The model of everybody's best may differ from the held-out ranking, and then both say so."""
    objective = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    found = suggest_triggers(own, objective)
    plan = build_segments(own, objective)
    said = [one for one in plan.remarks if "brought the most among held-out customers" in one]
    assert said == ([] if found.differs is None else [found.differs])
    assert found.ranking == plan.ranking
    worth = [one for one in found.ranking if one.trigger in (*found.allowed, "none")]
    most = max(worth, key=lambda one: one.preferred_by)
    for_most = 2 * most.preferred_by > sum(one.preferred_by for one in worth)
    assert (found.differs is not None) == (worth[0].trigger != most.trigger and for_most)
