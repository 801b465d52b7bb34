"""Assignments: who gets what by chance, and the members as a campaign gives them out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.assignment import uniforms
from domain.criteria import EVERYONE
from domain.errors import BadRequest
from domain.segment import SegmentVersion
from domain.triggers import NO_TRIGGER
from profiles.contract import PROBABILITIES
from storage import activations
from storage.erasing import is_blank
from storage.members import COLUMNS, everybody
from storage.models import ModelRecord
from storage.population import Population
from workflows.holdouts import control_group
from workflows.membership import group_basis
from workflows.modelfiles import load_groups
from workflows.workspace import Workspace

ARM, ELIGIBLE, EXPLORED, PROPENSITIES = "arm", "eligible", "explored_trigger", "propensities"
"""Columns of assignments beside those of members."""
_ID = re.compile("asg_([0-9a-f]{12})_([0-9a-f]{1,8})_([0-9a-f]{16})")
_DRAWN = "drawn at random, so that the next model learns from it"


@dataclass(frozen=True)
class Drawn:
    """What chance gave n customers. `arm` (n,) is a trigger or none, `never` (n,) are those whom no
    campaign addresses, `explored` (n,) those whose trigger was drawn; `probabilities` are those of
    every arm for each customer who is not `never`."""

    arm: NDArray[Any]
    never: NDArray[np.bool_]
    explored: NDArray[np.bool_]
    probabilities: Mapping[str, float]

    @property
    def held_out(self) -> NDArray[np.bool_]:
        return np.asarray(self.arm == NO_TRIGGER)


def draw(
    customer_ids: pa.ChunkedArray,
    *,
    never: NDArray[np.bool_],
    salt: str,
    trigger: str,
    holdout: float,
    exploration: float,
    explored: Sequence[str],
) -> Drawn:
    """Everybody's arm by salted hashes: the control group, then those who explore, then what they
    get. Of the others all get `trigger`.

    P(none) = h; P(trigger) = (1 - h) (1 - e + e / K); P(another) = (1 - h) e / K with K triggers to
    explore, `trigger` among them."""
    ids = customer_ids.to_pylist()
    control = control_group(ids, salt, holdout)
    exploring = np.zeros(len(ids), dtype=bool)
    arm = np.full(len(ids), trigger, dtype=object)
    probabilities = {NO_TRIGGER: holdout, trigger: 1 - holdout}
    if exploration:
        exploring = (uniforms(ids, f"explore:{salt}") < exploration) & ~control & ~never
        pick = (uniforms(ids, f"pick:{salt}") * len(explored)).astype(np.int64)
        arm[exploring] = np.array(explored, dtype=object)[pick[exploring]]
        each = (1 - holdout) * exploration / len(explored)
        probabilities |= dict.fromkeys(explored, each)
        probabilities[trigger] = (1 - holdout) * (1 - exploration) + each
    arm[control | never] = NO_TRIGGER
    return Drawn(arm, never, exploring, probabilities)


def members_of(
    workspace: Workspace, version: SegmentVersion, explored: Sequence[str], record: ModelRecord
) -> pa.Table:
    """A version's members, sorted; where triggers are explored with what the model says of each,
    and without those whom it knows no more."""
    columns = list(COLUMNS.names)
    snapshot = workspace.snapshots.open(version.members_id)
    members = everybody(snapshot).select(columns).cast(COLUMNS)
    if not explored:
        return members
    scores = workspace.snapshots.open(record.scores_id)
    wanted = [
        f"{mark}{key}" for key in explored for mark in ("uplift_score_for_", "net_value_for_")
    ]
    with Population(workspace.schema(), [scores]) as people:
        known = people.select(EVERYONE, ["customer_id", *wanted])
    place = pc.index_in(
        members.column("customer_id"), value_set=known.column("customer_id").combine_chunks()
    )
    found = known.take(place.drop_null())
    members = members.filter(pc.is_valid(place))
    for name in wanted:
        members = members.append_column(name, found.column(name))
    return members


def as_members(
    workspace: Workspace,
    version: SegmentVersion,
    record: ModelRecord,
    campaign_id: str,
    members: pa.Table,
    drawn: Drawn,
) -> pa.Table:
    """The members with their assignments. Who got a trigger by chance has that trigger's figures,
    and the segment's own as runner-up."""
    table = members.select(COLUMNS.names)
    if drawn.explored.any():
        table = _with_explored(workspace, version, record, members, drawn)
    secret = workspace.settings.secret
    ids = assignment_ids(
        campaign_id, members.column("customer_id").to_pylist(), drawn.held_out, secret
    )
    place = COLUMNS.names.index("assignment_id")
    table = table.set_column(place, COLUMNS.field("assignment_id"), pa.array(ids, pa.string()))
    n = members.num_rows
    arms, chances = list(drawn.probabilities), list(drawn.probabilities.values())
    offsets = pa.array(np.arange(n + 1) * len(arms), pa.int32())
    every = pa.MapArray.from_arrays(
        offsets, pa.array(arms * n, pa.string()), pa.array(chances * n, pa.float64())
    )
    extra = {
        ARM: pa.array(drawn.arm, pa.string()).dictionary_encode(),
        ELIGIBLE: pa.array(~drawn.never),
        EXPLORED: pa.array(drawn.arm, pa.string(), mask=~drawn.explored),
        PROPENSITIES: every.cast(PROBABILITIES),
    }
    for name, column in extra.items():
        table = table.append_column(name, column)
    return table


def _with_explored(
    workspace: Workspace,
    version: SegmentVersion,
    record: ModelRecord,
    members: pa.Table,
    drawn: Drawn,
) -> pa.Table:
    """The members, with the figures of the triggers that some were given by chance."""
    columns = {
        name: members.column(name).to_numpy(zero_copy_only=False).copy() for name in COLUMNS.names
    }
    groups = load_groups(workspace, record.id)
    for key in dict.fromkeys(drawn.arm[drawn.explored].tolist()):
        rows = drawn.explored & (drawn.arm == key)
        columns["reason_1"][rows] = _DRAWN
        columns["reason_2"][rows] = columns["reason_3"][rows] = None
        if key == version.recommended_trigger:
            continue
        effect = members.column(f"uplift_score_for_{key}").to_numpy()[rows]
        estimate, low, high = groups.look_up(key, effect)
        columns["estimate"][rows], columns["low"][rows], columns["high"][rows] = estimate, low, high
        columns["basis"][rows] = group_basis(key, version.outcome)
        columns["uplift_score"][rows] = effect
        net = members.column(f"net_value_for_{key}").to_numpy()
        columns["expected_net_value"][rows] = net[rows]
        columns["runner_up_trigger"][rows] = version.recommended_trigger
        columns["recommended_trigger"][rows] = key
    return pa.table(
        {f.name: pa.array(columns[f.name], _plain(f.type)).cast(f.type) for f in COLUMNS}
    )


def assignment_ids(
    campaign_id: str, customer_ids: Sequence[str], held_out: NDArray[np.bool_], secret: str
) -> list[str]:
    """An id for each of the customers, who are sorted: the campaign, the row in its assignments,
    and a signature over both and the customer, so that none can be made up or changed."""
    given = np.count_nonzero(~held_out)
    row = np.where(held_out, given + np.cumsum(held_out) - 1, np.cumsum(~held_out) - 1)
    number = campaign_id.removeprefix("cmp_")
    return [
        f"asg_{number}_{place:x}_{_signature(campaign_id, place, customer, secret)}"
        for place, customer in zip(row.tolist(), customer_ids, strict=True)
    ]


def resolve_assignments(
    workspace: Workspace, assignment_ids: Sequence[str], fields: Sequence[str]
) -> list[tuple[str, str]]:
    """The campaign and the customer that each id is of, in the same order; of an erased person
    what stands in the place of one. `fields` name them in an error."""
    parsed = [_parsed(text, field) for text, field in zip(assignment_ids, fields, strict=True)]
    found: dict[tuple[str, int], str] = {}
    for campaign_id in dict.fromkeys(campaign for campaign, _, _ in parsed):
        rows = sorted({row for campaign, row, _ in parsed if campaign == campaign_id})
        for row, customer in zip(rows, _customers(workspace, campaign_id, rows), strict=True):
            found[campaign_id, row] = customer
    secret = workspace.settings.secret
    resolved = []
    for place, (campaign_id, row, signature) in enumerate(parsed):
        customer = found[campaign_id, row]
        if is_blank(customer):
            # An erased person's: the id it was signed with is gone, so nothing can be checked.
            resolved.append((campaign_id, customer))
            continue
        own = _signature(campaign_id, row, customer, secret)
        if not customer or not hmac.compare_digest(own, signature):
            raise _unknown(assignment_ids[place], fields[place])
        resolved.append((campaign_id, customer))
    return resolved


def _customers(workspace: Workspace, campaign_id: str, rows: list[int]) -> list[str]:
    """The customers in these rows of a campaign's assignments; an empty text where there is no
    such row."""
    with workspace.control.read() as session:
        known = {one.campaign_id: one.assignments_id for one in activations.listed(session)}
    if campaign_id not in known:
        return [""] * len(rows)
    count = workspace.members.size(known[campaign_id], held_out=True)
    inside = [row for row in rows if row < count]
    table = workspace.members.take(known[campaign_id], inside)
    names = dict(zip(inside, table.column("customer_id").to_pylist(), strict=True))
    return [names.get(row, "") for row in rows]


def _parsed(text: str, field: str) -> tuple[str, int, str]:
    found = _ID.fullmatch(text)
    if found is None:
        raise _unknown(text, field)
    number, row, signature = found.groups()
    return f"cmp_{number}", int(row, 16), signature


def _unknown(text: str, field: str) -> BadRequest:
    return BadRequest(
        f"There is no assignment {text[:80]!r}.",
        remedy="Give the assignment_id that was pulled with the customer.",
        field=field,
    )


def _signature(campaign_id: str, row: int, customer_id: str, secret: str) -> str:
    content = f"{campaign_id}:{row}:{customer_id}".encode()
    key = hashlib.sha256(b"assignment:" + secret.encode()).digest()
    return hashlib.blake2b(content, key=key, digest_size=8).hexdigest()


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
