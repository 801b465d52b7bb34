"""The log's rows as arrays, before they become the table `events`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.triggers import Channel
from synth.chance import Floats, Ints

TYPES = (
    "session",
    "product_view",
    "cart_add",
    "cart_abandon",
    "wishlist_add",
    "review",
    "content_read",
    "bestsellers_view",
    "email_sent",
    "email_open",
    "email_click",
    "support_ticket",
)
CHANNELS = (Channel.WEB.value, Channel.EMAIL.value)


Codes = NDArray[np.int8]
Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Entries:
    """Rows of the log, the largest of all tables, so in few bytes; -1 and NaN stand for "does not
    apply"."""

    owner: Numbers
    day: Floats
    type: Codes
    product: Numbers
    value: Floats
    seconds: Numbers
    channel: Codes
    step: Codes


def entries(
    kind: str,
    owner: Ints,
    day: Floats,
    *,
    product: Ints | None = None,
    value: Floats | None = None,
    seconds: Ints | None = None,
    channel: str = CHANNELS[0],
    step: Ints | None = None,
) -> Entries:
    rows = len(owner)
    return Entries(
        owner=owner.astype(np.int32),
        day=day,
        type=np.full(rows, TYPES.index(kind), dtype=np.int8),
        product=_numbers(product, rows),
        value=np.full(rows, np.nan) if value is None else value,
        seconds=_numbers(seconds, rows),
        channel=np.full(rows, CHANNELS.index(channel), dtype=np.int8),
        step=_numbers(step, rows).astype(np.int8),
    )


def _numbers(values: Ints | None, rows: int) -> Numbers:
    return np.full(rows, -1, dtype=np.int32) if values is None else values.astype(np.int32)
