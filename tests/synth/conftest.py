"""One synthetic world for all tests of the room; a second look at it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
import pytest

from synth.generate import Recipe, generate_bucket, global_tables, recipe


@dataclass(frozen=True)
class World:
    recipe: Recipe
    tables: dict[str, pa.Table]
    truth: dict[str, pa.Table]
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    def frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.tables[name].to_pandas()
        return self._frames[name].copy(deep=False)

    def outcomes(self) -> pd.DataFrame:
        """The exposures with each outcome as a column."""
        if "outcomes" not in self._frames:
            self._frames["outcomes"] = self._outcomes()
        return self._frames["outcomes"].copy(deep=False)

    def _outcomes(self) -> pd.DataFrame:
        exposures = self.frame("exposures")
        rows = pd.DataFrame([dict(row) for row in exposures["outcomes"]], index=exposures.index)
        return exposures.drop(columns="outcomes").join(rows)

    def potential(self, campaign: str) -> pd.DataFrame:
        frame = self.truth["potential_outcomes"].to_pandas()
        return frame[frame["campaign_id"] == campaign].set_index("customer_id")


def make(of: Recipe, buckets: int) -> World:
    made = [generate_bucket(of, bucket, buckets) for bucket in range(buckets)]
    return World(
        recipe=of,
        tables={name: pa.concat_tables(b.tables[name] for b in made) for name in made[0].tables}
        | global_tables(of),
        truth={name: pa.concat_tables(b.truth[name] for b in made) for name in made[0].truth},
    )


@pytest.fixture(scope="session")
def world() -> World:
    return make(recipe(12_000, seed=3), buckets=2)
