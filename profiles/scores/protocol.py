"""What every score model is: fitted on the past, measured on a later period, saved as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import pyarrow as pa

from profiles.scores.features import Prepared


@dataclass(frozen=True)
class Evaluation:
    """How well a procedure forecast a later period than it was fitted on.

    `fitted_until` and `measured_until` are the ends of what was seen for fitting and for measuring
    (ISO 8601); `horizon_days` is the length of the measured period. `figures` are the measures by
    name, `words` what they say. The model in use is the same procedure fitted again up to
    `measured_until`.
    """

    customers: int
    fitted_until: str
    measured_until: str
    horizon_days: int
    figures: Mapping[str, float]
    words: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Evaluation:
        return cls(**raw)


@dataclass(frozen=True)
class Unscored:
    """A score that the data can't give: it is null for everyone, and this says why."""

    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"kind": "unscored", "reason": self.reason}


class ScoreModel(Protocol):
    """A fitted score: `score` gives one value a profile, in the order of the profiles."""

    @property
    def evaluation(self) -> Evaluation: ...

    def score(self, given: Prepared) -> pa.Array: ...

    def to_json(self) -> dict[str, Any]: ...
