"""Suppression and consent, by a slow twin that knows the rules one customer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from domain.errors import BadRequest, NotFound
from domain.suppression import CONSENT_COLUMNS, Exclusion
from domain.triggers import Channel
from storage import audit
from storage.tables import Base
from tests.activation_api.little import NOW, PEOPLE, customer, little, with_segment
from workflows.erasure import request_erasure
from workflows.pulling import pull
from workflows.suppression import Suppression, counted, excluded, lift, suppress
from workflows.workspace import FrequencyCap, Workspace

EVERYBODY = [customer(number) for number in range(PEOPLE)]


@pytest.fixture
def shop(tmp_path: Path, database_url: str | None) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop", database_url=database_url)
    yield workspace
    workspace.close()


@pytest.mark.parametrize("channel", [None, *Channel])
def test_everybody_is_left_out_for_the_weightiest_reason(
    shop: Workspace, channel: Channel | None
) -> None:
    rng = np.random.default_rng(5)
    stated: dict[tuple[str, str], Exclusion] = {}
    for number in rng.choice(PEOPLE, 24):
        where = str(rng.choice(["all", "email", "sms", "ads"]))
        reason = Exclusion(str(rng.choice(["unsubscribed", "suppressed"])))
        stated[customer(number), where] = reason
    wanted = [Suppression(who, where, reason) for (who, where), reason in stated.items()]
    suppress(shop, wanted, actor="test")
    gone = [customer(3), customer(4)]
    for who in gone:
        request_erasure(shop, who, actor="test")
    refusing = {Channel.EMAIL: 5, Channel.SMS: 7, Channel.ADS: 3}
    expected = {}
    for number, who in enumerate(EVERYBODY):
        reasons = {stated.get((who, "all")), stated.get((who, str(channel)))} - {None}
        if channel in refusing and number % refusing[channel] == 0:
            reasons.add(Exclusion.NO_CONSENT)
        if who in gone:
            reasons.add(Exclusion.ERASED)
        if reasons:
            expected[who] = next(one for one in Exclusion if one in reasons)
    assert len(expected) > 5
    assert excluded(shop, EVERYBODY, channel) == expected


def test_where_no_consents_are_kept_none_is_missing(shop: Workspace) -> None:
    """`push_consent` is null for everybody: the company does not keep it."""
    assert excluded(shop, EVERYBODY, Channel.PUSH) == {}
    assert set(CONSENT_COLUMNS) == {Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.ADS}


def test_who_is_not_known_did_not_agree(shop: Workspace) -> None:
    for stranger in ("c", "zzz", "c0000", "é"):
        assert excluded(shop, [stranger], Channel.EMAIL) == {stranger: Exclusion.NO_CONSENT}
        assert excluded(shop, [stranger], None) == {}


def test_the_cap_counts_what_was_sent_lately(shop: Workspace) -> None:
    with shop.control.write() as session:
        if "deliveries" not in Base.metadata.tables:
            session.execute(
                text("CREATE TABLE deliveries (customer_id TEXT, status TEXT, at TIMESTAMP)")
            )
    sent = [(0, 1, "sent"), (0, 2, "sent"), (1, 1, "sent"), (1, 8, "sent"), (2, 1, "sent")]
    sent += [(2, 2, "failed"), (3, 6, "sent"), (3, 1, "sent"), (3, 2, "sent")]
    with shop.control.write() as session:
        for place, (number, days, status) in enumerate(sent):
            _deliver(session, place, customer(number), NOW - timedelta(days=days), status)
    assert excluded(shop, EVERYBODY, None) == {}, "no cap is set"
    cap = FrequencyCap(messages=2, days=7)
    shop.settings = shop.settings.model_copy(update={"frequency_cap": cap})
    capped = {customer(0): Exclusion.FREQUENCY_CAP, customer(3): Exclusion.FREQUENCY_CAP}
    assert excluded(shop, EVERYBODY, None) == capped


def _deliver(session: object, place: int, who: str, at: object, status: str) -> None:
    table = Base.metadata.tables.get("deliveries")
    if table is None:
        session.execute(  # type: ignore[attr-defined]
            text("INSERT INTO deliveries VALUES (:who, :status, :at)"),
            {"who": who, "status": status, "at": str(at)[:19] + ".000000"},
        )
        return
    row = {"customer_id": who, "status": status, "at": at, "received_at": at}
    session.execute(table.insert().values(message_id=str(place), campaign_id="c", **row))  # type: ignore[attr-defined]


def test_a_pull_leaves_them_out_and_counts_them(shop: Workspace) -> None:
    version = with_segment(shop)
    suppress(shop, [Suppression(customer(1), "all", Exclusion.UNSUBSCRIBED)], actor="test")
    page = pull(shop, version.segment_id, limit=10, channel=Channel.EMAIL)
    assert page.excluded == {"unsubscribed": 1, "no_consent": 2}
    for number in range(10):
        there = customer(number).encode() in page.members_json
        assert there is (number not in (0, 1, 5))
    assert page.next_cursor is not None, "a page with fewer members is not the last one"
    lift(shop, customer(1), "all", actor="test")
    assert pull(shop, version.segment_id, limit=10).excluded == {}


def test_suppressions_are_counted_and_the_audit_names_nobody(shop: Workspace) -> None:
    one = Suppression(customer(1), "email", Exclusion.UNSUBSCRIBED)
    assert suppress(shop, [one, one], actor="key:a") == 1
    assert suppress(shop, [one], actor="key:a") == 0
    other = Suppression(customer(1), "email", Exclusion.SUPPRESSED)
    assert suppress(shop, [other], actor="key:b") == 1
    lift(shop, customer(1), "email", actor="key:b")
    with pytest.raises(NotFound):
        lift(shop, customer(1), "email", actor="key:b")
    with pytest.raises(BadRequest, match="no_consent"):
        suppress(shop, [Suppression("x", "all", Exclusion.NO_CONSENT)], actor="key:b")
    with shop.control.read() as session:
        rows = audit.entries(session)
        assert audit.broken_at(session) is None
    assert [row.action for row in rows] == ["suppress", "suppress", "suppress.lift"]
    assert all(customer(1) not in f"{row.subject} {row.detail}" for row in rows)


def test_reasons_are_counted() -> None:
    reasons = [Exclusion.NO_CONSENT, Exclusion.ERASED, Exclusion.NO_CONSENT]
    assert list(counted(reasons).items()) == [("erased", 1), ("no_consent", 2)]
