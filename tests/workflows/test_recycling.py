"""A finished campaign is learned from, with its exposures, chances and outcomes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from domain.errors import Conflict
from tests.workflows.campaigns import assignments, begun, play
from tests.workflows.company import OPTIONS
from workflows.activation import end_campaign
from workflows.assignments import ARM, ELIGIBLE
from workflows.recycling import learn_from
from workflows.training import train
from workflows.trainingdata import find_outcome, training_rows
from workflows.workspace import Workspace

RATES = {"none": 0.15, "free_shipping": 0.35, "gift_guide": 0.3}


def test_the_next_training_learns_from_it(own: Workspace) -> None:
    activation = begun(own, exploration=0.3)
    bought = play(own, activation, RATES, days=8)
    with pytest.raises(Conflict, match="runs until"):
        learn_from(own, activation.campaign_id)
    end_campaign(own, activation.campaign_id)
    campaign = learn_from(own, activation.campaign_id)
    assert campaign.arm_probabilities == activation.arm_probabilities
    outcome = find_outcome(own, "converted")
    rows = training_rows(own, (campaign,), outcome)
    data = rows.dataset
    assigned = {r["customer_id"]: r[ARM] for r in assignments(own, activation) if r[ELIGIBLE]}
    arms = np.array(data.arms)[data.arm]
    assert dict(zip(data.customer_id.tolist(), arms.tolist(), strict=True)) == assigned
    won = set().union(*bought.values())
    assert {c for c, y in zip(data.customer_id, data.outcome, strict=True) if y} == won
    assert data.propensity is not None
    expected = [activation.arm_probabilities[arm] for arm in data.arms]
    assert np.allclose(data.propensity, expected)
    # Called twice it is kept once.
    learn_from(own, activation.campaign_id)
    ids = [one.campaign_id for one in own.campaigns()]
    assert ids.count(activation.campaign_id) == 1
    own.now = lambda: activation.ends_at + timedelta(days=1)
    record = train(own, outcome, OPTIONS)
    assert [one["campaign_id"] for one in record.card["campaigns"]] == [
        "spring-26",
        activation.campaign_id,
    ]
