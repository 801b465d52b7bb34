"""Scopes: what a key may do, and how scopes and lifetimes are written."""

from datetime import timedelta

import pytest

from domain.errors import BadRequest
from domain.scopes import Scope, allows, parse_lifetime, parse_scopes


def test_admin_may_everything_but_see_personal_data() -> None:
    for needed in Scope:
        assert allows((Scope.ADMIN,), needed) is (needed is not Scope.PII_READ)
        assert not allows((), needed)
        for held in set(Scope) - {needed, Scope.ADMIN}:
            assert not allows((held,), needed)
        assert allows((needed,), needed)


def test_scopes_are_read_in_any_order_and_once() -> None:
    read = parse_scopes("admin, segments:read pii:read,admin")
    assert read == (Scope.SEGMENTS_READ, Scope.PII_READ, Scope.ADMIN)
    for wrong in ("", "segments", "segments:read,everything"):
        with pytest.raises(BadRequest, match="segments:write"):
            parse_scopes(wrong)


def test_lifetimes() -> None:
    assert parse_lifetime("12h") == timedelta(hours=12)
    assert parse_lifetime("90d") == timedelta(days=90)
    assert parse_lifetime("2w") == timedelta(weeks=2)
    for wrong in ("", "90", "0d", "-1d", "1.5d", "9m", "d", "999999d"):
        with pytest.raises(BadRequest, match="90d"):
            parse_lifetime(wrong)
