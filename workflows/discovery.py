"""Segments before any campaign: a table or profile snapshot becomes cards, and is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from clustering.discovery import Found, discover_statistically
from clustering.heuristic import discover_heuristically
from clustering.preparing import Prepared, prepare
from clustering.proposals import discover_by_proposals
from clustering.writing import write_cards
from domain.discovery import (
    CONFIRM_ABOVE,
    Comparison,
    Discovery,
    DiscoveryParameters,
    Tier,
    Tokens,
)
from domain.errors import BadRequest, Conflict
from interpreter.completion import Completer, LlmFailed
from storage import audit, discoveries
from storage.matching import TableMatcher
from storage.snapshots import Snapshot
from workflows.cardevidence import with_evidence
from workflows.discoverysource import CUSTOMER, Source, chosen_fields, source_of
from workflows.tiers import compare_tiers
from workflows.workspace import PROFILES, Workspace

Progress = Callable[[float, str], None]

MEMBERS = "clusters"

__all__ = [
    "Completer",
    "ConfirmationNeeded",
    "check_discovery",
    "discover",
    "list_discoveries",
    "show_discovery",
]


class ConfirmationNeeded(Conflict):
    """An LLM was to be asked about many rows, and nobody confirmed it yet."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(
            f"The llm tier on {comparison.rows:,} rows needs a confirmation.",
            remedy="Look at the tiers' accuracy, tokens, cost and speed, and confirm it.",
            field="confirm",
        )
        self.comparison = comparison


def discover(
    workspace: Workspace,
    parameters: DiscoveryParameters,
    *,
    table: str = PROFILES,
    confirmed: bool = False,
    completer: Completer | None = None,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> Discovery:
    """Find segments, measure them, ask the causal engine about each, and keep the whole.

    Raises BadRequest or UnknownField for a field or table that can't be used, ConfirmationNeeded
    (with the tiers' comparison) for an LLM and many rows, LlmFailed or NoEvidence where it was of
    no help. Where there are no natural segments the discovery has no cards and says so.
    """
    progress(0.0, "reading")
    source, data, prepared = _read(workspace, parameters, table)
    if parameters.tier is Tier.LLM:
        completer = _required(completer)
        _confirm(source, data, prepared, parameters, confirmed, completer)
    before = None if completer is None else completer.used
    found = _found(source, data, prepared, parameters, completer, progress)
    if completer is not None and parameters.tier is not Tier.LLM and found.cards:
        found = _written(found, completer)
    if source.is_customers and found.cards:
        progress(0.9, "asking the past campaigns")
        found = replace(found, cards=with_evidence(workspace, found.cards))
    tokens = None
    if completer is not None and before is not None:
        used = completer.used
        cost = None if used.cost is None or before.cost is None else used.cost - before.cost
        tokens = Tokens(
            prompt=used.prompt - before.prompt,
            completion=used.completion - before.completion,
            cost=cost,
        )
    members = _members(workspace, source, found)
    made = Discovery(
        discovery_id=f"dis_{secrets.token_hex(6)}",
        created_at=workspace.now(),
        source=source.name,
        snapshot_id=source.snapshot.id,
        rows=data.num_rows,
        row_name=source.row_name,
        parameters=parameters.model_copy(update={"fields": tuple(data.column_names)}),
        tier=parameters.tier,
        fields=prepared.notes,
        warnings=(*prepared.warnings, *found.warnings),
        message=found.message,
        quality=found.quality,
        cards=found.cards,
        outliers=int((found.labels < 0).sum()) if found.cards else 0,
        members_id=None if members is None else members.id,
        tokens=tokens,
    )
    with workspace.control.write() as session:
        discoveries.add(session, made)
        audit.append(
            session,
            at=made.created_at,
            actor=actor,
            action="discover",
            subject=made.discovery_id,
            detail={
                "source": made.source,
                "snapshot": made.snapshot_id,
                "parameters": made.parameters.model_dump(mode="json"),
                "segments": len(made.cards),
                "members": made.members_id,
            },
        )
    progress(1.0, "done")
    return made


def check_discovery(
    workspace: Workspace,
    parameters: DiscoveryParameters,
    *,
    table: str,
    confirmed: bool,
    completer: Completer | None,
) -> None:
    """Refuse now what `discover` would refuse later; raises what it raises."""
    source, data, prepared = _read(workspace, parameters, table)
    if parameters.tier is Tier.LLM:
        _confirm(source, data, prepared, parameters, confirmed, _required(completer))


def show_discovery(workspace: Workspace, discovery_id: str) -> Discovery:
    with workspace.control.read() as session:
        return discoveries.get(session, discovery_id)


def list_discoveries(workspace: Workspace) -> list[Discovery]:
    with workspace.control.read() as session:
        return discoveries.listed(session)


def _read(
    workspace: Workspace, parameters: DiscoveryParameters, table: str
) -> tuple[Source, pa.Table, Prepared]:
    source = source_of(workspace, table)
    names = chosen_fields(source, parameters.fields)
    data = source.read(names)
    return source, data, prepare(data, [source.schema[name] for name in names])


def _required(completer: Completer | None) -> Completer:
    if completer is None:
        raise BadRequest(
            "The llm tier needs an LLM, and no model is named.",
            remedy="Set AETHER_LLM_MODEL and AETHER_LLM_BASE_URL, or choose another tier.",
            field="tier",
        )
    return completer


def _confirm(
    source: Source,
    data: pa.Table,
    prepared: Prepared,
    parameters: DiscoveryParameters,
    confirmed: bool,
    completer: Completer,
) -> None:
    if data.num_rows > CONFIRM_ABOVE and not confirmed:
        raise ConfirmationNeeded(
            compare_tiers(data, prepared, source.schema, parameters, completer, source.row_name)
        )


def _found(
    source: Source,
    data: pa.Table,
    prepared: Prepared,
    parameters: DiscoveryParameters,
    completer: Completer | None,
    progress: Progress,
) -> Found:
    matcher = TableMatcher(data, source.schema)
    try:
        match parameters.tier:
            case Tier.STATISTICAL:
                return discover_statistically(
                    data,
                    prepared,
                    source.schema,
                    parameters,
                    matcher.meets,
                    row_name=source.row_name,
                    progress=progress,
                )
            case Tier.LLM:
                return discover_by_proposals(
                    data,
                    prepared,
                    source.schema,
                    parameters,
                    matcher.meets,
                    matcher.resolve,
                    _required(completer),
                    row_name=source.row_name,
                )
            case Tier.HEURISTIC:
                return discover_heuristically(
                    data, prepared, source.schema, matcher.meets, row_name=source.row_name
                )
    finally:
        matcher.close()


def _written(found: Found, completer: Completer) -> Found:
    """Cards with an LLM's words; where it fails the templates' stand, and a warning says so."""
    try:
        cards, told = write_cards(found.cards, completer)
    except LlmFailed as error:
        cards, told = found.cards, f"Names are by templates: {error.message}"
    warnings = (*found.warnings, told) if told else found.warnings
    return replace(found, cards=cards, warnings=warnings)


def _members(workspace: Workspace, source: Source, found: Found) -> Snapshot | None:
    """Which card each customer has, in the buckets of the source; None where rows are none."""
    if CUSTOMER not in source.schema or not source.name.startswith(PROFILES) or not found.cards:
        return None
    names = pa.array([card.name for card in found.cards], pa.string())

    def parts() -> Iterator[tuple[int, pa.Table]]:
        start = 0
        for bucket in sorted(source.snapshot.files):
            ids = pq.read_table(source.snapshot.files[bucket], columns=[CUSTOMER])
            labels = found.labels[start : start + ids.num_rows]
            start += ids.num_rows
            places = pa.array(labels, pa.int64(), mask=labels < 0)
            yield bucket, ids.append_column("segment", names.take(places))

    return workspace.snapshots.write(MEMBERS, parts(), meta={"source": source.snapshot.id})
