"""A segment as a file that an advertising or e-mail platform takes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from domain.identifiers import google_email, google_phone, hashed, meta_email, meta_phone
from domain.suppression import Exclusion
from domain.triggers import Channel
from storage import audit, definitions, segments
from storage.members import GIVEN_OUT
from workflows.suppression import excluded
from workflows.workspace import Workspace

IDENTITIES = "identities"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Destination(StrEnum):
    META = "meta"
    GOOGLE = "google"
    CSV = "csv"


Person = Mapping[str, str | None]


@dataclass(frozen=True)
class _Form:
    """A file's header, the channel whose consent it takes, and a row of it; `sms` says whether the
    person agreed to that too. A row without an identifier is left out."""

    header: tuple[str, ...]
    channel: Channel
    row: Callable[[Person, bool], Sequence[str]]
    first_identifier: int


_FORMS = {
    Destination.META: _Form(
        ("email", "phone"),
        Channel.ADS,
        lambda one, sms: (
            hashed(meta_email(one["email_address"])),
            hashed(meta_phone(one["phone_number"])),
        ),
        0,
    ),
    Destination.GOOGLE: _Form(
        ("Email", "Phone"),
        Channel.ADS,
        lambda one, sms: (
            hashed(google_email(one["email_address"])),
            hashed(google_phone(one["phone_number"])),
        ),
        0,
    ),
    Destination.CSV: _Form(
        ("customer_id", "email", "first_name", "phone"),
        Channel.EMAIL,
        lambda one, sms: (
            one["customer_id"] or "",
            (one["email_address"] or "").strip(),
            one["first_name"] or "",
            (google_phone(one["phone_number"]) or one["phone_number"] or "") if sms else "",
        ),
        1,
    ),
}


@dataclass(frozen=True)
class Audience:
    """`name` says nothing of who is in it; `lines` are read once."""

    name: str
    lines: Iterator[bytes]


def audience_file(
    workspace: Workspace, segment_id: str, destination: Destination, *, actor: str
) -> Audience:
    """Members of the current version who may be sent to, held-out customers apart, as CSV.

    Advertising files hold hashes only, of those who agreed to ads. The plain file holds those who
    agreed to e-mail, with the phone numbers of those who agreed to sms too."""
    form = _FORMS[destination]
    with workspace.control.write() as session:
        version = segments.get(session, segment_id)
        identities = definitions.current_one(session, IDENTITIES)
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="audience.export",
            subject=segment_id,
            detail={"version": version.version, "destination": destination.value},
        )
    members = workspace.snapshots.open(version.members_id).read(GIVEN_OUT, ["customer_id"])
    ids = pa.array([], pa.string()) if members is None else members.column("customer_id")
    name = f"{segment_id}-v{version.version}-{destination}.csv"
    return Audience(name, _lines(workspace, identities, ids, form))


def _lines(
    workspace: Workspace, identities: str | None, ids: pa.Array | pa.ChunkedArray, form: _Form
) -> Iterator[bytes]:
    yield _csv([form.header])
    if identities is None:
        return
    snapshot = workspace.snapshots.open(identities)
    for bucket in sorted(snapshot.files):
        table = snapshot.read(bucket)
        assert table is not None
        people = table.filter(pc.is_in(table.column("customer_id"), ids)).to_pylist()
        who = [person["customer_id"] for person in people]
        refused = excluded(workspace, who, form.channel)
        no_sms = _without_sms(workspace, who)
        rows = [
            form.row(person, person["customer_id"] not in no_sms)
            for person in people
            if person["customer_id"] not in refused
        ]
        yield _csv([row for row in rows if any(row[form.first_identifier :])])


def _without_sms(workspace: Workspace, who: Sequence[str]) -> set[str]:
    reasons = excluded(workspace, who, Channel.SMS)
    return {one for one, why in reasons.items() if why is not Exclusion.FREQUENCY_CAP}


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([map(harmless, row) for row in rows])
    return stream.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV
    injection); a number with a sign, such as a phone number, is none."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
