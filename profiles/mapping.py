"""The mapping of a company's own table: which column of the file is which standard column."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import BadMapping
from profiles.contract import RAW_TABLES

RawKind = Literal[
    "orders", "order_items", "customers", "identities", "products", "events", "campaigns"
]
MADE_KEYS = {"orders": "order_id", "events": "event_id", "order_items": "line"}
"""Keys that can be made where the file has none."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadPart(_Part):
    """How the file is written. `format` is taken from the file's ending if not stated;
    `whitespace` is text in columns parted by any number of blanks. `date_format` is that of
    strptime (`%Y%m%d`), ISO 8601 if not stated; a time without an offset is of `timezone`."""

    format: Literal["csv", "whitespace", "parquet"] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    date_format: str | None = None
    timezone: str = "UTC"
    list_separator: Annotated[str, Field(min_length=1)] = "|"


class RulesPart(_Part):
    """What the rows mean that are not plain sales or lack something.

    `cancellation_prefix`: orders whose id begins with it take others back.
    `negative_quantity`: a line with a negative quantity is a `return` of the newest earlier
    purchase of that product by that customer, or is set aside.
    `drop_repeated_lines`: lines that are equal in every mapped column are one.
    `not_products`: product ids that are fees, postage or corrections.
    `make_ids`: the file has no key of its own; one is made of customer, time and position.
    """

    cancellation_prefix: Annotated[str, Field(min_length=1)] | None = None
    negative_quantity: Literal["return", "set_aside"] = "return"
    drop_repeated_lines: bool = False
    not_products: tuple[str, ...] = ()
    make_ids: bool = False


class RawMapping(_Part):
    """`columns` maps standard columns of the table `kind` to columns of the file, `constants` to
    one value for every row; `values` translates a standard column's values, and what it does not
    name stays as it is. Of `kind = "orders"` a row may be an order line: `lines` then maps the
    columns of `order_items`, and `products` and `customers` those of the tables that are written
    out in every line."""

    kind: RawKind
    read: ReadPart = ReadPart()
    columns: dict[str, str]
    constants: dict[str, str | int | float | bool] = {}
    values: dict[str, dict[str, str]] = {}
    rules: RulesPart = RulesPart()
    lines: dict[str, str] = {}
    products: dict[str, str] = {}
    customers: dict[str, str] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        table = RAW_TABLES[self.kind]
        _known("columns", self.columns, self.kind)
        _known("constants", self.constants, self.kind)
        made = MADE_KEYS.get(self.kind) if self.rules.make_ids else None
        for column in table.required:
            if column not in {*self.columns, *self.constants, made}:
                raise ValueError(f"columns: {self.kind} need {column!r}")
        if made is not None and made in self.columns:
            raise ValueError(f"rules.make_ids: {made!r} is in the file already")
        if self.rules.make_ids and made is None:
            raise ValueError(f"rules.make_ids: no key can be made for {self.kind}")
        self._check_sections()
        named = {*self.columns, *self.lines, *self.products, *self.customers}
        for column in self.values:
            if column not in named:
                raise ValueError(f"values.{column}: no such column is mapped")
        return self

    def _check_sections(self) -> None:
        sections = {"lines": "order_items", "products": "products", "customers": "customers"}
        for section, table in sections.items():
            stated: dict[str, str] = getattr(self, section)
            if stated and self.kind != "orders":
                raise ValueError(f'{section}: only with kind = "orders"')
            _known(section, stated, table)
            for key in {"order_id", "product_id", "customer_id"} & stated.keys():
                if section != "lines" or key != "product_id":
                    raise ValueError(f"{section}: {key!r} is taken from the order or its line")
        if self.lines and "product_id" not in self.lines:
            raise ValueError("lines: name the column of the 'product_id'")
        if self.lines and "quantity" not in self.lines:
            raise ValueError("lines: name the column of the 'quantity'")
        if self.lines and not {"total"} & self.columns.keys() and "unit_price" not in self.lines:
            raise ValueError("lines: name the 'unit_price', or the order's 'total' in columns")
        if self.lines and self.rules.make_ids:
            raise ValueError("rules.make_ids: lines can't be gathered into orders without an id")
        if self.products and not self.lines:
            raise ValueError("products: only where a row is an order line (see lines)")


def _known(section: str, stated: dict[str, Any], table: str) -> None:
    known = [*RAW_TABLES[table].columns.names]
    if table == "events":
        known += ["properties.step", "properties.cart_id"]
        known.remove("properties")
    for column in stated:
        if column not in known:
            raise ValueError(
                f"{section}: {table} have no column {column!r}, but {', '.join(known)}"
            )


def parse_mapping(raw: dict[str, Any], source: str = "mapping") -> RawMapping:
    """The mapping of a parsed TOML document; `BadMapping` says which key is wrong and why."""
    try:
        return RawMapping.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'mapping'}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise BadMapping(f"{source}: {'; '.join(faults)}.") from None


def read_raw_mapping(path: Path) -> RawMapping:
    """The mapping of a TOML file."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadMapping(f"There is no mapping file {path}.", remedy="Check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path} is not TOML: {error}") from None
    return parse_mapping(raw, str(path))
