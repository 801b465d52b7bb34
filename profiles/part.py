"""A part of the profile: fields that come from the same raw tables by one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`select` gives `customer_id` and the fields, for the customers who have any rows.

    `needs` are the raw tables without which the fields are null for everyone; `otherwise` is what
    a customer without rows has (SQL, `NULL` where nothing can be said), by field.
    """

    name: str
    needs: frozenset[str]
    select: str
    otherwise: Mapping[str, str]
