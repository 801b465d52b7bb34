"""Audience files: who is in them, in which form, and that opening them does no harm."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from domain.identifiers import google_phone, hashed, meta_email
from domain.suppression import Exclusion
from storage import audit, definitions
from storage.buckets import split
from tests.activation_api.little import PEOPLE, customer, little, with_segment
from workflows.audiences import Destination, audience_file, harmless
from workflows.erasure import request_erasure
from workflows.suppression import Suppression, suppress
from workflows.workspace import Workspace


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop")
    with_segment(workspace)
    suppress(workspace, [Suppression(customer(1), "all", Exclusion.UNSUBSCRIBED)], actor="t")
    request_erasure(workspace, customer(2), actor="t")
    yield workspace
    workspace.close()


def read(workspace: Workspace, destination: Destination) -> tuple[list[str], list[list[str]]]:
    made = audience_file(workspace, "seg_little", destination, actor="key:x")
    head, *rows = csv.reader(io.StringIO(b"".join(made.lines).decode()))
    return head, rows


def test_meta_gets_hashes_of_those_who_agreed_to_ads(shop: Workspace) -> None:
    head, rows = read(shop, Destination.META)
    assert head == ["email", "phone"]
    expected = [
        [hashed(f"ann.{n}@example.com"), hashed(f"44207946{n:04d}")]
        for n in range(3, PEOPLE)
        if n % 3
    ]
    assert sorted(rows) == sorted(expected)
    assert meta_email("Ann.3@Example.com") == "ann.3@example.com"


def test_google_gets_its_own_form(shop: Workspace) -> None:
    head, rows = read(shop, Destination.GOOGLE)
    assert head == ["Email", "Phone"]
    assert hashed(google_phone("+44 20 7946 0004")) in {row[1] for row in rows}
    assert len(rows) == len(read(shop, Destination.META)[1])


def test_the_plain_file_is_split_by_consent(shop: Workspace) -> None:
    head, rows = read(shop, Destination.CSV)
    assert head == ["customer_id", "email", "first_name", "phone"]
    by_id = {row[0]: row for row in rows}
    assert set(by_id) == {customer(n) for n in range(3, PEOPLE) if n % 5}
    for number in range(3, PEOPLE):
        if number % 5:
            agreed = number % 7 != 0
            phone = f"+44207946{number:04d}" if agreed else ""
            assert by_id[customer(number)][3] == phone


def test_its_name_reveals_nothing_and_the_audit_knows(shop: Workspace) -> None:
    made = audience_file(shop, "seg_little", Destination.META, actor="key:x")
    assert made.name == "seg_little-v1-meta.csv"
    with shop.control.read() as session:
        row = audit.entries(session, "seg_little")[-1]
    assert (row.actor, row.action) == ("key:x", "audience.export")


def test_formulas_are_defused(shop: Workspace) -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
    plain = ["Ann", "+442079460958", "-1.5", "a=b", "", "O'Neil"]
    for text in evil:
        assert harmless(text) == "'" + text
    for text in plain:
        assert harmless(text) == text
    table = pa.table(
        {
            "customer_id": [customer(4)],
            "first_name": [evil[-1]],
            "email_address": ["=x@y"],
            "phone_number": pa.array([None], pa.string()),
        }
    )
    snapshot = shop.snapshots.write("identities", split(table, 4))
    with shop.control.write() as session:
        definitions.put_current(session, "identities", snapshot.id)
    ((_, email, name, _),) = read(shop, Destination.CSV)[1]
    assert (email, name) == ("'=x@y", "'" + evil[-1])


def test_without_identities_it_is_empty(shop: Workspace) -> None:
    with shop.control.write() as session:
        definitions.drop_current(session, "identities")
    assert read(shop, Destination.META) == (["email", "phone"], [])
