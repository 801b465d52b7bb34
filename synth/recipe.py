"""What to make: how many customers, how long a history, from which places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from domain.errors import BadRequest

LOCALES = (
    "en_GB",
    "en_US",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "sv_SE",
    "pt_BR",
)
"""The locales that `places.py` knows, in order of how many customers live there."""

ENDS_AT = datetime(2026, 7, 1, tzinfo=UTC)
"""The default "now", fixed so that the same recipe is the same data on any day."""

SIZES = {"small": 10_000, "demo": 100_000, "large": 1_000_000}

_MONTH_DAYS = 365.25 / 12
_FEWEST_MONTHS = 12  # campaigns must not overlap, and customers need a past before the first


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A synthetic shop, fully determined: equal recipes make equal data, however it is divided.

    `ends_at` (UTC) is the "now" of the data set: nothing in it is later. `currency` (ISO 4217) is
    the one currency in which all money is.
    """

    customers: int
    months: int = 24
    seed: int = 1
    ends_at: datetime = ENDS_AT
    locales: tuple[str, ...] = LOCALES
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if not 1 <= self.customers <= 1 << 31:
            raise BadRequest(
                f"Can't make {self.customers} customers.",
                remedy="Ask for between 1 and 2,147,483,648.",
                field="customers",
            )
        if not _FEWEST_MONTHS <= self.months <= 120:
            raise BadRequest(
                f"Can't make a history of {self.months} months.",
                remedy=f"Ask for between {_FEWEST_MONTHS} and 120 months.",
                field="months",
            )
        if self.ends_at.utcoffset() != timedelta(0):
            raise BadRequest(
                f"The end {self.ends_at} is not in UTC.", remedy="Give it in UTC.", field="ends_at"
            )
        unknown = [locale for locale in self.locales if locale not in LOCALES]
        if unknown or not self.locales:
            raise BadRequest(
                f"Can't make customers of {', '.join(unknown) or 'no locale'}.",
                remedy=f"Choose from {', '.join(LOCALES)}.",
                field="locales",
            )

    @property
    def days(self) -> int:
        """Days of history."""
        return round(self.months * _MONTH_DAYS)

    @property
    def starts_at(self) -> datetime:
        return self.ends_at - timedelta(days=self.days)

    @classmethod
    def small(cls, seed: int = 1) -> Self:
        return cls(customers=SIZES["small"], seed=seed)

    @classmethod
    def demo(cls, seed: int = 1) -> Self:
        return cls(customers=SIZES["demo"], seed=seed)

    @classmethod
    def large(cls, seed: int = 1) -> Self:
        return cls(customers=SIZES["large"], seed=seed)


def recipe(
    size: str | int,
    *,
    months: int = 24,
    seed: int = 1,
    ends_at: datetime = ENDS_AT,
    locales: tuple[str, ...] = LOCALES,
    currency: str = "EUR",
) -> Recipe:
    """A recipe of a preset (`small`, `demo`, `large`) or of any number of customers."""
    if isinstance(size, str):
        if size not in SIZES:
            raise BadRequest(
                f"There is no preset {size!r}.",
                remedy=f"Choose from {', '.join(SIZES)}, or give a number of customers.",
                field="size",
            )
        size = SIZES[size]
    return Recipe(
        customers=size,
        months=months,
        seed=seed,
        ends_at=ends_at,
        locales=locales,
        currency=currency,
    )
