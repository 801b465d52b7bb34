"""The mapping of a company's experiment file: which column is what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from domain.customer import FieldType
from domain.errors import BadMapping
from domain.experiment import OUTCOME_KINDS, Design, OutcomeKind
from domain.triggers import NO_TRIGGER, Channel, TriggerType
from profiles.mapping import RawKind, RawMapping, read_raw_mapping


def arm_value(value: object) -> str:
    """An arm's value as text, the same however a file writes it: `1.0` is `1`, `True` is `true`."""
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    return re.sub(r"^([+-]?\d+)\.0*$", r"\1", text)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CampaignPart(_Part):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    name: str = ""
    started_at: datetime | None = None
    design: Design = Design.RANDOMISED
    channel: Channel | None = None
    outcome_window_days: Annotated[int, Field(gt=0)] | None = None


class CustomerPart(_Part):
    """`column` holds the customer's id; `each_row = true` says that every row is a customer of
    its own."""

    column: str | None = None
    each_row: bool = False
    cluster: str | None = None
    """The column of the household or other cluster that was assigned together."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.column is None) == (not self.each_row):
            raise ValueError('state either column = "..." or each_row = true')
        return self


class ArmPart(_Part):
    """`triggers` maps each other value of the column to a trigger's key. `probabilities` maps
    values to the probability they were assigned with; `probability_columns` to columns that hold
    it for each row."""

    column: str
    control: str
    triggers: dict[str, str]
    probabilities: dict[str, Annotated[float, Field(gt=0, lt=1)]] | None = None
    probability_columns: dict[str, str] | None = None

    @field_validator("control", mode="before")
    @classmethod
    def _control(cls, value: object) -> str:
        return arm_value(value)

    @field_validator("triggers", "probabilities", "probability_columns", mode="before")
    @classmethod
    def _by_value(cls, stated: object) -> object:
        if not isinstance(stated, Mapping):
            return stated
        plain = {arm_value(value): of_value for value, of_value in stated.items()}
        if len(plain) < len(stated):
            raise ValueError(f"two of {', '.join(map(repr, stated))} are the same value")
        return plain

    def value_to_trigger(self) -> dict[str, str]:
        return {self.control: NO_TRIGGER, **self.triggers}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.triggers:
            raise ValueError("name at least one trigger beside the control")
        if self.control in self.triggers:
            raise ValueError(f"{self.control!r} is the control and a trigger at once")
        doubled = [t for t in self.triggers.values() if list(self.triggers.values()).count(t) > 1]
        if doubled:
            raise ValueError(f"two values are mapped to {doubled[0]!r}")
        if NO_TRIGGER in self.triggers.values():
            raise ValueError(f"{NO_TRIGGER!r} is the control, not a trigger")
        values = set(self.value_to_trigger())
        for stated in (self.probabilities, self.probability_columns):
            if stated is not None and set(stated) != values:
                raise ValueError(f"state a probability for each of {', '.join(sorted(values))}")
        if self.probabilities and abs(sum(self.probabilities.values()) - 1) > 1e-6:
            total = sum(self.probabilities.values())
            raise ValueError(f"the probabilities add up to {total:g}, not to 1")
        return self


class TriggerPart(_Part):
    """A trigger that the catalogue lacks, or the costs of one that it has."""

    name: str = ""
    type: TriggerType | None = None
    unit_cost: Annotated[float, Field(ge=0)] | None = None
    redemption_cost: Annotated[float, Field(ge=0)] | None = None
    channels: tuple[Channel, ...] | None = None


class OutcomePart(_Part):
    column: str
    kind: OutcomeKind | None = None
    value: Annotated[float, Field(gt=0)] | None = None
    lower_is_better: bool = False


class FieldPart(_Part):
    """How a column becomes a profile field: `field` renames it to a standard one; `type` settles
    what inference can't."""

    field: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")] | None = None
    type: FieldType | None = None
    label: str = ""
    negated: str = ""
    unit: str | None = None
    synonyms: tuple[str, ...] = ()


class IgnorePart(_Part):
    columns: tuple[str, ...] = ()


class ExperimentMapping(_Part):
    kind: Literal["experiment"]
    campaign: CampaignPart
    customer: CustomerPart
    arm: ArmPart
    triggers: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], TriggerPart] = {}
    outcomes: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], OutcomePart]
    fields: dict[str, FieldPart] = {}
    ignore: IgnorePart = IgnorePart()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.outcomes:
            raise ValueError("outcomes: name at least one outcome column")
        for name, outcome in self.outcomes.items():
            if outcome.kind is None and name not in OUTCOME_KINDS:
                raise ValueError(f"outcomes.{name}: state its kind (binary, count or money)")
        columns = [outcome.column for outcome in self.outcomes.values()]
        for column in (self.arm.column, self.customer.column):
            if column in columns:
                raise ValueError(f"{column!r} can't also be an outcome")
        return self

    def outcome_kind(self, name: str) -> OutcomeKind:
        return self.outcomes[name].kind or OUTCOME_KINDS[name]

    def started_at(self, otherwise: datetime) -> datetime:
        stated = self.campaign.started_at
        if stated is None:
            return otherwise
        return stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated


def read_mapping(path: Path) -> ExperimentMapping:
    """The mapping of a TOML file; `BadMapping` says which key is wrong and why."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadMapping(
            f"There is no mapping file {path}.",
            remedy="`aether import FILE --draft` writes one to edit.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise BadMapping(f"{path} can't be read: {error.strerror}.") from None
    try:
        return ExperimentMapping.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'mapping'}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise BadMapping(f"{path}: {'; '.join(faults)}.") from None


def read_any_mapping(path: Path) -> ExperimentMapping | RawMapping:
    """The mapping of an experiment or of a raw table, by its `kind`."""
    try:
        kind = tomllib.loads(path.read_text("utf-8")).get("kind")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return read_mapping(path)  # says what is wrong with the file
    if kind == "experiment":
        return read_mapping(path)
    kinds = ", ".join(("experiment", *get_args(RawKind)))
    if kind not in get_args(RawKind):
        raise BadMapping(
            f"{path}: kind is {kind!r}.", remedy=f"It is one of {kinds}.", field="kind"
        )
    return read_raw_mapping(path)
