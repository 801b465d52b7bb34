"""What an LLM may answer: every text and list bounded, so that no answer runs past its limit."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from domain.criteria import Op
from domain.objective import CampaignGoal, Direction, Metric, TargetBehavior, Unit
from domain.triggers import Channel

Key = Annotated[str, Field(max_length=64)]
Words = Annotated[str, Field(max_length=160)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class LlmCondition(_Part):
    """One condition, with the words of the brief that say it, copied exactly."""

    field: Key
    op: Op
    value: bool | float | Words | Annotated[list[Words], Field(max_length=12)] | None = None
    evidence: Words = Field(description="the words of the brief that say this, copied exactly")


class LlmGroup(_Part):
    """Conditions of which at least one must hold. A lone condition is a group of one."""

    any_of: Annotated[list[LlmCondition], Field(min_length=1, max_length=6)]


class LlmObjective(_Part):
    """The campaign objective as the model reads it. All groups of the audience must hold."""

    campaign_goal: CampaignGoal | None = None
    target_behavior: TargetBehavior | None = None
    metric: Metric | None = None
    direction: Direction | None = None
    value: float | None = None
    unit: Unit | None = None
    horizon_days: Annotated[int, Field(gt=0, le=3650)] | None = None
    proposed_intervention: Key | None = None
    allowed_interventions: Annotated[list[Key], Field(max_length=12)] = []
    excluded_interventions: Annotated[list[Key], Field(max_length=12)] = []
    audience: Annotated[list[LlmGroup], Field(max_length=8)] = []
    channel: Channel | None = None
    budget_amount: Annotated[float, Field(ge=0, le=1e12)] | None = None
    budget_currency: Annotated[str, Field(max_length=3)] | None = None
    max_customers: Annotated[int, Field(gt=0, le=10**9)] | None = None
    assumptions: Annotated[list[Words], Field(max_length=5)] = []
    clarifications: Annotated[list[Words], Field(max_length=5)] = []

    def raw(self, brief: str) -> dict[str, Any]:
        """The JSON form that the review takes."""
        amount = self.budget_amount
        budget = None if amount is None else {"amount": amount, "currency": self.budget_currency}
        return {
            "campaign_goal": self.campaign_goal,
            "target_behavior": self.target_behavior,
            "metric_target": {
                "metric": self.metric,
                "direction": self.direction,
                "value": self.value,
                "unit": self.unit,
                "horizon_days": self.horizon_days,
            },
            "proposed_intervention": self.proposed_intervention,
            "allowed_interventions": self.allowed_interventions,
            "excluded_interventions": self.excluded_interventions,
            "audience": {"all": [_group(group) for group in self.audience]},
            "channel": self.channel,
            "budget": budget,
            "max_customers": self.max_customers,
            "assumptions": self.assumptions,
            "brief": brief,
        }

    def evidence(self) -> list[str | None]:
        """For each group of the audience the words that say it; None where one is missing."""
        return [
            min((condition.evidence for condition in group.any_of), key=len)
            for group in self.audience
        ]


def _group(group: LlmGroup) -> dict[str, Any]:
    leaves = [_condition(condition) for condition in group.any_of]
    return leaves[0] if len(leaves) == 1 else {"any": leaves}


def _condition(condition: LlmCondition) -> dict[str, Any]:
    value = condition.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if condition.op in (Op.IS_NULL, Op.NOT_NULL):
        return {"field": condition.field, "op": condition.op.value}
    return {"field": condition.field, "op": condition.op.value, "value": value}
