"""The catalogue of triggers: what a campaign can do to a customer, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import UnknownField

NO_TRIGGER = "none"
"""The arm that does nothing: the held-out control, and always an allowed recommendation."""

KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,63}")


class TriggerType(StrEnum):
    MONETARY = "monetary"
    PSYCHOLOGICAL = "psychological"
    INFORMATIONAL = "informational"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WEB = "web"
    ADS = "ads"
    DIRECT_MAIL = "direct_mail"


class Trigger(BaseModel):
    """One trigger. Costs are in the shop's currency: `unit_cost` is paid for each customer who is
    sent it, `redemption_cost` for each who then buys (a discount is also paid to those who would
    have bought anyway). None means that the cost is not known, which is not the same as free."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=f"^{KEY_PATTERN.pattern}$", max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    type: TriggerType
    unit_cost: Annotated[float, Field(ge=0)] | None = None
    redemption_cost: Annotated[float, Field(ge=0)] | None = None
    channels: frozenset[Channel] = frozenset(Channel)


class TriggerCatalogue(Mapping[str, Trigger]):
    """The triggers a workspace knows, by key, in a fixed order. `none` is never among them."""

    def __init__(self, triggers: tuple[Trigger, ...]) -> None:
        self._by_key = {trigger.key: trigger for trigger in triggers}

    def __getitem__(self, key: str) -> Trigger:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def require(self, key: str) -> Trigger:
        """The trigger, or `UnknownField` with the keys that exist."""
        if key not in self._by_key:
            raise UnknownField(
                f"There is no trigger {key!r}.",
                remedy=f"Known triggers: {', '.join(self._by_key)}.",
                field=key,
            )
        return self._by_key[key]

    def with_triggers(self, triggers: tuple[Trigger, ...]) -> TriggerCatalogue:
        """This catalogue with some triggers added or replaced."""
        return TriggerCatalogue(tuple({**self._by_key, **{t.key: t for t in triggers}}.values()))

    def of_type(self, kind: TriggerType) -> tuple[str, ...]:
        return tuple(key for key, trigger in self._by_key.items() if trigger.type == kind)


def _standard(key: str, name: str, kind: TriggerType) -> Trigger:
    return Trigger(key=key, name=name, type=kind)


CATALOGUE = TriggerCatalogue(
    (
        _standard("free_shipping", "Free shipping", TriggerType.MONETARY),
        _standard("percentage_discount", "Percentage discount", TriggerType.MONETARY),
        _standard("loyalty_reward", "Loyalty reward", TriggerType.MONETARY),
        _standard("bundle_offer", "Bundle offer", TriggerType.MONETARY),
        _standard("scarcity_message", "Scarcity message", TriggerType.PSYCHOLOGICAL),
        _standard("exclusivity_offer", "Exclusivity offer", TriggerType.PSYCHOLOGICAL),
        _standard("social_proof", "Social proof", TriggerType.PSYCHOLOGICAL),
        _standard("content_story", "Content story", TriggerType.INFORMATIONAL),
        _standard("product_recommendation", "Product recommendation", TriggerType.INFORMATIONAL),
    )
)
"""The nine standard triggers. Costs are a company's own and unknown until it states them."""
