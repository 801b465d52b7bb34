"""The tiers beside each other, before an LLM is asked about many rows."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa

from clustering.discovery import discover_statistically
from clustering.heuristic import discover_heuristically
from clustering.preparing import Prepared, prepare
from clustering.proposals import SYSTEM, proposal_prompt
from domain.customer import Schema
from domain.discovery import Comparison, DiscoveryParameters, Tier, TierFacts
from interpreter.completion import Completer
from storage.matching import TableMatcher

SAMPLE_ROWS = 2_000
TOKENS_A_SECOND = 40
"""How fast an LLM is taken to write; only said as an estimate."""


def compare_tiers(
    table: pa.Table,
    prepared: Prepared,
    schema: Schema,
    parameters: DiscoveryParameters,
    completer: Completer,
    row_name: str,
) -> Comparison:
    """Accuracy, tokens, cost and speed of each tier. What needs no LLM is run on a sample and
    measured; what the LLM would do is estimated, and its accuracy is not known before it is run."""
    rows = table.num_rows
    rng = np.random.default_rng(parameters.seed)
    drawn = np.sort(rng.permutation(rows)[:SAMPLE_ROWS])
    sample = table.take(pa.array(drawn))
    some = prepare(sample, [one.field for one in prepared.usable])
    matcher = TableMatcher(sample, schema)
    started = time.perf_counter()
    found = discover_statistically(sample, some, schema, parameters, matcher.meets)
    statistical = time.perf_counter() - started
    started = time.perf_counter()
    simple = discover_heuristically(sample, some, schema, matcher.meets)
    heuristic = (time.perf_counter() - started) * rows / len(drawn)
    matcher.close()
    expected = completer.expected(SYSTEM, proposal_prompt(table, prepared, parameters, row_name))
    measured = f"measured on {len(drawn):,} {row_name}"
    explained = None if not found.cards or found.quality is None else found.quality.explained
    assert simple.quality is not None
    tiers = (
        TierFacts(
            tier=Tier.STATISTICAL,
            accuracy=explained,
            accuracy_text=measured if explained is not None else f"no natural segments, {measured}",
            tokens=0,
            cost=0.0,
            seconds=statistical,
            speed_text="about as long as the sample took: the choice is always made on a sample",
        ),
        TierFacts(
            tier=Tier.LLM,
            accuracy=None,
            accuracy_text="not known before: its definitions are measured on all rows once run",
            tokens=expected.prompt + expected.completion,
            cost=expected.cost,
            seconds=expected.completion / TOKENS_A_SECOND,
            speed_text=f"estimated, at {TOKENS_A_SECOND} tokens a second",
        ),
        TierFacts(
            tier=Tier.HEURISTIC,
            accuracy=simple.quality.explained,
            accuracy_text=measured,
            tokens=0,
            cost=0.0,
            seconds=heuristic,
            speed_text="the sample's time, for all rows",
        ),
    )
    text = (
        f"{rows:,} {row_name}: the statistical tier uses all of them; the LLM sees statistics of "
        f"{len(prepared.usable)} fields, never a row."
    )
    return Comparison(rows=rows, sample_rows=len(drawn), tiers=tiers, text=text)
