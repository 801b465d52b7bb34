"""The customer: which fields a profile has, of what type, and how marketers call them."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Limits

from domain.choices import best_among_keys, listed
from domain.errors import UnknownField


class FieldType(StrEnum):
    STRING = "string"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    STRINGS = "strings"
    """A list of texts."""
    NESTED = "nested"
    """A list of struct, or a struct: for reading, not for criteria."""


class FieldGroup(StrEnum):
    IDENTITY = "identity"
    TRANSACTIONS = "transactions"
    BEHAVIOUR = "behaviour"
    CAMPAIGNS = "campaigns"
    SCORES = "scores"
    UPLIFT = "uplift"
    AXES = "axes"
    CLUSTERS = "clusters"
    CUSTOM = "custom"


class Field(BaseModel):
    """One field of a profile. `label` is what a marketer reads; `unit` is `days`, `money`,
    `share` (0..1) or `seconds` where it has one; `negated` is how a false flag reads ("has never
    returned an item"); `synonyms` are other words a brief may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # A choice among triggers names all of them.
    name: Annotated[
        str,
        Limits(
            pattern=r"^(?:[A-Za-z_][A-Za-z0-9_.]{0,127}|best_trigger_among\.[A-Za-z0-9_.]{1,4000})$"
        ),
    ]
    type: FieldType
    group: FieldGroup = FieldGroup.CUSTOM
    nullable: bool = True
    label: str = ""
    negated: str = ""
    unit: str | None = None
    synonyms: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """How the field is called in a sentence."""
        return self.label or self.name.replace("_", " ").replace(".", " ")


PERSONAL = frozenset({"first_name", "email_address", "phone_number"})
"""Personal data lives in `identities`, apart from profiles, and is refused in criteria."""


class Schema(Mapping[str, Field]):
    """The fields a criteria expression, a brief or an explanation may name."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {field.name: field for field in fields}

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def require(self, name: str) -> Field:
        """The field, or `UnknownField` naming the nearest known ones."""
        if name in self._fields:
            return self._fields[name]
        among = best_among_keys(name)
        if among is not None:
            for key in among:
                self.require("net_value_for_" + key)
            return Field(
                name=name,
                type=FieldType.STRING,
                group=FieldGroup.UPLIFT,
                nullable=False,
                label="best trigger among " + listed(key.replace("_", " ") for key in among),
            )
        if name in PERSONAL:
            raise UnknownField(
                f"{name!r} is personal data and can't be used in criteria.",
                remedy="Choose customers by what they did, not by who they are.",
                field=name,
            )
        near = difflib.get_close_matches(name, self._fields, n=3, cutoff=0.4)
        remedy = f"Did you mean {' or '.join(near)}?" if near else "See the workspace's fields."
        raise UnknownField(f"There is no customer field {name!r}.", remedy=remedy, field=name)

    def with_fields(self, fields: Iterable[Field]) -> Schema:
        """This schema with fields added; one of the same name is replaced."""
        return Schema({**self._fields, **{field.name: field for field in fields}}.values())

    def with_triggers(self, keys: Iterable[str]) -> Schema:
        """This schema with the uplift fields of the given triggers."""
        return self.with_fields(uplift_fields(keys))


def uplift_fields(keys: Iterable[str]) -> tuple[Field, ...]:
    """`best_trigger`, and a score and a net value for each trigger."""
    per_trigger = [
        Field(name=prefix + key, type=FieldType.FLOAT, group=FieldGroup.UPLIFT, label=label + text)
        for key in keys
        for text in [key.replace("_", " ")]
        for prefix, label in (
            ("uplift_score_for_", "expected lift from "),
            ("net_value_for_", "expected net value of "),
        )
    ]
    best = Field(
        name="best_trigger",
        type=FieldType.STRING,
        group=FieldGroup.UPLIFT,
        nullable=False,
        label="best trigger",
    )
    return (best, *per_trigger)


AXIS = "axis."


def axis_fields(names: Iterable[str]) -> tuple[Field, ...]:
    """A customer's segment on each behavioural axis, and how strongly they belong to it (0..1, one
    half at the border of another); null for those about whom too little is known."""
    return tuple(
        field
        for name in names
        for text in [name.replace("_", " ")]
        for field in (
            Field(name=AXIS + name, type=FieldType.STRING, group=FieldGroup.AXES, label=text),
            Field(
                name=f"{AXIS}{name}.strength",
                type=FieldType.FLOAT,
                group=FieldGroup.AXES,
                label=f"strength of {text}",
                unit="share",
            ),
        )
    )


def bucket_of(customer_id: str, buckets: int) -> int:
    """The bucket a customer lies in: a stable hash of the id, the same on every machine."""
    digest = hashlib.blake2b(customer_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % buckets


_NEGATED = {
    "email_consent": "has not consented to e-mail",
    "sms_consent": "has not consented to SMS",
    "push_consent": "has not consented to push",
    "ads_consent": "has not consented to ads",
    "has_ever_returned_item": "has never returned an item",
    "viewed_bestsellers_page": "has not viewed the bestsellers",
    "interacted_with_content": "has not read our content",
    "exclusivity_seeker_flag": "does not seek exclusivity",
}


def _make(
    group: FieldGroup, rows: Iterable[tuple[str, FieldType, str, str | None, tuple[str, ...]]]
) -> list[Field]:
    return [
        Field(
            name=name,
            type=kind,
            group=group,
            label=label,
            negated=_NEGATED.get(name, ""),
            unit=unit,
            synonyms=synonyms,
        )
        for name, kind, label, unit, synonyms in rows
    ]


_S, _I, _F, _B = FieldType.STRING, FieldType.INT, FieldType.FLOAT, FieldType.BOOL
_T, _L, _N = FieldType.TIMESTAMP, FieldType.STRINGS, FieldType.NESTED

STANDARD = Schema(
    _make(
        FieldGroup.IDENTITY,
        [
            ("customer_id", _S, "customer id", None, ()),
            ("location_city", _S, "city", None, ("town",)),
            ("location_country", _S, "country", None, ()),
            ("acquisition_source", _S, "acquisition source", None, ("acquired by", "came from")),
            ("creation_date", _T, "customer since", None, ("signed up", "joined", "registered")),
            ("tenure_days", _I, "days since joining", "days", ("tenure", "customer for")),
            ("email_consent", _B, "has consented to e-mail", None, ()),
            ("sms_consent", _B, "has consented to SMS", None, ()),
            ("push_consent", _B, "has consented to push", None, ()),
            ("ads_consent", _B, "has consented to ads", None, ()),
        ],
    )
    + _make(
        FieldGroup.TRANSACTIONS,
        [
            ("transaction_history", _N, "orders", None, ()),
            ("average_order_value", _F, "average order value", "money", ("aov", "basket value")),
            ("lifetime_value", _F, "lifetime value", "money", ("ltv", "total spend", "spent")),
            ("purchase_frequency", _I, "orders in the last year", None, ("purchase frequency",)),
            ("lifetime_orders", _I, "orders ever", None, ("orders", "purchases")),
            ("last_purchase_date", _T, "last purchase", None, ()),
            ("days_since_last_purchase", _I, "days since the last purchase", "days", ()),
            ("has_ever_returned_item", _B, "has returned an item", None, ("returns",)),
            ("product_categories_purchased", _L, "categories bought", None, ("bought",)),
        ],
    )
    + _make(
        FieldGroup.BEHAVIOUR,
        [
            ("last_seen_timestamp", _T, "last seen", None, ()),
            ("days_since_last_seen", _I, "days since last seen", "days", ()),
            ("session_count", _I, "sessions in the last 90 days", None, ("sessions", "visits")),
            ("avg_session_duration", _I, "average session", "seconds", ("session duration",)),
            ("viewed_product_pages", _N, "product pages viewed", None, ()),
            ("viewed_products", _L, "products viewed", None, ("viewed", "looked at")),
            ("abandoned_cart_details", _N, "abandoned cart", None, ()),
            ("abandoned_cart_value", _F, "abandoned cart value", "money", ("cart value",)),
            ("days_since_cart_abandoned", _I, "days since the cart was left", "days", ()),
            ("carts_abandoned", _I, "carts left in the last year", None, ("abandoned carts",)),
            ("carts_abandoned_at_shipping", _I, "carts left when shipping was added", None, ()),
            ("viewed_bestsellers_page", _B, "has viewed the bestsellers", None, ()),
            ("interacted_with_content", _B, "has read our content", None, ()),
            ("product_reviews_written", _I, "reviews written", None, ("reviews",)),
            ("wishlist_items_count", _I, "items on the wish list", None, ("wishlist",)),
        ],
    )
    + _make(
        FieldGroup.CAMPAIGNS,
        [
            ("campaign_history", _N, "campaigns received", None, ()),
            ("email_open_rate", _F, "e-mail open rate", "share", ("open rate",)),
            ("email_click_through_rate", _F, "e-mail click rate", "share", ("click rate",)),
            ("control_group_membership", _L, "campaigns held out from", None, ()),
        ],
    )
    + _make(
        FieldGroup.SCORES,
        [
            ("clv_score", _F, "predicted value (percentile)", "share", ("clv",)),
            ("churn_probability_score", _F, "churn probability", "share", ("churn risk",)),
            ("discount_sensitivity_score", _F, "discount sensitivity", "share", ()),
            ("free_shipping_sensitivity_score", _F, "shipping sensitivity", "share", ()),
            ("social_proof_affinity", _F, "social proof affinity", "share", ()),
            ("content_engagement_score", _F, "content engagement", "share", ()),
            ("exclusivity_seeker_flag", _B, "seeks exclusivity", None, ()),
            ("predicted_next_purchase_category", _S, "predicted next category", None, ()),
        ],
    )
)
