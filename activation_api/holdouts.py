"""Who may see the customers that are held out at random."""

from __future__ import annotations

from enum import StrEnum

from domain.scopes import Scope, allows
from workflows.keys import ApiKey


class Include(StrEnum):
    """What a pull may ask for beside those who are given out."""

    HOLDOUT = "holdout"


def may_see_holdout(key: ApiKey) -> bool:
    """Whether a key may pull those held out: they must not be addressed, so that an ordinary
    platform's key never meets them."""
    return allows(key.scopes, Scope.ADMIN)
