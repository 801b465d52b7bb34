"""The little shop and what was learned from it, made once."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pytest

from profiles.build import build_profiles
from profiles.scores.labels import Cut, Labelled, label_bucket
from profiles.scores.models import ScoreModels, fit_scores
from profiles.scores.past import Past, Period, Plan, lesson, plan_cuts
from profiles.scores.sensitivity import Exposed, exposed_bucket
from tests.profiles.scores.shop import CAMPAIGNS, END, START, shop


@dataclass(frozen=True)
class Learned:
    tables: dict[str, pa.Table]
    plan: Plan
    labelled: dict[Cut, Labelled]
    now: pa.Table
    exposed: list[Exposed]
    models: ScoreModels

    def past(self, period: Period) -> Past:
        first, second = (
            lesson(self.labelled[cut], self.models.vocabulary, threads=1)
            for cut in self.plan[period]
        )
        return Past(first, second, second.given, seed=0, threads=1)


@pytest.fixture(scope="session")
def learned() -> Learned:
    tables = shop(2_000, seed=0)
    plan = plan_cuts(END, START)
    labelled = {cut: label_bucket(tables, cut) for cuts in plan.values() for cut in cuts}
    now = build_profiles(tables, END)
    exposed = [
        exposed_bucket(
            build_profiles(tables, at),
            tables,
            campaign_id=name,
            started_at=at,
            trigger="free_shipping",
            as_of=END,
        )
        for name, at in CAMPAIGNS.items()
    ]
    models = fit_scores(
        plan,
        labelled,
        now,
        as_of=END,
        products=tables["products"],
        exposed={"free_shipping": exposed},
        seed=0,
    )
    return Learned(tables, plan, labelled, now, exposed, models)
