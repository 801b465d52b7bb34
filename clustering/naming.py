"""Names and descriptions of segments by templates: every word follows from a characteristic, and
every number is one of the segment's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clustering.characteristics import MISSING
from domain.discovery import Characteristic

TELLING = 0.3
"""Importance from which a characteristic names a segment."""
NAMED, DESCRIBED = 3, 4
"""How many characteristics a name, and a description, may use."""
NAME_LENGTH = 80


@dataclass(frozen=True)
class Phrase:
    """How customers with little or much of a field are called: by an adjective or a noun, or not at
    all where it is empty."""

    low: str
    high: str
    noun: bool = False


PHRASES = {
    "lifetime_orders": Phrase("occasional buyers", "frequent buyers", noun=True),
    "purchase_frequency": Phrase("occasional buyers", "frequent buyers", noun=True),
    "lifetime_value": Phrase("small spenders", "big spenders", noun=True),
    "average_order_value": Phrase("small-basket", "large-basket"),
    "days_since_last_purchase": Phrase("recent", "lapsed"),
    "days_since_last_seen": Phrase("active", "absent"),
    "session_count": Phrase("rarely visiting", "often visiting"),
    "avg_session_duration": Phrase("quickly browsing", "long browsing"),
    "tenure_days": Phrase("new", "long-standing"),
    "carts_abandoned": Phrase("", "cart-leaving"),
    "abandoned_cart_value": Phrase("", "large-cart"),
    "clv_score": Phrase("low-potential", "high-potential"),
    "churn_probability_score": Phrase("steady", "at-risk"),
    "discount_sensitivity_score": Phrase("full-price", "deal-seeking"),
    "free_shipping_sensitivity_score": Phrase("shipping-indifferent", "shipping-sensitive"),
    "social_proof_affinity": Phrase("independent", "crowd-following"),
    "content_engagement_score": Phrase("content-averse", "content-reading"),
    "email_open_rate": Phrase("mail-ignoring", "mail-opening"),
    "email_click_through_rate": Phrase("rarely clicking", "often clicking"),
    "wishlist_items_count": Phrase("", "wish-listing"),
    "product_reviews_written": Phrase("", "reviewing"),
}
_NOBODY, _MOSTLY_NOBODY = "people who never bought", "people of whom most never bought"
_NEVER = "days_since_last_purchase"
_WORTH = ("lifetime_value", "average_order_value", "clv_score")
_FIRST = ("recent", "lapsed", "active", "absent", "new")
"""Adjectives that stand before others."""


def named(characteristics: Sequence[Characteristic], row_name: str) -> str:
    """A name from the most telling characteristics, or from the first where none tells much."""
    telling = [one for one in characteristics if one.importance >= TELLING][:NAMED]
    adjectives: list[str] = []
    nouns: list[str] = []
    extras: list[str] = []
    for one in telling or characteristics[:1]:
        phrase = PHRASES.get(one.feature)
        if one.feature == _NEVER and one.value is None:
            nouns.insert(0, _NOBODY)
        elif one.level == MISSING and any(noun == _NOBODY for noun in nouns):
            continue
        elif phrase is None or one.level is not None:
            extras.append(_plain(one))
        elif phrase.noun:
            nouns.append(_noun(one, phrase))
        else:
            adjectives.append(phrase.high if one.high else phrase.low)
    none = next((noun for noun in (_NOBODY, _MOSTLY_NOBODY) if noun in nouns), None)
    if none is not None:
        adjectives, nouns = [], [none]
        extras = [one for one in extras if MISSING not in one]
    noun = nouns[0] if nouns else row_name
    extras += [other for other in nouns[1:2] if other != noun]
    adjectives.sort(key=lambda word: word not in _FIRST)
    told = " ".join([*[word for word in adjectives if word][:2], noun])
    if extras:
        told += (" with " if not nouns and not adjectives else ", ") + " and ".join(extras[:2])
    told = told[:1].upper() + told[1:]
    return told if len(told) <= NAME_LENGTH else told[: NAME_LENGTH - 3] + "..."


def distinct(
    names: Sequence[str], characteristics: Sequence[Sequence[Characteristic]]
) -> list[str]:
    """The names, each of a kind: where some are the same, what they differ in is added."""
    made: list[str] = []
    for name, known in zip(names, characteristics, strict=True):
        alike = [other for n, other in zip(names, characteristics, strict=True) if n == name]
        if len(alike) > 1 and (told := _differing(known, alike)):
            name = f"{name[: NAME_LENGTH // 2]} ({told})"
        base, count = name, 2
        while name in made:
            name, count = f"{base} ({count})", count + 1
        made.append(name)
    return made


def _differing(known: Sequence[Characteristic], alike: Sequence[Sequence[Characteristic]]) -> str:
    """The most important value that not all of the segments of a name share."""
    for one in known:
        others = {_value(other) for some in alike for other in some if other.feature == one.feature}
        if len(others) > 1:
            return _value(one)[: NAME_LENGTH // 2]
    return ""


def described(
    size: int, percentage: float, characteristics: Sequence[Characteristic], row_name: str
) -> str:
    """What a marketer reads: how many they are and what is different about them."""
    lead = f"{size:,} {row_name}, {percentage:.1f} % of all."
    told = [one.text for one in characteristics[:DESCRIBED] if one.importance >= TELLING / 2]
    if not told:
        return f"{lead} No single field sets them clearly apart."
    return f"{lead} Typical: {'; '.join(told)}."


def suggestion(characteristics: Sequence[Characteristic]) -> str:
    """What a marketer might try with them. An idea to be tested, not a finding."""
    side = {
        one.feature: one.high
        for one in characteristics
        if one.importance >= TELLING / 2 and one.level is None
    }
    never = any(
        (one.feature == _NEVER and one.value is None)
        or (one.feature == "lifetime_orders" and one.value == 0)
        for one in characteristics
    )
    orders = side.get("lifetime_orders", side.get("purchase_frequency"))
    worth = bool(orders) or any(side.get(field) for field in _WORTH)
    lapsed = side.get("days_since_last_purchase", side.get("days_since_last_seen"))
    if never:
        return "A first order: help them to choose, before paying them to."
    if side.get("churn_probability_score") and worth:
        return "Keep them: worth a personal offer before they leave."
    if side.get("discount_sensitivity_score") and not lapsed:
        return "Price offers, with their margin watched."
    if lapsed and worth:
        return "Win them back: they were worth it. Measure it against a held-out group."
    if lapsed:
        return "A cheap win-back at most; leave most of the budget for others."
    if lapsed is False and worth:
        return "Thank them: early access or loyalty rather than discounts they may not need."
    if lapsed is False and orders is False:
        return "A second order soon: remind them of what goes with the first."
    if side.get("average_order_value") is False:
        return "Larger baskets: bundles, or free shipping from a threshold."
    if worth:
        return "Reward them: loyalty or exclusivity."
    return "Try triggers on them in a randomised campaign, to learn what works."


def _noun(one: Characteristic, phrase: Phrase) -> str:
    if one.feature == "lifetime_orders" and one.value is not None and not one.high:
        if one.value == 0:
            return _MOSTLY_NOBODY
        if one.value < 1.25:
            return "one-time buyers"
        if one.value < 1.75:
            return "mostly one-time buyers"
    return phrase.high if one.high else phrase.low


def _plain(one: Characteristic) -> str:
    if one.level in ("true", "false"):
        much = "many" if one.high else "few"
        return f"{much}: {one.label}"
    if one.level is not None:
        return f"{one.label} {one.level}" if one.high else f"{one.label} not {one.level}"
    return f"{'high' if one.high else 'low'} {one.label}"


def _value(one: Characteristic) -> str:
    return one.text.split(" (all")[0]
