"""Which learner to train: a tournament on the learning customers, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from uplift.adapters import CausalmlForest, CausalmlX, EconmlDr, EconmlForest
from uplift.dataset import UpliftDataset
from uplift.learners import Learner, Own
from uplift.methods import Method
from uplift.policy import Economics
from uplift.tournament import Tournament, tournament

MOST_ROWS = 30_000
"""Learning exposures that take part in a tournament: forests of the peers take minutes beyond."""

AUTO = "auto"


@dataclass(frozen=True)
class Choice:
    """The method to train, why in words, and the tournament it follows from."""

    method: Method
    reason: str
    rows: int
    tournament: Tournament

    def to_json(self) -> dict[str, Any]:
        """A JSON object for the model card."""
        return {
            "method": self.method.value,
            "reason": self.reason,
            "rows": self.rows,
            **self.tournament.to_json(),
        }


def method_named(name: str) -> Method | None:
    """The method of a name, None for a tournament. Raises BadRequest for another name."""
    if name == AUTO:
        return None
    try:
        return Method(name)
    except ValueError:
        raise BadRequest(
            f"There is no learner {name!r}.",
            remedy=f"Choose {', '.join(Method)} or {AUTO}.",
            field="learner",
        ) from None


def choose_method(learning: UpliftDataset, economics: Economics, seed: int, n_jobs: int) -> Choice:
    """Hold a tournament and keep the X-learner unless another of our methods beats it beyond noise.

    Peers that are installed take part as a yardstick; a model of theirs can't be kept, because
    models are stored as LightGBM text and JSON.
    """
    data = learning
    if learning.n > MOST_ROWS:
        chosen = np.random.default_rng(seed).choice(learning.n, MOST_ROWS, replace=False)
        data = learning.take(np.sort(chosen))
    own = {Own(method, seed, n_jobs).name: method for method in Method}
    learners: list[Learner] = [Own(method, seed, n_jobs) for method in Method]
    learners += _peers(data, seed, n_jobs)
    found = tournament(data, learners, economics, seed=seed, n_jobs=n_jobs)
    method, reason = _follows(found, own)
    return Choice(method, reason, data.n, found)


def _peers(data: UpliftDataset, seed: int, n_jobs: int) -> list[Learner]:
    peers: list[Learner] = []
    if data.propensity is not None and (data.propensity == 0).any():
        return peers  # they know no arm that was not on offer
    if find_spec("causalml"):
        peers.append(CausalmlX(seed, n_jobs))
        if data.kind is OutcomeKind.BINARY:
            peers.append(CausalmlForest(seed=seed, n_jobs=n_jobs))
    if find_spec("econml"):
        peers += [EconmlForest(seed=seed, n_jobs=n_jobs), EconmlDr(seed, n_jobs)]
    return peers


def _follows(found: Tournament, own: dict[str, Method]) -> tuple[Method, str]:
    usual = Own().name
    best = next(entry for entry in found.entries if entry.name in own)
    if best.name == usual:
        return Method.X, f"The {usual} is the best of ours."
    lead = best.ahead
    said = f"{lead.value:+.4g} a customer, {lead.low:+.4g} to {lead.high:+.4g}"
    if lead.low > 0:
        return own[best.name], f"The {best.name} beats the {usual} beyond noise ({said})."
    return Method.X, f"The {best.name} leads the {usual} within noise only ({said})."
