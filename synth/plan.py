"""The shop's past campaigns: when, to whom, and how their triggers were assigned."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.experiment import Design
from domain.triggers import NO_TRIGGER, Channel
from synth.effects import ARMS

Leaf = tuple[str, str, float]
"""A condition of an audience: a profile field, an operator of criteria, and a value."""


@dataclass(frozen=True)
class Plan:
    """One campaign. Of those who meet every condition of the audience, a share `reach` is in it.

    A randomised campaign assigns by `shares` (and by `repeat_shares` for those who have ordered
    twice or more, where these are given); a targeted one gives its only trigger by the marketer's
    rule `rule`, which maps what was known of a customer to log-odds, and `shares` is empty.
    """

    name: str
    channel: Channel
    window: int
    reach: float
    audience: tuple[Leaf, ...]
    shares: dict[str, float] = field(default_factory=dict)
    repeat_shares: dict[str, float] | None = None
    by_household: bool = False
    trigger: str = NO_TRIGGER
    rule: dict[str, float] = field(default_factory=dict)

    @property
    def design(self) -> Design:
        return Design.TARGETED if self.rule else Design.RANDOMISED


def _even(control: float) -> dict[str, float]:
    each = (1 - control) / (len(ARMS) - 1)
    return {arm: control if arm == NO_TRIGGER else each for arm in ARMS}


_MAILABLE: tuple[Leaf, ...] = (("email_consent", "eq", True), ("tenure_days", "gte", 30))
_BUYERS: tuple[Leaf, ...] = (*_MAILABLE, ("days_since_last_purchase", "lte", 365))

PLANS: tuple[Plan, ...] = (
    Plan(
        name="Free delivery test",
        channel=Channel.EMAIL,
        window=21,
        reach=0.75,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.4, "free_shipping": 0.6},
    ),
    Plan(
        name="Win-back with money off",
        channel=Channel.EMAIL,
        window=30,
        reach=0.8,
        audience=_MAILABLE,
        trigger="percentage_discount",
        rule={"level": -1.0, "weeks_since_order": 0.05, "orders": -0.3, "carts": 0.5},
    ),
    Plan(
        name="Discount against points",
        channel=Channel.EMAIL,
        window=21,
        reach=0.75,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.25, "percentage_discount": 0.45, "loyalty_reward": 0.3},
    ),
    Plan(
        name="Early access for the best",
        channel=Channel.EMAIL,
        window=14,
        reach=0.8,
        audience=_BUYERS,
        trigger="exclusivity_offer",
        rule={"level": -2.0, "orders": 0.7, "sessions": 0.15},
    ),
    Plan(
        name="Autumn bestsellers or last chance",
        channel=Channel.EMAIL,
        window=14,
        reach=0.8,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.3, "scarcity_message": 0.3, "social_proof": 0.4},
    ),
    Plan(
        name="Stories and picks",
        channel=Channel.EMAIL,
        window=21,
        reach=0.75,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.3, "content_story": 0.3, "product_recommendation": 0.4},
        by_household=True,
    ),
    Plan(
        name="Cart reminder with free delivery",
        channel=Channel.EMAIL,
        window=14,
        reach=0.8,
        audience=_MAILABLE,
        trigger="free_shipping",
        rule={"level": -1.8, "carts": 1.2, "sessions": 0.1},
    ),
    Plan(
        name="Bundles and early access",
        channel=Channel.EMAIL,
        window=21,
        reach=0.8,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.3, "bundle_offer": 0.4, "exclusivity_offer": 0.3},
    ),
    Plan(
        name="Points for regulars",
        channel=Channel.EMAIL,
        window=30,
        reach=0.8,
        audience=_MAILABLE,
        shares={NO_TRIGGER: 0.3, "loyalty_reward": 0.3, "product_recommendation": 0.4},
        repeat_shares={NO_TRIGGER: 0.2, "loyalty_reward": 0.6, "product_recommendation": 0.2},
    ),
    Plan(
        name="Everybody's favourites",
        channel=Channel.EMAIL,
        window=14,
        reach=0.8,
        audience=_MAILABLE,
        trigger="social_proof",
        rule={"level": -1.2, "sessions": 0.25, "orders": 0.3, "weeks_since_order": -0.02},
    ),
    Plan(
        name="Short messages",
        channel=Channel.SMS,
        window=14,
        reach=0.95,
        audience=(("sms_consent", "eq", True), ("tenure_days", "gte", 30)),
        shares={NO_TRIGGER: 0.25, "free_shipping": 0.3, "scarcity_message": 0.25}
        | {"bundle_offer": 0.2},
    ),
    Plan(
        name="All triggers, first round",
        channel=Channel.EMAIL,
        window=30,
        reach=0.75,
        audience=_MAILABLE,
        shares=_even(0.145),
    ),
    Plan(
        name="Spring discount for browsers",
        channel=Channel.EMAIL,
        window=21,
        reach=0.8,
        audience=_MAILABLE,
        trigger="percentage_discount",
        rule={"level": -1.5, "sessions": 0.3, "weeks_since_order": 0.02},
    ),
    Plan(
        name="All triggers, second round",
        channel=Channel.EMAIL,
        window=30,
        reach=0.9,
        audience=_MAILABLE,
        shares=_even(0.19),
    ),
)
"""In the order of time; the newest is randomised over every trigger."""

_FIRST = 0.35
"""The share of the history that lies before the first campaign."""
_SETTLED = 50.0
"""Days between the newest campaign's start and now: its window, and time for returns."""


def start_day(number: int, days: int) -> float:
    """The day on which a campaign of `PLANS` starts, at nine in the morning; windows never meet."""
    first, last = _FIRST * days, days - _SETTLED
    return float(int(first + (last - first) * number / (len(PLANS) - 1))) + 9 / 24


def window_days(number: int, days: int) -> int:
    """The outcome window: as planned, or shorter where the history is short."""
    if number + 1 == len(PLANS):
        return PLANS[number].window
    return min(PLANS[number].window, int(start_day(number + 1, days) - start_day(number, days)))


def campaign_id(number: int) -> str:
    return f"camp_{number + 1:02d}"
