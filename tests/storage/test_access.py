"""API keys: only their holder's text opens, and only until they are revoked."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotFound
from domain.scopes import Scope
from storage import access
from storage.control import Control

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60), st.integers(0, 60))
def test_no_other_text_opens(control: Control, text: str, place: int) -> None:
    with control.write() as session:
        key, secret = access.create(session, "crm", tuple(Scope), NOW)
        assert access.verify(session, secret, NOW) == key
        spoilt = (
            secret[:place]
            + ("A" if secret[place : place + 1] != "A" else "B")
            + secret[place + 1 :]
        )
        assert access.verify(session, spoilt, NOW) is None
        for wrong in (text, f"aek_{key.id}_{text}", f"aek_{text}", secret.upper()):
            assert access.verify(session, wrong, NOW) is None


def test_the_secret_is_not_kept_and_a_revoked_key_is_shut(control: Control) -> None:
    with control.write() as session:
        key, secret = access.create(session, "crm", (), NOW)
        row = session.get(access.KeyRow, key.id)
        assert row is not None
        assert secret not in row.secret_hash
        access.revoke(session, key.id, NOW)
        assert access.verify(session, secret, NOW) is None
        assert [one.revoked_at for one in access.listed(session)] == [NOW]
        with pytest.raises(NotFound):
            access.revoke(session, "x", NOW)
