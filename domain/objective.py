"""The Campaign Objective Object (COO): what a brief means, as one checked value."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_serializer,
    field_validator,
    model_validator,
)

from domain.criteria import EVERYONE, Expression, to_json
from domain.triggers import Channel, TriggerType


class CampaignGoal(StrEnum):
    INCREASE_CONVERSION = "increase_conversion"
    RECOVER_CARTS = "recover_carts"
    WIN_BACK = "win_back"
    REDUCE_CHURN = "reduce_churn"
    REPEAT_PURCHASE = "repeat_purchase"
    INCREASE_ORDER_VALUE = "increase_order_value"
    CROSS_SELL = "cross_sell"
    LAUNCH_PRODUCT = "launch_product"
    CLEAR_INVENTORY = "clear_inventory"
    DEEPEN_ENGAGEMENT = "deepen_engagement"


class TargetBehavior(StrEnum):
    PURCHASE = "purchase"
    COMPLETE_CHECKOUT = "complete_checkout"
    REACTIVATE = "reactivate"
    STAY_ACTIVE = "stay_active"
    REPEAT_PURCHASE = "repeat_purchase"
    RAISE_BASKET = "raise_basket"
    BUY_NEW_CATEGORY = "buy_new_category"
    VISIT = "visit"
    CLICK = "click"


class Metric(StrEnum):
    CONVERSION_RATE = "conversion_rate"
    REVENUE = "revenue"
    AVERAGE_ORDER_VALUE = "average_order_value"
    PURCHASE_FREQUENCY = "purchase_frequency"
    RETENTION_RATE = "retention_rate"
    CHURN_RATE = "churn_rate"
    CART_RECOVERY_RATE = "cart_recovery_rate"
    REACTIVATION_RATE = "reactivation_rate"
    CLICK_THROUGH_RATE = "click_through_rate"
    OPEN_RATE = "open_rate"
    SESSION_COUNT = "session_count"
    UNITS_SOLD = "units_sold"
    LIFETIME_VALUE = "lifetime_value"


class Direction(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"


class Unit(StrEnum):
    PERCENT = "percent"
    PERCENTAGE_POINTS = "percentage_points"
    CURRENCY = "currency"
    COUNT = "count"


USUAL: dict[CampaignGoal, tuple[TargetBehavior, Metric]] = {
    CampaignGoal.INCREASE_CONVERSION: (TargetBehavior.PURCHASE, Metric.CONVERSION_RATE),
    CampaignGoal.RECOVER_CARTS: (TargetBehavior.COMPLETE_CHECKOUT, Metric.CART_RECOVERY_RATE),
    CampaignGoal.WIN_BACK: (TargetBehavior.REACTIVATE, Metric.REACTIVATION_RATE),
    CampaignGoal.REDUCE_CHURN: (TargetBehavior.STAY_ACTIVE, Metric.CHURN_RATE),
    CampaignGoal.REPEAT_PURCHASE: (TargetBehavior.REPEAT_PURCHASE, Metric.PURCHASE_FREQUENCY),
    CampaignGoal.INCREASE_ORDER_VALUE: (TargetBehavior.RAISE_BASKET, Metric.AVERAGE_ORDER_VALUE),
    CampaignGoal.CROSS_SELL: (TargetBehavior.BUY_NEW_CATEGORY, Metric.CONVERSION_RATE),
    CampaignGoal.LAUNCH_PRODUCT: (TargetBehavior.PURCHASE, Metric.UNITS_SOLD),
    CampaignGoal.CLEAR_INVENTORY: (TargetBehavior.PURCHASE, Metric.UNITS_SOLD),
    CampaignGoal.DEEPEN_ENGAGEMENT: (TargetBehavior.VISIT, Metric.SESSION_COUNT),
}
"""Each goal's usual behaviour and metric, used where the brief names none: as an assumption,
never as something the marketer said."""

METRIC_OUTCOMES: dict[Metric, tuple[str, ...]] = {
    Metric.CONVERSION_RATE: ("converted",),
    Metric.CART_RECOVERY_RATE: ("converted",),
    Metric.REACTIVATION_RATE: ("converted",),
    Metric.RETENTION_RATE: ("converted",),
    Metric.CHURN_RATE: ("converted",),
    Metric.REVENUE: ("revenue",),
    Metric.LIFETIME_VALUE: ("revenue",),
    Metric.AVERAGE_ORDER_VALUE: ("revenue",),
    Metric.PURCHASE_FREQUENCY: ("orders",),
    Metric.UNITS_SOLD: ("units",),
    Metric.SESSION_COUNT: ("visit", "sessions"),
    Metric.OPEN_RATE: ("opened",),
    Metric.CLICK_THROUGH_RATE: ("clicked",),
}
"""Which outcome of past campaigns measures a metric, the first that the workspace has."""


class MetricTarget(BaseModel):
    """How success is measured. `value`, `unit` and `horizon_days` are null where the brief gives
    none; a target given as a level is its difference in the metric's unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Metric | None = None
    direction: Direction | None = None
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None
    unit: Unit | None = None
    horizon_days: Annotated[int, Field(gt=0, le=3650)] | None = None


class Budget(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Annotated[float, Field(ge=0, le=1e15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


class CampaignObjective(BaseModel):
    """One Campaign Objective Object, exactly the fields of the contract.

    With open clarifications it can be shown and edited, but no segment is made from it: an
    empty audience from a brief that could not be read must never mean everyone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    campaign_goal: CampaignGoal | None = None
    target_behavior: TargetBehavior | None = None
    metric_target: MetricTarget = MetricTarget()
    proposed_intervention: str | None = None
    intervention_type: TriggerType | None = None
    allowed_interventions: tuple[str, ...] = ()
    excluded_interventions: tuple[str, ...] = ()
    audience: Expression = EVERYONE
    channel: Channel | None = None
    budget: Budget | None = None
    max_customers: Annotated[int, Field(gt=0, le=10**12)] | None = None
    brief: Annotated[str, Field(max_length=20_000)] = ""
    assumptions: tuple[str, ...] = ()
    clarifications: tuple[str, ...] = ()

    @field_serializer("audience")
    def _audience(self, audience: Expression) -> dict[str, object]:
        return to_json(audience)

    @field_validator("allowed_interventions", "excluded_interventions")
    @classmethod
    def _each_once(cls, triggers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(triggers))

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        both = set(self.allowed_interventions) & set(self.excluded_interventions)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} can't be both allowed and excluded")
        if self.proposed_intervention in self.excluded_interventions:
            raise ValueError(f"{self.proposed_intervention} is proposed and excluded at once")
        return self
