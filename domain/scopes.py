"""What an API key may do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from domain.errors import BadRequest


class Scope(StrEnum):
    SEGMENTS_READ = "segments:read"
    """See segments, triggers and jobs; pull members."""
    SEGMENTS_WRITE = "segments:write"
    """Read briefs; make and change segments."""
    CUSTOMERS_READ = "customers:read"
    """See what is known and recommended of one customer."""
    PII_READ = "pii:read"
    """See names, e-mail addresses and phone numbers, also hashed."""
    OUTCOMES_WRITE = "outcomes:write"
    """Report deliveries, outcomes and suppressions."""
    ADMIN = "admin"
    """Everything but personal data, which always takes `pii:read` too."""


def allows(held: Iterable[Scope], needed: Scope) -> bool:
    """Whether a holder of these scopes may do what needs one."""
    scopes = frozenset(held)
    return needed in scopes or (Scope.ADMIN in scopes and needed is not Scope.PII_READ)


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Scopes written with commas or blanks between them, each once, in the order of the enum."""
    words = set(re.split(r"[\s,]+", text.strip()))
    unknown = sorted(words - {scope.value for scope in Scope})
    if unknown:
        raise BadRequest(
            f"There is no scope {unknown[0]!r}.",
            remedy="The scopes are " + ", ".join(Scope) + ".",
            field="scopes",
        )
    return tuple(scope for scope in Scope if scope.value in words)


_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_lifetime(text: str) -> timedelta:
    """How long a key is to live: `12h`, `90d`, `52w`."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text.strip())
    if found is None:
        raise BadRequest(
            f"{text!r} is no lifetime.", remedy="Write it as 12h, 90d or 52w.", field="expires"
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
