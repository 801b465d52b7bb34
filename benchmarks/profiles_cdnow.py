"""CDNOW: learn from the first 39 weeks, predict each customer's orders in the next 39.

`python -m benchmarks.profiles_cdnow ../shared/data/cdnow/CDNOW_master.txt` prints one JSON line a
contender: mean absolute error, rank correlation, and the mean predicted and actual. The trees learn
from the weeks 0 to 26 what happens in 26 to 39; buy-till-you-die needs no outcomes.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import spearmanr

from profiles.mapping import read_raw_mapping
from profiles.rawtables import convert
from profiles.readfile import read_file
from profiles.scores.btyd import fit_btyd, purchases
from profiles.scores.clv import ROUNDS
from profiles.scores.features import Vocabulary, features
from profiles.scores.forecast import fit_forecast
from profiles.scores.labels import Cut, label_bucket

Floats = NDArray[np.float64]
START = datetime(1997, 1, 1, tzinfo=UTC)
MAPPING = Path(__file__).resolve().parents[1] / "examples" / "cdnow.toml"
EARLIER = Cut(START + timedelta(weeks=26), 13 * 7)
LATER = Cut(START + timedelta(weeks=39), 39 * 7)


def read_orders(path: Path) -> dict[str, pa.Table]:
    mapping = read_raw_mapping(MAPPING)
    return dict(convert(read_file(path, mapping.read), mapping).tables)


def predictions(tables: dict[str, pa.Table]) -> tuple[dict[str, Floats], Floats]:
    """Each contender's expected orders in the later 39 weeks (n,), and the actual ones."""
    earlier, later = label_bucket(tables, EARLIER), label_bucket(tables, LATER)
    actual = later.outcomes.column("orders").to_numpy().astype(np.float64)
    seen = earlier.outcomes.column("orders").to_numpy().astype(np.float64)
    _, known = purchases(later.profiles)
    btyd = fit_btyd(known).expected_orders(known, LATER.horizon_days)
    _, known_before = purchases(earlier.profiles)
    before = fit_btyd(known_before).expected_orders(known_before, EARLIER.horizon_days)
    X = features(earlier.profiles, Vocabulary())
    X_later = features(later.profiles, Vocabulary())
    longer = LATER.horizon_days / EARLIER.horizon_days
    alone = fit_forecast(X, seen, "poisson", seed=0, rounds=ROUNDS)
    upon = fit_forecast(X, seen, "poisson", seed=0, rounds=ROUNDS, start=before + 1e-3)
    return {
        "buy till you die": btyd,
        "trees alone": longer * alone.predict(X_later),
        "trees upon buy till you die": upon.predict_from(X_later, btyd + 1e-3),
    }, actual


def measure(predicted: Floats, actual: Floats) -> dict[str, float]:
    return {
        "mae": round(float(np.mean(np.abs(predicted - actual))), 4),
        "rank_correlation": round(float(spearmanr(predicted, actual).statistic), 4),
        "mean_predicted": round(float(predicted.mean()), 4),
        "mean_actual": round(float(actual.mean()), 4),
    }


if __name__ == "__main__":
    found, truth = predictions(read_orders(Path(sys.argv[1])))
    for name, predicted in found.items():
        print(json.dumps({"contender": name, **measure(predicted, truth)}))
