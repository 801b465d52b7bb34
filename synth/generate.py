"""The one entrance: a recipe in, Arrow tables out. No disk, no clock, no state."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from domain.errors import BadRequest
from synth import tables, truth
from synth.assortment import Assortment
from synth.baskets import fill
from synth.browsing import browse
from synth.campaigns import outlook_now, play, unprompted_orders
from synth.happenings import happenings
from synth.population import population
from synth.recipe import Recipe, recipe
from synth.rhythm import Rhythm

__all__ = ["Bucket", "Recipe", "generate_bucket", "global_tables", "recipe"]


@dataclass(frozen=True)
class Bucket:
    """The customers of one bucket, sorted by id. `truth` is hidden: see `synth/truth.py`."""

    tables: dict[str, pa.Table]
    """`identities`, `customers`, `orders`, `order_items`, `events`, `exposures`."""
    truth: dict[str, pa.Table]
    """`potential_outcomes` and `traits`."""


def generate_bucket(recipe: Recipe, bucket: int, buckets: int) -> Bucket:
    """One bucket's rows, which depend on the recipe and on who is in it, and on nothing else."""
    if not 0 <= bucket < buckets <= 1 << 16:
        raise BadRequest(
            f"There is no bucket {bucket} of {buckets}.",
            remedy="Count from 0; at most 65,536 buckets.",
            field="bucket",
        )
    until = float(recipe.days)
    clock = tables.Clock(recipe.starts_at)
    rhythm = Rhythm(recipe.starts_at, recipe.days + truth.NOW_WINDOW_DAYS)
    assortment = Assortment(recipe.seed)
    people = population(recipe, bucket, buckets)
    price = assortment.expected_price(people.taste)

    sessions = browse(people, rhythm, until)
    unprompted = unprompted_orders(people, rhythm, until)
    played = play(people, unprompted, sessions, rhythm, price, recipe.days)
    now = outlook_now(people, played, sessions, rhythm, price, recipe.days, truth.NOW_WINDOW_DAYS)
    baskets = fill(people, played.orders, assortment)
    log = happenings(people, sessions, baskets, played, assortment, until)
    return Bucket(
        tables={
            "identities": tables.identities(recipe, people),
            "customers": tables.customers(recipe, people, clock),
            "orders": tables.orders(people, baskets, clock),
            "order_items": tables.order_items(people, baskets, assortment, clock, until),
            "events": tables.events(people, log, clock),
            "exposures": tables.exposures(people, played.exposures, baskets, log, clock),
        },
        truth={
            "potential_outcomes": truth.potential_outcomes(people, played.exposures, now),
            "traits": truth.traits(people),
        },
    )


def global_tables(recipe: Recipe) -> dict[str, pa.Table]:
    """`products` and `campaigns`, which belong to no bucket."""
    clock = tables.Clock(recipe.starts_at)
    return {
        "products": tables.products(Assortment(recipe.seed)),
        "campaigns": tables.campaigns(recipe, clock),
    }
