"""Numbers as people read them."""

from __future__ import annotations

from datetime import datetime

from domain.experiment import OutcomeKind
from domain.segment import Evidence, Interval
from domain.triggers import NO_TRIGGER, TriggerCatalogue

DASH = "–"


def count(value: float) -> str:
    """`12,340`."""
    return f"{value:,.0f}"


def brief_count(value: float) -> str:
    """`12,340`, `1.2 M`."""
    return f"{value / 1e6:,.1f} M" if abs(value) >= 1e6 else f"{value:,.0f}"


def money(value: float, currency: str, *, signed: bool = False) -> str:
    """`1,240 EUR`, `0.35 EUR`; with `signed` a plus where it is above 0."""
    size = abs(value)
    near = round(value) != 0 and abs(value - round(value)) < 0.0005
    digits = 0 if near or value == 0 or round(size, 2) >= 100 else 2 if size >= 0.1 else 3
    text = f"{value:{'+' if signed and value else ''},.{digits}f}".replace("-", "−")
    return f"{text} {currency}"


def percent(share: float, digits: int = 0) -> str:
    """`12 %`, not to be broken; what is above 0 and would be 0 is `under 1 %`."""
    if 0 < share < 0.5 / 10 ** (2 + digits):
        return f"under {1 / 10**digits:g}\u00a0%"
    return f"{share * 100:.{digits}f}\u00a0%"


def lift(value: float, kind: OutcomeKind, outcome: str, currency: str) -> str:
    """An effect a customer: `+4.1 points`, `+0.52 EUR`, `+0.120 orders`."""
    scaled, digits, unit = {
        OutcomeKind.BINARY: (value * 100, 1, "points"),
        OutcomeKind.MONEY: (value, 2, currency),
        OutcomeKind.COUNT: (value, 3, outcome.replace("_", " ")),
    }[kind]
    return f"{scaled:+,.{digits}f} {unit}".replace("-", "−")


def bare_lift(value: float, kind: OutcomeKind) -> str:
    """The same without its unit."""
    return lift(value, kind, "", "").strip().removesuffix(" points")


def between(interval: Interval, kind: OutcomeKind, outcome: str, currency: str) -> str:
    """`3.2 to 5.0 points`, signed where it matters."""
    low = bare_lift(interval.low, kind)
    high = lift(interval.high, kind, outcome, currency)
    return f"{low} to {high}".strip()


def day(moment: datetime) -> str:
    """`24 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `3 days ago`, and a date once that is long."""
    seconds = max((now - moment).total_seconds(), 0)
    if seconds < 60:
        return "just now"
    for size, word, most in ((60, "minute", 60), (3600, "hour", 24), (86400, "day", 14)):
        if seconds < size * most:
            return f"{plural(int(seconds // size), word)} ago"
    return day(moment)


def trigger_name(catalogue: TriggerCatalogue, key: str) -> str:
    """What marketers call a trigger."""
    if key == NO_TRIGGER:
        return "No trigger"
    return catalogue[key].name if key in catalogue else key.replace("_", " ").capitalize()


def plain(key: str) -> str:
    """`conversion_rate` as `conversion rate`."""
    return key.replace("_", " ")


def plural(number: int, noun: str) -> str:
    """`1 customer`, `2 customers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


EVIDENCE = {
    Evidence.STRONG: ("Strong evidence", "good"),
    Evidence.THIN: ("Thin evidence", "warn"),
    Evidence.NONE: ("No evidence", "mute"),
}
"""How much is known of a trigger: the badge's words, and its kind."""
