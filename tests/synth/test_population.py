"""Who the customers are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.places import place
from synth.population import SOURCES, TRAITS, population
from synth.recipe import LOCALES, recipe
from tests.synth.conftest import World


def test_identities_are_safe_to_show(world: World) -> None:
    people = world.frame("identities")
    assert people["customer_id"].str.fullmatch(r"cust_[0-9a-f]{8}").all()
    assert (
        people["email_address"].str.fullmatch(r"[a-z]+\.[0-9a-f]{8}@example\.(com|net|org)").all()
    )
    assert people["phone_number"].str.startswith("+999").all()
    assert people["first_name"].nunique() > 500


def test_customers_live_in_every_locale_and_its_cities(world: World) -> None:
    customers = world.frame("customers")
    assert set(customers["location_country"]) == {place(code).country for code in LOCALES}
    for code in LOCALES:
        here = customers[customers["location_country"] == place(code).country]
        assert set(here["location_city"]) <= set(place(code).cities)
    assert customers["location_city"].value_counts().index[0] == "London"


def test_only_the_locales_asked_for_are_made() -> None:
    of = recipe(300, months=12, locales=("fr_FR", "nl_NL"))
    people = population(of, 0, 1)
    assert set(people.locale.tolist()) == {0, 1}


def test_sources_and_consents_vary(world: World) -> None:
    customers = world.frame("customers")
    assert set(customers["acquisition_source"]) == set(SOURCES)
    for channel in ("email", "sms", "push", "ads"):
        assert 0.2 < customers[f"{channel}_consent"].mean() < 0.95


def test_households_share_a_home(world: World) -> None:
    exposures = world.frame("exposures").drop_duplicates("customer_id").dropna(subset="cluster_id")
    city = world.frame("customers").set_index("customer_id")["location_city"]
    homes = exposures.assign(city=city.loc[exposures["customer_id"]].to_numpy()).groupby(
        "cluster_id"
    )
    assert (homes.size() <= 2).all()
    assert (homes.size() == 2).sum() > 100
    assert (homes["city"].nunique() == 1).all()


def test_one_campaign_is_assigned_by_household(world: World) -> None:
    exposures = world.frame("exposures").dropna(subset="cluster_id")
    together = {
        campaign: rows.groupby("cluster_id")["trigger"].nunique().max()
        for campaign, rows in exposures.groupby("campaign_id")
    }
    assert together["camp_06"] == 1
    assert together["camp_14"] == 2


def test_traits_are_standard_normal_and_apart(world: World) -> None:
    traits: pd.DataFrame = world.truth["traits"].to_pandas()[[f"trait_{t}" for t in TRAITS]]
    assert np.abs(traits.mean()).max() < 0.05
    assert np.abs(traits.std() - 1).max() < 0.05
    assert np.abs(traits.corr() - np.eye(len(TRAITS))).max(axis=None) < 0.05


def test_spending_is_heavy_tailed_and_activity_dies(world: World) -> None:
    spent = world.frame("orders").groupby("customer_id")["total"].sum().sort_values()
    assert spent.iloc[-len(spent) // 5 :].sum() > 0.5 * spent.sum()
    alive = world.truth["traits"]["dies_on_day"].to_numpy() > world.recipe.days
    assert 0.4 < alive.mean() < 0.85
