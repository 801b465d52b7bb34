"""Recipes: what can be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.errors import BadRequest
from synth.recipe import LOCALES, Recipe, recipe


def test_presets_and_sizes() -> None:
    assert [recipe(name).customers for name in ("small", "demo", "large")] == [
        10_000,
        100_000,
        1_000_000,
    ]
    assert recipe(77, seed=2) == Recipe(customers=77, seed=2)
    assert Recipe.demo(3) == recipe("demo", seed=3)
    assert len(LOCALES) >= 8


def test_a_history_ends_now_and_has_its_months() -> None:
    of = recipe(1, months=24, ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert of.starts_at == datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=of.days)
    assert 729 <= of.days <= 732


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customers": 0}, "customers"),
        ({"customers": 10, "months": 3}, "months"),
        ({"customers": 10, "locales": ("tlh_QO",)}, "locales"),
        ({"customers": 10, "locales": ()}, "locales"),
        ({"customers": 10, "ends_at": datetime(2026, 1, 1)}, "ends_at"),
        (
            {"customers": 10, "ends_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
            "ends_at",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        Recipe(**wrong)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.remedy


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(BadRequest, match="small, demo, large"):
        recipe("huge")
