"""The JSON of the behavioural axes."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from workflows.axisassign import Placements
from workflows.axisstats import AxisDescription, AxisStats


class AxisSegmentOut(BaseModel):
    name: str = Field(examples=["deal_hunter"])
    description: str = Field(examples=["Typically orders with a discount: 72%."])
    values: dict[str, float] = Field(description="What is typical, by feature.")


class AxisOut(BaseModel):
    name: str = Field(examples=["price_sensitivity"])
    field: str = Field(examples=["axis.price_sensitivity"])
    family: str = Field(examples=["marketing"])
    description: str = Field(examples=["How much a customer's buying leans on discounts."])
    features: list[str] = Field(examples=[["orders with a discount"]])
    needs: str = Field(examples=["two orders of which the discount is known"])
    standing: str | None = Field(
        None,
        description="`segments`, `no_data` or `no_structure`; null before the first clustering.",
    )
    reason: str = Field("", description="Why it has no segments.")
    segments: list[AxisSegmentOut]

    @classmethod
    def of(cls, axis: AxisDescription) -> Self:
        found = axis.found
        return cls(
            name=axis.name,
            field=f"axis.{axis.name}",
            family=axis.family,
            description=axis.description,
            features=list(axis.features),
            needs=axis.needs,
            standing=None if found is None else found.standing.value,
            reason="" if found is None else found.reason,
            segments=[
                AxisSegmentOut(
                    name=segment.name, description=segment.description, values=segment.values
                )
                for segment in (() if found is None else found.segments)
            ],
        )


class AxisList(BaseModel):
    version: int | None = Field(examples=[1])
    axes: list[AxisOut]


class AxisCounts(BaseModel):
    axis: str = Field(examples=["price_sensitivity"])
    standing: str = Field(examples=["segments"])
    reason: str = ""
    known: int = Field(
        examples=[81200], description="Customers who could be judged at the clustering."
    )
    counts: dict[str, int] = Field(examples=[{"full_price": 60100, "deal_hunter": 21100}])
    unassigned: int = Field(examples=[12364])
    silhouette: float | None = Field(None, examples=[0.62])
    silhouette_of_one_lump: float | None = Field(None, examples=[0.53])
    stability: float | None = Field(None, examples=[0.97])
    measured_on: int = Field(examples=[1500], description="Customers in the silhouette's sample.")
    metric: str = "Euclidean distances of scaled features"


class AxisStatsOut(BaseModel):
    version: int = Field(examples=[1])
    clustered_at: datetime
    as_of: datetime
    customers: int = Field(examples=[93564])
    axes: list[AxisCounts]

    @classmethod
    def of(cls, stats: AxisStats) -> Self:
        return cls(
            version=stats.version,
            clustered_at=stats.clustered_at,
            as_of=stats.as_of,
            customers=stats.customers,
            axes=[
                AxisCounts(
                    axis=axis.axis,
                    standing=axis.standing.value,
                    reason=axis.reason,
                    known=axis.known,
                    counts={n: stats.counts[axis.axis].get(n, 0) for n in axis.names},
                    unassigned=stats.customers - sum(stats.counts[axis.axis].values()),
                    silhouette=chosen.silhouette if chosen else None,
                    silhouette_of_one_lump=chosen.null if chosen else None,
                    stability=chosen.stability if chosen else None,
                    measured_on=axis.measured,
                )
                for axis in stats.axes
                for chosen in [axis.chosen]
            ],
        )


class PlacementOut(BaseModel):
    axis: str = Field(examples=["price_sensitivity"])
    segment: str | None = Field(examples=["deal_hunter"])
    strength: float | None = Field(
        examples=[0.83], description="0..1; one half is the border of another segment."
    )
    strengths: dict[str, float] = Field(examples=[{"full_price": 0.17, "deal_hunter": 0.83}])
    reason: str = Field("", description="Why there is no segment.")


class PlacementsOut(BaseModel):
    version: int = Field(examples=[1])
    as_of: datetime
    axes: list[PlacementOut]

    @classmethod
    def of(cls, placed: Placements) -> Self:
        return cls(
            version=placed.version,
            as_of=placed.as_of,
            axes=[
                PlacementOut(
                    axis=one.axis,
                    segment=one.segment,
                    strength=one.strength,
                    strengths={name: round(value, 6) for name, value in one.strengths.items()},
                    reason=one.reason,
                )
                for one in placed.axes
            ],
        )
