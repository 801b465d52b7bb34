"""Real trials, and semi-synthetic ones with known effects, as the data sets that learners take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.experiment import OutcomeKind
from uplift.dataset import UpliftDataset
from uplift.policy import Economics

HILLSTROM_ARMS = ("none", "mens", "womens")
HILLSTROM_KINDS = {
    "visit": OutcomeKind.BINARY,
    "conversion": OutcomeKind.BINARY,
    "spend": OutcomeKind.MONEY,
}
STARBUCKS = Economics(10.0, (0.15,), (0.0,))
"""A purchase brings 10 and a promotion costs 0.15, as the company states it."""


@dataclass(frozen=True)
class Trial:
    """A randomised trial on which policies are compared by their net value a customer."""

    name: str
    data: UpliftDataset
    economics: Economics


@dataclass(frozen=True)
class Known:
    """A two-arm sample whose true effects (n,) are known; its propensities are the arms' shares,
    though neither source was randomised."""

    name: str
    data: UpliftDataset
    effect: NDArray[np.float64]


def as_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as categories."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.astype(dict.fromkeys(texts, "category"))


def hillstrom(folder: Path, outcome: str, arms: tuple[str, ...] = HILLSTROM_ARMS) -> UpliftDataset:
    """The MineThatData e-mail trial, 64,000 customers, or those of some of its arms."""
    frame = pd.read_csv(folder / "hillstrom" / "hillstrom.csv")
    names = {"No E-Mail": "none", "Mens E-Mail": "mens", "Womens E-Mail": "womens"}
    label = frame["segment"].map(names)
    inside = label.isin(arms)
    X = as_features(frame.drop(columns=["segment", "visit", "conversion", "spend"]))
    return UpliftDataset.checked(
        X[inside],
        label[inside].map({name: place for place, name in enumerate(arms)}),
        frame.loc[inside, outcome],
        arms,
        HILLSTROM_KINDS[outcome],
        np.ones(len(arms)) / len(arms),
    )


def starbucks(folder: Path, part: str) -> UpliftDataset:
    """The promotion trial: its part "train" or "test"."""
    frame = pd.read_parquet(folder / "starbucks" / f"{part}.parquet")
    return UpliftDataset.checked(
        frame[[f"V{j}" for j in range(1, 8)]],
        (frame["Promotion"] == "Yes").astype(int),
        frame["purchase"],
        ("none", "promotion"),
        OutcomeKind.BINARY,
        np.array([0.5, 0.5]),
        customer_id=frame["ID"],
    )


def criteo(folder: Path) -> UpliftDataset:
    """10,000 rows of Criteo's trial, visits; `exposure` follows the treatment and is left out."""
    frame = pd.read_parquet(folder / "criteo_sample" / "criteo_sample.parquet")
    arm = frame["treatment"].to_numpy()
    return UpliftDataset.checked(
        frame[[f"f{j}" for j in range(12)]],
        arm,
        frame["visit"],
        ("none", "ad"),
        OutcomeKind.BINARY,
        np.array([1 - arm.mean(), arm.mean()]),
    )


def trial(folder: Path, name: str) -> Trial:
    """A trial by the name that the benchmark prints, such as "hillstrom visit womens"."""
    source, *rest = name.split()
    if source == "hillstrom":
        arms = ("none", *rest[1:]) if rest[1:] else HILLSTROM_ARMS
        return Trial(name, hillstrom(folder, rest[0], arms), Economics.free(len(arms) - 1))
    if source == "starbucks":
        return Trial(name, starbucks(folder, "train"), STARBUCKS)
    return Trial(name, criteo(folder), Economics.free(1))


def ihdp(folder: Path) -> Iterator[Known]:
    """The Infant Health and Development Program, 10 x 747 rows."""
    frame = pd.read_parquet(folder / "ihdp" / "ihdp_npci_1_10.parquet")
    columns = [f"x{j}" for j in range(1, 26)]
    for number, part in frame.groupby("rep"):
        effect = (part["mu1"] - part["mu0"]).to_numpy(dtype=np.float64)
        arm, outcome = part["treatment"].to_numpy(dtype=np.int64), part["y_factual"].to_numpy()
        yield Known(f"ihdp {number:.0f}", _observed(part[columns], arm, outcome), effect)


def acic(folder: Path) -> Iterator[Known]:
    """The ACIC 2016 challenge, ten outcome sets of 4,802 rows."""
    X = as_features(pd.read_parquet(folder / "acic2016" / "x.parquet"))
    outcomes = pd.read_parquet(folder / "acic2016" / "zymu_1_10.parquet")
    for number, part in outcomes.groupby("rep"):
        effect = (part["mu1"] - part["mu0"]).to_numpy(dtype=np.float64)
        arm = part["z"].to_numpy(dtype=np.int64)
        outcome = np.where(arm == 1, part["y1"], part["y0"])
        yield Known(f"acic {number:.0f}", _observed(X, arm, outcome), effect)


def _observed(
    X: pd.DataFrame, arm: NDArray[np.int64], outcome: NDArray[np.float64]
) -> UpliftDataset:
    share = arm.mean()
    return UpliftDataset.checked(
        X, arm, outcome, ("none", "treated"), OutcomeKind.MONEY, np.array([1 - share, share])
    )
