"""A discovery kept under a name: its segments become a field of criteria, `cluster.<name>`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from domain.clusters import PREFIX, Cluster, Clustering, checked_cluster_name
from domain.criteria import EVERYONE, to_json
from domain.discovery import Discovery
from domain.errors import BadRequest, Conflict
from domain.parsing import check
from storage import audit, definitions, discoveries
from storage.population import Population
from storage.snapshots import Snapshot
from workflows.discoverysource import CUSTOMERS_TABLE
from workflows.workspace import PROFILES, Workspace

LONGEST_PERSON = 120


def keep_discovery(
    workspace: Workspace, discovery_id: str, name: str, *, by: str, actor: str = "cli"
) -> Clustering:
    """Keep a discovery's segments as the field `cluster.<name>`; `by` is the person who answers for
    it. A card without rules is left out, and of overlapping rules the more precise one counts.

    What a name means never changes: Conflict for one that is taken, for segments that are none of
    customers, and for those without any rules.
    """
    checked_cluster_name(name)
    person = " ".join(by.split())[:LONGEST_PERSON]
    if not person:
        raise BadRequest(
            "A discovery is kept by a person, and none is named.",
            remedy="Say who answers for it.",
            field="by",
        )
    with workspace.control.read() as session:
        found = discoveries.get(session, discovery_id)
    clusters = _clusters(workspace, found)
    draft = Clustering(
        name=name,
        discovery_id=found.discovery_id,
        clusters=clusters,
        counts={},
        customers=0,
        agreement=None,
        kept_by=person,
        kept_at=workspace.now(),
    )
    kept = _counted(workspace, draft, found)
    with workspace.control.write() as session:
        if any(one.name == name for one in definitions.clusterings(session)):
            raise Conflict(
                f"{PREFIX}{name} is taken, and segments may rest on what it means.",
                remedy="Choose another name.",
                field="name",
            )
        definitions.put_clustering(session, kept)
        audit.append(
            session,
            at=kept.kept_at,
            actor=actor,
            action="keep discovery",
            subject=found.discovery_id,
            detail={
                "field": PREFIX + name,
                "kept_by": person,
                "clusters": {one.name: to_json(one.criteria) for one in clusters},
            },
        )
    return kept


def list_kept(workspace: Workspace) -> list[Clustering]:
    """Every kept discovery, the newest first."""
    with workspace.control.read() as session:
        return list(definitions.clusterings(session))


def _clusters(workspace: Workspace, found: Discovery) -> tuple[Cluster, ...]:
    """The cards with rules, the most precise first."""
    if not found.source.startswith(PROFILES) and found.source != CUSTOMERS_TABLE:
        raise Conflict(
            f"These segments are of {found.row_name}, not of customers.",
            remedy=f"Discover segments in {PROFILES}, and keep those.",
            field="discovery_id",
        )
    told = [(card.name, card.filter_rules) for card in found.cards if card.filter_rules]
    if not told:
        reasons = [card.rules_reason for card in found.cards] or [found.message]
        raise Conflict(
            f"No segment of {found.discovery_id} has rules: {reasons[0]}", field="discovery_id"
        )
    told.sort(key=lambda pair: -pair[1].precision)
    schema = workspace.schema()
    return tuple(
        Cluster(name=name, criteria=check(rules.criteria, schema), text=rules.text)
        for name, rules in told
    )


def _counted(workspace: Workspace, draft: Clustering, found: Discovery) -> Clustering:
    """How many customers of the discovery's profiles each cluster holds, and how many of them as
    the clustering had them."""
    field = draft.field
    schema = workspace.schema().with_fields([field])
    with Population(schema, [workspace.snapshots.open(found.snapshot_id)]) as people:
        placed = people.select(EVERYONE, ["customer_id", field.name])
    column = placed.column(field.name)
    counted = {row["values"]: row["counts"] for row in pc.value_counts(column).to_pylist()}
    agreement = None
    if found.members_id is not None:
        members = workspace.snapshots.open(found.members_id)
        agreement = _agreement(placed, field.name, members)
    return draft.model_copy(
        update={
            "counts": {name: counted.get(name, 0) for name in field.levels},
            "customers": placed.num_rows,
            "agreement": agreement,
        }
    )


def _agreement(placed: pa.Table, name: str, members: Snapshot) -> float:
    """The share of customers whom the rules place as the clustering did, or leave out as it did."""
    known = members.table()
    place = pc.index_in(placed.column("customer_id"), known.column("customer_id").combine_chunks())
    theirs = pc.fill_null(known.column("segment").take(place), "")
    alike = pc.equal(pc.fill_null(placed.column(name), ""), theirs)
    return float(pc.mean(alike.cast(pa.float64())).as_py())
