"""Suppressions and tombstones in memory, brought up to date by what changed since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.suppression import ALL_CHANNELS, Exclusion
from storage.control import Control
from storage.suppressions import LIFTED
from storage.tables import ErasureRow, SuppressionRow

_STAMP = (
    "SELECT (SELECT max(changed) FROM suppressions), (SELECT count(*) FROM erasures), "
    "(SELECT payload FROM definitions WHERE kind = 'current' AND key = 'customers')"
)


@dataclass(frozen=True)
class Stamp:
    """What the answer to "who is left out?" depends on, beside the frequency cap: the newest change
    of a suppression, how many tombstones there are, and the table of live consents. While it is the
    same, so is the answer."""

    changed: int
    tombstones: int
    customers_id: str | None


def stamp(control: Control) -> Stamp:
    """By one small query, because every pull asks."""
    found = control.row(_STAMP)
    assert found is not None
    changed, tombstones, payload = found
    known = _parsed(payload) if isinstance(payload, str) else payload
    return Stamp(changed or 0, tombstones, None if known is None else str(known["id"]))


@lru_cache(maxsize=8)
def _parsed(payload: str) -> Any:
    """The database gives the same text over and over."""
    return json.loads(payload)


class SuppressionIndex:
    """Looked up by every pull of a process, so that a page costs one small query."""

    def __init__(self) -> None:
        self._by_customer: dict[str, dict[str, Exclusion]] = {}
        self._changed, self._tombstones = 0, 0
        self._erased: frozenset[str] = frozenset()
        self._lock = Lock()

    def is_behind(self, stamp: Stamp) -> bool:
        """Whether something changed up to a stamp that has not been read."""
        return stamp.changed > self._changed or stamp.tombstones != self._tombstones

    def catch_up(self, session: Session, to: Stamp) -> None:
        """Read what changed up to a stamp, and perhaps later."""
        with self._lock:
            if to.changed > self._changed:
                query = select(
                    SuppressionRow.customer_id,
                    SuppressionRow.channel,
                    SuppressionRow.reason,
                    SuppressionRow.changed,
                ).where(SuppressionRow.changed > self._changed)
                for customer_id, channel, reason, changed in session.execute(query):
                    self._changed = max(self._changed, changed)
                    self._learn(customer_id, channel, reason)
            if to.tombstones != self._tombstones:
                self._erased = frozenset(session.scalars(select(ErasureRow.subject)))
                self._tombstones = to.tombstones

    @property
    def erased(self) -> frozenset[str]:
        """The keyed hashes of those who were erased, or are to be."""
        return self._erased

    def reasons(self, customer_ids: Sequence[str], channel: str | None) -> dict[str, Exclusion]:
        """Those of the customers who are not to be sent to on a channel, each with the weightier
        of the reasons for it and for all channels."""
        found: dict[str, Exclusion] = {}
        if not self._by_customer:
            return found
        for customer_id in customer_ids:
            known = self._by_customer.get(customer_id)
            if known is None:
                continue
            reasons = {known.get(ALL_CHANNELS), known.get(channel or ALL_CHANNELS)}
            if Exclusion.SUPPRESSED in reasons:
                found[customer_id] = Exclusion.SUPPRESSED
            elif Exclusion.UNSUBSCRIBED in reasons:
                found[customer_id] = Exclusion.UNSUBSCRIBED
        return found

    def _learn(self, customer_id: str, channel: str, reason: str) -> None:
        """By replacing what is known of a customer: others may be reading it."""
        known = dict(self._by_customer.get(customer_id, {}))
        known.pop(channel, None)
        if reason != LIFTED:
            known[channel] = Exclusion(reason)
        if known:
            self._by_customer[customer_id] = known
        else:
            self._by_customer.pop(customer_id, None)
