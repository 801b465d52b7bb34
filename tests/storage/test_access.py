"""API keys: only their holder's text opens, and only until they are revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotFound
from domain.scopes import Scope
from storage import access
from storage.access import KeyReader
from storage.control import Control

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60), st.integers(0, 60))
def test_no_other_text_opens(control: Control, text: str, place: int) -> None:
    with control.write() as session:
        key, secret = access.create(session, "crm", tuple(Scope), NOW)
    reader = KeyReader(control)
    assert reader.verify(secret, NOW) == key
    spoilt = (
        secret[:place] + ("A" if secret[place : place + 1] != "A" else "B") + secret[place + 1 :]
    )
    assert reader.verify(spoilt, NOW) is None
    for wrong in (text, f"aek_{key.id}_{text}", f"aek_{text}", secret.upper()):
        assert reader.verify(wrong, NOW) is None


def test_the_secret_is_not_kept_and_a_revoked_key_is_shut(control: Control) -> None:
    with control.write() as session:
        key, secret = access.create(session, "crm", (), NOW)
        row = session.get(access.KeyRow, key.id)
        assert row is not None
        assert secret not in row.secret_hash
    reader = KeyReader(control)
    assert reader.verify(secret, NOW) == key
    with control.write() as session:
        access.revoke(session, key.id, NOW)
    assert reader.verify(secret, NOW) is None
    with control.write() as session:
        assert [one.revoked_at for one in access.listed(session)] == [NOW]
        with pytest.raises(NotFound):
            access.revoke(session, "x", NOW)


def test_a_key_ends_at_its_time_and_its_last_use_is_seen(control: Control) -> None:
    later = NOW + timedelta(days=1)
    with control.write() as session:
        key, secret = access.create(session, "crm", (), NOW, expires_at=later)
    reader = KeyReader(control)
    assert reader.verify(secret, NOW) == key
    assert reader.verify(secret, later) is None
    with control.write() as session:
        access.mark_used(session, key.id, NOW)
    used = reader.verify(secret, NOW)
    assert used is not None
    assert used.last_used_at == NOW
