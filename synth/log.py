"""The log's rows as arrays, before they become the table `events`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


@dataclass(frozen=True)
class Entries:
    """Rows of the log; -1 and NaN stand for "does not apply"."""

    owner: Ints
    day: Floats
    type: Ints
    product: Ints
    value: Floats
    seconds: Ints
    channel: Ints
    step: Ints


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
    absent = np.full(len(owner), -1)
    return Entries(
        owner=owner,
        day=day,
        type=np.full(len(owner), TYPES.index(kind)),
        product=absent if product is None else product,
        value=np.full(len(owner), np.nan) if value is None else value,
        seconds=absent if seconds is None else seconds,
        channel=np.full(len(owner), CHANNELS.index(channel)),
        step=absent if step is None else step,
    )
