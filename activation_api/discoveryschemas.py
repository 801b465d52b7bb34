"""The JSON of discoveries and qualification rules, beside the domain's own types."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from domain.clusters import Clustering
from domain.discovery import (
    Algorithm,
    Comparison,
    Discovery,
    DiscoveryParameters,
    QualificationRule,
    Tier,
)

FieldName = Annotated[str, Field(min_length=1, max_length=128)]


class ParametersIn(BaseModel):
    """Parameters; what is left out stays as the workspace's saved defaults say."""

    model_config = ConfigDict(extra="forbid")

    fields: list[FieldName] | None = Field(
        None, max_length=200, examples=[["lifetime_orders", "average_order_value"]]
    )
    min_clusters: int | None = Field(None, ge=2, le=20, examples=[2])
    max_clusters: int | None = Field(None, ge=2, le=50, examples=[8])
    algorithm: Algorithm | None = None
    tier: Tier | None = None
    seed: int | None = Field(None, ge=0, lt=2**31)

    def over(self, defaults: DiscoveryParameters) -> DiscoveryParameters:
        return defaults.overridden(**self.values())

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ParametersIn.model_fields}


class DiscoveryIn(ParametersIn):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"max_clusters": 6, "tier": "statistical"}]},
    )

    table: str = Field("profiles", max_length=200, examples=["profiles"])
    confirm: bool = Field(
        False, description="Ask an LLM about many rows, having seen the tiers' comparison."
    )


class ComparisonOut(BaseModel):
    """Nothing was started yet: send the same again with `confirm`, or choose another tier."""

    needs_confirmation: bool = True
    comparison: Comparison


class DiscoveryList(BaseModel):
    discoveries: list[Discovery]


class ApplyIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})

    name: str | None = Field(
        None, max_length=120, description="The rule's name; the card's without it."
    )


class ApprovalIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"approved_by": "Ada Lovelace"}]}
    )

    approved_by: str = Field(min_length=1, max_length=120, description="The person.")
    version: int | None = Field(
        None, ge=1, le=1_000_000, description="A version; the newest without it."
    )


class KeepIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "best_customers", "kept_by": "Ada Lovelace"}]},
    )

    name: str = Field(
        min_length=1, max_length=63, description="The field is `cluster.` and this name."
    )
    kept_by: str = Field(min_length=1, max_length=120, description="The person.")


class KeptOut(Clustering):
    """A kept discovery, and the field that it is in criteria."""

    field_name: str = Field(examples=["cluster.best_customers"])

    @classmethod
    def of(cls, kept: Clustering) -> Self:
        return cls(**dict(kept), field_name=kept.field.name)


class KeptList(BaseModel):
    kept: list[KeptOut]


class RuleList(BaseModel):
    rules: list[QualificationRule]
