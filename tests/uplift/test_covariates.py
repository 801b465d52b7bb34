"""Blocks of columns are kept where they bring value out of fold, else left out."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.uplift.trials import Trial as Made
from tests.uplift.trials import trial
from uplift.covariates import Trial, falls, try_blocks
from uplift.evaluation import Estimate
from uplift.methods import Method
from uplift.policy import Economics

FREE = Economics.free(2)


@pytest.fixture(scope="module")
def made() -> Made:
    """Whom which trigger suits is told by a block alone; another block is noise."""
    found = trial(1, 4_000)
    X = found.data.X.drop(columns=["x1"])
    X["told"] = pd.Categorical(np.where(found.data.X["x1"] > 0, "up", "down"))
    X["noise"] = np.random.default_rng(3).normal(size=len(X)).astype(np.float32)
    return replace(found, data=replace(found.data, X=X))


def test_a_block_that_tells_whom_a_trigger_suits_is_kept(made: Made) -> None:
    blocks = {"axes": ["told"], "clusters": ["noise"]}
    found = try_blocks(made.data, blocks, Method.X, FREE, seed=0, n_jobs=1)
    assert "axes" in found.kept
    assert found.rows == made.data.n
    by_blocks = {one.blocks: one.gain for one in found.trials}
    assert set(by_blocks) == {("axes",), ("clusters",), ("axes", "clusters")}
    # The best policy by the block alone brings 0.08 a row more than the better trigger for all.
    told = by_blocks[("axes",)]
    assert told.low is not None
    assert 0.02 < told.low < 0.08 < told.high
    noise = by_blocks[("clusters",)]
    assert noise.low < 0 < noise.high or abs(noise.value) < 0.02
    assert [one.gain.value for one in found.trials] == sorted(
        (gain.value for gain in by_blocks.values()), reverse=True
    )
    assert json.loads(json.dumps(found.to_json()))["kept"] == list(found.kept)


def test_what_costs_value_is_left_out(made: Made) -> None:
    found = try_blocks(made.data, {"clusters": ["noise"]}, Method.T, FREE, seed=2, n_jobs=1)
    (only,) = found.trials
    assert found.kept == (() if only.gain.value < 0 else ("clusters",))
    below = Trial(("axes",), Estimate(-0.01, 0.01, -0.03, 0.01, 0.95, 100))
    assert falls(below)
    assert not falls(replace(below, gain=replace(below.gain, value=0.0)))


def test_without_blocks_there_is_nothing_to_try(made: Made) -> None:
    found = try_blocks(made.data, {}, Method.X, FREE, seed=0, n_jobs=1)
    assert (found.trials, found.kept, found.without) == ((), (), None)
