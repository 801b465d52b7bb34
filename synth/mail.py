"""The mail that customers are sent, open and click: newsletters and campaigns."""

from __future__ import annotations

import numpy as np

from domain.triggers import Channel
from synth.attention import NEWSLETTER_REACH, clicks, newsletters, opens
from synth.baskets import Baskets
from synth.campaigns import Played
from synth.chance import Flags, Floats, Ints, Stream, uniform
from synth.log import CHANNELS, Entries, entries
from synth.plan import PLANS
from synth.population import Population


def newsletter_mail(people: Population, until: float) -> list[Entries]:
    parts: list[Entries] = []
    for issue, day in newsletters(0.0, until):
        chosen = uniform(people.key, Stream.EMAIL, 8 * issue) < NEWSLETTER_REACH
        owner = np.flatnonzero(chosen & people.consent[:, 0] & (people.created < day))
        nobody = np.zeros(len(owner), dtype=np.bool_)
        parts += _mail(people, owner, day, np.full(len(owner), day), 8 * issue, nobody)
    return parts


def campaign_mail(people: Population, b: Baskets, played: Played) -> list[Entries]:
    """Campaign mail. Whoever it brought to buy has opened it and clicked."""
    parts: list[Entries] = []
    for exposures in played.exposures:
        if PLANS[exposures.campaign].channel is not Channel.EMAIL:
            continue
        owner = exposures.rows[exposures.sent]
        brought = np.zeros(len(people), dtype=np.bool_)
        brought[b.orders.owner[b.orders.caused_by(exposures.campaign)]] = True
        number = 8 * (1000 + exposures.campaign)
        sent = exposures.sent_day[exposures.sent]
        parts += _mail(people, owner, exposures.day, sent, number, brought[owner])
    return parts


def _mail(
    people: Population, owner: Ints, start: float, day: Floats, number: int, brought: Flags
) -> list[Entries]:
    key = people.key[owner]
    wait = 0.002 + 1.5 * uniform(key, Stream.EMAIL, number + 1) ** 3
    opened = uniform(key, Stream.EMAIL, number + 2) < opens(people, start)[owner]
    clicked = opened & (uniform(key, Stream.EMAIL, number + 3) < clicks(people)[owner])
    opened, clicked = opened | brought, clicked | brought
    wait = np.where(brought, 0.002, wait)
    seconds = (20 + 200 * uniform(key[clicked], Stream.EMAIL, number + 4)).astype(np.int64)
    mail = CHANNELS[1]
    return [
        entries("email_sent", owner, day, channel=mail),
        entries("email_open", owner[opened], (day + wait)[opened], channel=mail),
        entries("email_click", owner[clicked], (day + wait)[clicked] + 0.001, channel=mail),
        entries("session", owner[clicked], (day + wait)[clicked] + 0.0011, seconds=seconds),
    ]
