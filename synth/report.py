"""A page that shows what a synthetic world is like, and what is hidden in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment

from domain.triggers import CATALOGUE, NO_TRIGGER
from synth import figures
from synth.chance import Floats
from synth.population import TRAITS
from synth.truth import NOW

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A synthetic shop</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
td:first-child, th:first-child { text-align: left; }
</style></head><body>
<h1>A synthetic shop</h1>
<p>From the tables given: {{ "{:,}".format(customers) }} customers. This page shows hidden truth; a
model must never see it.</p>
<table><tr><th>table</th><th>rows</th></tr>
{% for name, rows in sizes %}<tr><td>{{ name }}</td><td>{{ "{:,}".format(rows) }}</td></tr>
{% endfor %}</table>
<h2>Behaviour</h2>
<img alt="distributions" src="{{ distributions }}"><img alt="retention" src="{{ retention }}">
<h2>True effects, for a campaign that starts now</h2>
<p>Without a trigger {{ pct(base) }} convert. The best single trigger, {{ best }}, adds
{{ points(best_gain) }} points; giving everyone their own best, or none, adds
{{ points(oracle_gain) }}. For {{ pct(none_best) }} of the customers none is best.</p>
<table><tr><th>trigger</th><th>mean effect, points</th><th>put off</th><th>best for</th></tr>
{% for row in triggers %}<tr><td>{{ row.name }}</td><td>{{ points(row.mean) }}</td>
<td>{{ pct(row.put_off) }}</td><td>{{ pct(row.best) }}</td></tr>
{% endfor %}</table>
<img alt="effects" src="{{ spread }}"><img alt="traits and effects" src="{{ traits }}">
<h2>Past campaigns</h2>
<img alt="balance" src="{{ balance }}">
</body></html>
"""
_PUT_OFF = -0.005
"""Effects below this count as put off: half a point."""


def report(tables: Mapping[str, pa.Table], truth: Mapping[str, pa.Table]) -> str:
    """An HTML page that stands alone: distributions, retention, hidden effects, campaign balance.

    `tables` are the raw tables of some buckets with the global ones; `truth` is that of the same
    customers. One bucket is sample enough.
    """
    outcomes = truth["potential_outcomes"]
    now = outcomes.filter(pc.equal(outcomes["campaign_id"], NOW))
    base = _column(now, f"converted_{NO_TRIGGER}")
    effects = {key: _column(now, f"converted_{key}") - base for key in CATALOGUE}
    stacked = np.stack([np.zeros_like(base), *effects.values()], axis=1)
    choice = stacked.argmax(axis=1)
    means = {key: float(effect.mean()) for key, effect in effects.items()}
    best = max(means, key=lambda key: means[key])
    orders = tables["orders"].select(["customer_id", "total", "ordered_at"]).to_pandas()
    events = tables["events"]
    sessions = events.filter(pc.equal(events["type"], "session"))
    seen = sessions.select(["customer_id", "occurred_at"]).to_pandas()
    customers = tables["customers"].to_pandas()
    campaigns = tables["campaigns"].to_pandas()

    environment = Environment(autoescape=True)
    environment.globals["pct"] = lambda share: f"{share:.1%}"
    environment.globals["points"] = lambda share: f"{100 * share:+.2f}"
    return environment.from_string(_PAGE).render(
        customers=len(customers),
        sizes=[(name, table.num_rows) for name, table in tables.items()],
        distributions=figures.distributions(orders, len(customers), seen["occurred_at"]),
        retention=figures.retention(_retention(customers, orders, seen)),
        base=base.mean(),
        best=CATALOGUE[best].name.lower(),
        best_gain=means[best],
        oracle_gain=stacked.max(axis=1).mean(),
        none_best=(choice == 0).mean(),
        triggers=[
            {
                "name": CATALOGUE[key].name,
                "mean": means[key],
                "put_off": (effects[key] < _PUT_OFF).mean(),
                "best": (choice == place).mean(),
            }
            for place, key in enumerate(effects, start=1)
        ],
        spread=figures.effect_spread(effects),
        traits=figures.heat(
            _correlations(truth["traits"], now["customer_id"], effects),
            "Hidden traits and true effects: correlation",
        ),
        balance=figures.balance(
            _balance(tables["exposures"], campaigns, orders, seen),
            set(campaigns.loc[campaigns["design"] == "targeted", "name"]),
        ),
    )


def _column(table: pa.Table, name: str) -> Floats:
    values: Floats = table[name].to_numpy().astype(np.float64)
    return values


def _correlations(
    traits: pa.Table, ids: pa.ChunkedArray, effects: dict[str, Floats]
) -> pd.DataFrame:
    frame = traits.to_pandas().set_index("customer_id").loc[ids.to_pylist()]
    columns = {
        key: {name: frame[f"trait_{name}"].corr(pd.Series(effect, frame.index)) for name in TRAITS}
        for key, effect in effects.items()
    }
    return pd.DataFrame(columns)


def _retention(customers: pd.DataFrame, orders: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Rows: joining quarter within the history; columns: months since; cells: share active."""
    active = pd.concat(
        [
            seen.rename(columns={"occurred_at": "at"}),
            orders[["customer_id", "ordered_at"]].rename(columns={"ordered_at": "at"}),
        ]
    )
    begin, now = active["at"].min(), active["at"].max()
    joined = customers.set_index("customer_id")["creation_date"]
    joined = joined[joined >= begin]
    active = active[active["customer_id"].isin(joined.index)]
    days = (active["at"] - active["customer_id"].map(joined)).dt.days
    quarter = joined.dt.tz_localize(None).dt.to_period("Q")
    rows = pd.DataFrame(
        {
            "customer_id": active["customer_id"].to_numpy(),
            "quarter": quarter.loc[active["customer_id"]].to_numpy(),
            "month": (days // 30).to_numpy(),
        }
    ).drop_duplicates()
    share = rows.groupby(["quarter", "month"]).size().unstack()
    share = share.div(quarter.value_counts(), axis=0).sort_index()
    ends = pd.PeriodIndex(share.index).end_time
    whole = np.asarray((now.tz_localize(None) - ends) // pd.Timedelta(days=30))
    lived = np.asarray(share.columns)[None, :] < whole[:, None]
    return share.where(lived).dropna(how="all")


def _balance(
    exposures: pa.Table, campaigns: pd.DataFrame, orders: pd.DataFrame, seen: pd.DataFrame
) -> pd.DataFrame:
    """Rows: campaigns; columns: what was known before; cells: standardised differences."""
    given = exposures.select(["campaign_id", "customer_id", "trigger"]).to_pandas()
    rows = {}
    for campaign in campaigns.to_dict("records"):
        group = given[given["campaign_id"] == campaign["campaign_id"]]
        start, ids = campaign["started_at"], group["customer_id"]
        past = orders[orders["ordered_at"] < start]
        recent = seen[(seen["occurred_at"] < start)]
        recent = recent[recent["occurred_at"] >= start - pd.Timedelta(days=90)]
        known = pd.DataFrame(
            {
                "orders": ids.map(past.groupby("customer_id").size()).fillna(0.0),
                "spent": ids.map(past.groupby("customer_id")["total"].sum()).fillna(0.0),
                "sessions": ids.map(recent.groupby("customer_id").size()).fillna(0.0),
            }
        )
        treated = group["trigger"] != NO_TRIGGER
        one, other = known[treated], known[~treated]
        rows[campaign["name"]] = (one.mean() - other.mean()) / np.sqrt(
            (one.var() + other.var()) / 2
        )
    return pd.DataFrame(rows).T.iloc[::-1]
