"""What discovery finds before any campaign: segment cards, and the rules that people approve."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from domain.criteria import Expression, to_json
from domain.errors import BadRequest
from domain.segment import Interval

FEWEST_ADVISED, MOST_ADVISED = 3, 8
"""How many fields a discovery is advised to use."""

CONFIRM_ABOVE = 5_000
"""More rows than this: the `llm` tier is only run once somebody confirmed it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(StrEnum):
    STATISTICAL = "statistical"
    """Clusters of all rows."""
    LLM = "llm"
    """Definitions that an LLM proposes from field statistics, measured on all rows."""
    HEURISTIC = "heuristic"
    """Low, mid and high of one field."""


class Algorithm(StrEnum):
    KMEANS = "kmeans"
    HDBSCAN = "hdbscan"
    """Clusters by density; who fits none is an outlier."""


class DiscoveryParameters(_Frozen):
    """How a discovery is made; no `fields` means that they are chosen."""

    fields: tuple[str, ...] = ()
    min_clusters: Annotated[int, Field(ge=2, le=20)] = 2
    max_clusters: Annotated[int, Field(ge=2, le=50)] = 8
    algorithm: Algorithm = Algorithm.KMEANS
    tier: Tier = Tier.STATISTICAL
    seed: Annotated[int, Field(ge=0)] = 0

    def overridden(self, **values: Any) -> DiscoveryParameters:
        """These parameters with those given that are not None. Raises BadRequest for a value that
        can't be, naming the parameter."""
        stated = {name: value for name, value in values.items() if value is not None}
        try:
            made = DiscoveryParameters.model_validate({**self.model_dump(), **stated})
        except ValueError as error:
            name, reason = _fault(error)
            raise BadRequest(
                f"{name} can't be {stated.get(name)!r}: {reason}.", field=name
            ) from None
        if made.min_clusters > made.max_clusters:
            raise BadRequest(
                f"min_clusters is {made.min_clusters}, more than max_clusters, which is "
                f"{made.max_clusters}.",
                remedy="Give both, the smaller one first.",
                field="min_clusters",
            )
        return made


class FieldKind(StrEnum):
    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    REFUSED = "refused"


class FieldNote(_Frozen):
    """How one field was used, or why it was not; `warning` is something to know before trusting
    it."""

    field: str
    kind: FieldKind
    text: str
    warning: str = ""


class Candidate(_Frozen):
    """One number of clusters that was looked at. `silhouette` is the mean over the sample, `chance`
    that of the same clustering on shuffled columns (the mean, the greatest, and the standard
    deviation from shuffle to shuffle), `stability` the mean adjusted Rand index between clusterings
    of resamples, `assigned` the share of rows that are no outliers."""

    setting: int
    """The number of clusters of k-means; the least size of a cluster of HDBSCAN, per mille."""
    clusters: int
    silhouette: float
    chance: float
    chance_most: float
    chance_deviation: float
    stability: float
    assigned: float
    admitted: bool
    """Whether it beats chance and is stable."""


class Quality(_Frozen):
    """How good the segments are as groups. `silhouette` is measured on `sample_rows` rows by the
    `metric`, beside the `stability`; `explained` is the share of the spread of all rows that lies
    between segments. What does not apply to a tier, or was not told, is None."""

    metric: str = "euclidean"
    sample_rows: int
    silhouette: float | None
    stability: float | None
    explained: float
    candidates: tuple[Candidate, ...] = ()
    resamples: int = 0
    shuffles: int = 0


class Characteristic(_Frozen):
    """One field of a segment against the population: medians of a number (means where the medians
    are the same), shares of a level or flag. `importance` is 0 where the segment is like the rest
    and 1 where they never overlap; `high` says on which side the segment lies."""

    feature: str
    label: str
    level: str | None = None
    value: float | None
    population: float | None
    importance: Annotated[float, Field(ge=0, le=1)]
    high: bool
    text: str


class FilterRules(_Frozen):
    """A segment's definition as criteria. Of the `size` rows that meet it the share `precision` is
    in the segment, and the share `recall` of the segment meets it."""

    criteria: Expression
    text: str
    size: int
    precision: float
    recall: float

    @field_serializer("criteria")
    def _criteria(self, criteria: Expression) -> dict[str, object]:
        return to_json(criteria)


class CausalKnowledge(_Frozen):
    """What past campaigns say of those who meet a card's rules. `trigger` is the one that the
    model expects most of (`none`: doing nothing), and its `lift` is that of held-out customers;
    `trigger` is None where nothing is known, and `text` says why."""

    trigger: str | None
    outcome: str | None = None
    lift: Interval | None = None
    joint_lift: Interval | None = None
    """The wider interval that holds for all cards at once, where there are several."""
    text: str


class SegmentCard(_Frozen):
    key: str
    name: str
    description: str
    size: int
    percentage: float
    """Of all rows, 0 to 100."""
    filter_rules: FilterRules | None
    rules_reason: str = ""
    """Why there are no rules, where there are none."""
    characteristics: tuple[Characteristic, ...]
    suggested_use: str
    causal: CausalKnowledge | None = None


class Tokens(_Frozen):
    """What an LLM used; `cost` in the currency of its prices, None where none are set."""

    prompt: int
    completion: int
    cost: float | None = None


class Discovery(_Frozen):
    """One run. No `cards` means that there are no natural segments, and `message` says so."""

    discovery_id: str
    created_at: datetime
    source: str
    snapshot_id: str
    rows: int
    row_name: str = "customers"
    parameters: DiscoveryParameters
    tier: Tier
    fields: tuple[FieldNote, ...]
    warnings: tuple[str, ...]
    message: str
    quality: Quality | None
    cards: tuple[SegmentCard, ...]
    outliers: int = 0
    members_id: str | None = None
    """The snapshot that says of every customer which card is theirs."""
    tokens: Tokens | None = None


class TierFacts(_Frozen):
    """What to expect of one tier before it is run. `accuracy` is the share of the spread that its
    segments explain, measured on a sample; None where it is not known before."""

    tier: Tier
    accuracy: float | None
    accuracy_text: str
    tokens: int
    cost: float | None
    seconds: float
    speed_text: str


class Comparison(_Frozen):
    """The tiers beside each other, shown before an LLM is asked about many rows."""

    rows: int
    sample_rows: int
    tiers: tuple[TierFacts, ...]
    text: str


class RuleStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


class QualificationRule(_Frozen):
    """One version of a named criteria expression; an audience only once a person approved it."""

    rule_id: str
    version: int
    name: str
    criteria: Expression
    criteria_text: str
    status: RuleStatus
    created_at: datetime
    discovery_id: str
    segment: str
    approved_by: str | None = None
    approved_at: datetime | None = None

    @field_serializer("criteria")
    def _criteria(self, criteria: Expression) -> dict[str, object]:
        return to_json(criteria)


class Recommendation(_Frozen):
    """What applying a card gives: what to do with these customers, and the draft rule."""

    segment: str
    text: str
    suggested_use: str
    causal: CausalKnowledge | None
    filter_rules: FilterRules
    rule: QualificationRule


def _fault(error: ValueError) -> tuple[str, str]:
    """The parameter at fault and what is wrong, of a validation error."""
    errors = getattr(error, "errors", None)
    first = errors()[0] if errors is not None else {"loc": ("parameters",), "msg": str(error)}
    return str(first["loc"][0]), str(first["msg"])
