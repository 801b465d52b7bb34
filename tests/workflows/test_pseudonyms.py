"""A person's name where the person must not be named: HMAC-SHA256 by the workspace's secret."""

from __future__ import annotations

import hmac
from pathlib import Path

from tests.activation_api.little import little
from workflows.pseudonyms import pseudonym, pseudonyms


def test_it_is_hmac(tmp_path: Path) -> None:
    shop = little(tmp_path / "shop")
    names = ["c001", "", "é", "x" * 200]
    key = b"person:" + shop.settings.secret.encode()
    expected = [hmac.digest(key, name.encode(), "sha256").hex() for name in names]
    assert pseudonyms(shop, names) == expected
    assert [pseudonym(shop, name) for name in names] == expected
    assert pseudonyms(shop, []) == []
    shop.close()
