"""Campaigns: assignment as stated, outcomes as the orders show them, effects as the truth has."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from domain.triggers import CATALOGUE, NO_TRIGGER
from synth.effects import ARMS
from tests.synth.conftest import World

NEWEST = "camp_14"


def randomised(world: World) -> list[str]:
    campaigns = world.frame("campaigns")
    return list(campaigns.loc[campaigns["design"] == "randomised", "campaign_id"])


def test_there_are_campaigns_of_both_designs_over_every_trigger(world: World) -> None:
    campaigns = world.frame("campaigns")
    assert len(campaigns) >= 12
    assert set(campaigns["design"]) == {"randomised", "targeted"}
    assert set(world.frame("exposures")["trigger"]) == {NO_TRIGGER, *CATALOGUE}
    starts = campaigns["started_at"]
    windows = pd.to_timedelta(campaigns["outcome_window_days"], unit="D")
    assert ((starts + windows).iloc[:-1].to_numpy() <= starts.iloc[1:].to_numpy()).all()


def test_arms_come_in_the_stated_shares(world: World) -> None:
    exposures = world.frame("exposures")
    for campaign in randomised(world):
        rows = exposures[exposures["campaign_id"] == campaign]
        shares = pd.DataFrame([dict(row) for row in rows["propensities"]])
        np.testing.assert_allclose(shares.sum(axis=1), 1.0)
        seen = rows["trigger"].value_counts().reindex(shares.columns)
        test = stats.chisquare(seen, shares.sum())
        assert test.pvalue > 1e-4, campaign
        assert 0.25 < len(rows) / world.recipe.customers < 0.75


def test_propensities_of_targeted_campaigns_are_unknown(world: World) -> None:
    exposures = world.frame("exposures")
    known = exposures["campaign_id"].isin(randomised(world))
    assert exposures.loc[~known, "propensities"].isna().all()
    assert exposures.loc[known, "propensities"].notna().all()
    campaigns = world.frame("campaigns").set_index("campaign_id")
    assert campaigns.loc[campaigns["design"] == "targeted", "arm_probabilities"].isna().all()


def test_audiences_are_met_by_all_who_were_in(world: World) -> None:
    customers = world.frame("customers").set_index("customer_id")
    exposures = world.frame("exposures")
    for campaign in world.frame("campaigns").to_dict("records"):
        rows = exposures[exposures["campaign_id"] == campaign["campaign_id"]]
        who = customers.loc[rows["customer_id"]]
        tenure = (campaign["started_at"] - who["creation_date"]).dt.days
        for leaf in json.loads(campaign["audience"])["all"]:
            if leaf["field"].endswith("_consent"):
                assert (who[leaf["field"]] == leaf["value"]).all()
            elif leaf["field"] == "tenure_days":
                assert (tenure >= leaf["value"]).all()


def test_outcomes_are_what_the_orders_and_events_show(world: World) -> None:
    """The slow twin: outcomes counted anew from the tables, by a join and a filter."""
    campaigns = world.frame("campaigns").set_index("campaign_id")
    outcomes = world.outcomes()
    items = world.frame("order_items")
    orders = world.frame("orders").set_index("order_id")
    gross = (items["unit_price"] * items["quantity"]).groupby(items["order_id"]).sum()
    kept = orders["total"] / gross
    back = items[items["returned_at"].notna()]
    refund = back["unit_price"] * back["quantity"] * kept.reindex(back["order_id"]).to_numpy()
    orders["net"] = orders["total"] - refund.groupby(back["order_id"]).sum().reindex(
        orders.index, fill_value=0.0
    )
    events = world.frame("events")
    sessions = events[events["type"] == "session"]
    for campaign, at in campaigns.iterrows():
        rows = outcomes[outcomes["campaign_id"] == campaign].set_index("customer_id")
        end = at["started_at"] + pd.Timedelta(days=at["outcome_window_days"])
        inside = orders[(orders["ordered_at"] >= at["started_at"]) & (orders["ordered_at"] < end)]
        count = inside.groupby("customer_id").size().reindex(rows.index, fill_value=0)
        revenue = inside.groupby("customer_id")["net"].sum().reindex(rows.index, fill_value=0.0)
        when = sessions["occurred_at"]
        visitors = set(sessions.loc[(when >= at["started_at"]) & (when < end), "customer_id"])
        assert (rows["orders"] == count).all()
        assert (rows["converted"] == (count > 0)).all()
        np.testing.assert_allclose(rows["revenue"], revenue, atol=0.02)
        assert (rows["visit"] == rows.index.isin(visitors)).mean() > 0.9999


def test_orders_are_credited_only_to_campaigns_their_customer_was_sent(world: World) -> None:
    orders = world.frame("orders")
    credited = orders[orders["campaign_id"].notna()]
    exposures = world.frame("exposures")
    both = credited.merge(exposures, on=["campaign_id", "customer_id"], how="left")
    assert both["sent_at"].notna().all()
    assert (both["ordered_at"] >= both["sent_at"]).all()


@pytest.mark.parametrize("outcome", ["converted", "visit"])
def test_rates_agree_with_the_hidden_truth(world: World, outcome: str) -> None:
    """Under randomisation the mean outcome of an arm is the mean of its potential outcome."""
    outcomes = world.outcomes()
    z = []
    for campaign in randomised(world):
        truth = world.potential(campaign)
        for arm, rows in outcomes[outcomes["campaign_id"] == campaign].groupby("trigger"):
            p = truth.loc[rows["customer_id"], f"{outcome}_{arm}"].to_numpy(dtype=np.float64)
            error = rows[outcome].to_numpy() - p
            z.append(error.sum() / np.sqrt((p * (1 - p)).sum()))
    assert np.abs(z).max() < 4
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))
    assert 0.6 < np.std(z) < 1.4


@pytest.mark.parametrize("outcome", ["orders", "revenue"])
def test_means_agree_with_the_hidden_truth(world: World, outcome: str) -> None:
    outcomes = world.outcomes()
    z = []
    for campaign in randomised(world):
        truth = world.potential(campaign)
        for arm, rows in outcomes[outcomes["campaign_id"] == campaign].groupby("trigger"):
            expected = truth.loc[rows["customer_id"], f"{outcome}_{arm}"].to_numpy(np.float64)
            error = rows[outcome].to_numpy() - expected
            z.append(error.mean() / (error.std() / np.sqrt(len(rows))))
    assert np.abs(z).max() < 4.5
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))


def test_base_rates_are_those_of_a_shop(world: World) -> None:
    for campaign in randomised(world):
        assert 0.03 < world.potential(campaign)["converted_none"].mean() < 0.16
    assert 0.05 < world.potential(NEWEST)["converted_none"].mean() < 0.15


def effects(world: World, campaign: str) -> pd.DataFrame:
    truth = world.potential(campaign)
    columns = {arm: truth[f"converted_{arm}"] - truth["converted_none"] for arm in ARMS}
    return pd.DataFrame(columns)


def test_personalising_pays(world: World) -> None:
    effect = effects(world, "now")
    best_single = effect.mean().max()
    oracle = effect.max(axis=1).mean()
    assert 1.5 < oracle / best_single < 2.5
    assert (effect.idxmax(axis=1).value_counts(normalize=True).drop(NO_TRIGGER) > 0.02).all()


def test_some_are_put_off_and_some_by_everything(world: World) -> None:
    effect = effects(world, "now")
    put_off = (effect.drop(columns=NO_TRIGGER) < -0.005).mean()
    assert (put_off > 0.03).all()
    assert (put_off < 0.4).all()
    assert 0.02 < (effect.idxmax(axis=1) == NO_TRIGGER).mean() < 0.2


def test_one_trigger_does_nothing_on_average_but_works_for_some(world: World) -> None:
    effect = effects(world, "now")["scarcity_message"]
    assert abs(effect.mean()) < 0.005
    assert (effect > 0.03).mean() > 0.1


def test_effects_fade_with_repetition(world: World) -> None:
    """Among like customers, those who had the trigger before respond less to it."""
    exposures = world.frame("exposures")
    for trigger in ("free_shipping", "percentage_discount", "social_proof"):
        sent = exposures[(exposures["trigger"] == trigger) & exposures["sent_at"].notna()]
        had = sent.groupby("customer_id").size()
        effect = effects(world, "now")[trigger]
        positive = effect[effect > 0.005]
        times = had.reindex(positive.index, fill_value=0)
        assert positive[times >= 2].mean() < positive[times == 0].mean()


@pytest.mark.parametrize("campaign", ["camp_02", "camp_10"])
def test_targeted_campaigns_mislead_who_compares_naively(world: World, campaign: str) -> None:
    outcomes = world.outcomes()
    rows = outcomes[outcomes["campaign_id"] == campaign]
    treated = rows["trigger"] != NO_TRIGGER
    naive = rows.loc[treated, "converted"].mean() - rows.loc[~treated, "converted"].mean()
    trigger = rows.loc[treated, "trigger"].iloc[0]
    truth = effects(world, campaign)[trigger].mean()
    assert abs(naive - truth) > 0.02
