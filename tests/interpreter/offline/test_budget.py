"""Budgets that are told by who grants them and by their limit, in any currency."""

from __future__ import annotations

import pytest

from interpreter.reader import read

BACK = "Lapsed customers should return."


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("max spend 3k usd.", 3_000, "USD"),
        ("An overall ceiling of 18,000 Swiss francs applies.", 18_000, "CHF"),
        ("The board grants NOK 40,000 to achieve it.", 40_000, "NOK"),
        ("I have 50000 KES for this work.", 50_000, "KES"),
        ("We can put 2.000 EUR into it.", 2_000, "EUR"),
        ("Not more than £900 all in.", 900, "GBP"),
        ("It may cost 12,000 Danish kroner at the very most.", 12_000, "DKK"),
        ("For 3000 Moroccan dirhams.", 3_000, "MAD"),
        ("Spend no more than seven and a half thousand dollars.", 7_500, "USD"),
        ("250,000 Kenyan shillings are available.", 250_000, "KES"),
        ("Not a cent over 700 euros.", 700, "EUR"),
        ("Höchstens 3.000 Euro.", 3_000, "EUR"),
    ],
)
def test_a_budget_needs_no_word_for_it(said: str, amount: float, currency: str) -> None:
    budget = read(f"{BACK} {said}").objective.budget
    assert budget is not None
    assert (budget.amount, budget.currency) == (amount, currency)


@pytest.mark.parametrize(
    "brief",
    [
        "Customers with an average order over 50 EUR should order again.",
        "Revenue up by 50,000 EUR from customers in Rome.",
        "Give them 10 euros off the next order, lapsed customers.",
        "Customers who spent more than 500 EUR in total get a gift.",
        "Carts worth 100 EUR or more: let them be paid.",
        "Average order from 42 to 47 GBP for UK customers.",
        "Customers whose basket was below 40 EUR, up to 500 people.",
    ],
)
def test_sums_about_customers_offers_and_goals_are_no_budget(brief: str) -> None:
    assert read(brief).objective.budget is None
