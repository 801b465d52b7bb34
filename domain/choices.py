"""Choices among some triggers: a computed field, where a brief allows only these."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import UnknownField
from domain.triggers import KEY_PATTERN, NO_TRIGGER

BEST_AMONG = "best_trigger_among."
"""Prefix of a field that is computed when asked for: `best_trigger_among.a.b` is the trigger
with the highest positive net value of those named, or `none`. Where a brief allows only some
triggers, a segment's criteria need it to stay exact."""


def net_value_fields(keys: Iterable[str]) -> tuple[str, ...]:
    """The fields that such a choice is made by."""
    return tuple("net_value_for_" + key for key in keys)


def best_among(keys: Iterable[str]) -> str:
    return BEST_AMONG + ".".join(sorted(keys))


def best_among_keys(name: str) -> tuple[str, ...] | None:
    """The triggers that such a field chooses among; None for any other field."""
    if not name.startswith(BEST_AMONG):
        return None
    keys = tuple(name.removeprefix(BEST_AMONG).split("."))
    if any(not KEY_PATTERN.fullmatch(key) or key == NO_TRIGGER for key in keys):
        raise UnknownField(
            f"{name!r} names no list of triggers.",
            remedy=f"Write it as {BEST_AMONG}free_shipping.social_proof.",
            field=name,
        )
    return keys


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
