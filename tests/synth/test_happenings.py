"""The log shows the traits, and each kind of row has what belongs to it."""

from __future__ import annotations

import pandas as pd
import pytest

from synth.log import TYPES
from tests.synth.conftest import World


@pytest.fixture(scope="module")
def events(world: World) -> pd.DataFrame:
    return world.frame("events")


def test_every_kind_of_event_happens(events: pd.DataFrame) -> None:
    assert set(events["type"]) == set(TYPES)


@pytest.mark.parametrize(
    ("column", "kinds"),
    [
        ("product_id", {"product_view", "cart_add", "wishlist_add", "review"}),
        ("value", {"cart_abandon", "review"}),
        ("duration_seconds", {"session"}),
        ("properties", {"cart_abandon"}),
    ],
)
def test_columns_are_filled_where_they_apply(
    events: pd.DataFrame, column: str, kinds: set[str]
) -> None:
    filled = events[column].notna()
    assert (filled == events["type"].isin(kinds)).all()


def test_mail_is_opened_after_it_was_sent_and_clicked_after_it_was_opened(
    events: pd.DataFrame,
) -> None:
    mail = events[events["channel"] == "email"].groupby(["customer_id", "type"]).size().unstack()
    mail = mail.fillna(0)
    assert (mail["email_open"] <= mail["email_sent"]).all()
    assert (mail["email_click"] <= mail["email_open"]).all()
    assert 0.1 < mail["email_open"].sum() / mail["email_sent"].sum() < 0.5


def test_mail_goes_only_to_those_who_consented(world: World, events: pd.DataFrame) -> None:
    consent = world.frame("customers").set_index("customer_id")["email_consent"]
    sent = events.loc[events["type"] == "email_sent", "customer_id"]
    assert consent.loc[sent.unique()].all()


@pytest.mark.parametrize(
    ("trait", "kind", "step"),
    [
        ("shipping", "cart_abandon", "shipping"),
        ("price", "cart_abandon", "cart"),
        ("conformity", "bestsellers_view", None),
        ("curiosity", "content_read", None),
        ("status", "wishlist_add", None),
        ("openness", "session", None),
        ("reactance", "support_ticket", None),
    ],
)
def test_traits_show_in_behaviour_but_noisily(
    world: World, events: pd.DataFrame, trait: str, kind: str, step: str | None
) -> None:
    rows = events["type"] == kind
    if step is not None:
        rows &= events["properties"].map(lambda entry: entry is not None and entry["step"] == step)
    traits = world.truth["traits"].to_pandas().set_index("customer_id")
    counts = events[rows].groupby("customer_id").size().reindex(traits.index, fill_value=0)
    assert 0.03 < counts.corr(traits[f"trait_{trait}"], method="spearman") < 0.8
