"""Identifiers as the platforms' own documents normalise them."""

import hashlib

import pytest

from domain.identifiers import google_email, google_phone, hashed, meta_email, meta_phone


@pytest.mark.parametrize(
    ("email", "meta", "google"),
    [
        (" Jane.Doe@Gmail.com ", "jane.doe@gmail.com", "janedoe@gmail.com"),
        ("J.a.n.e@googlemail.com", "j.a.n.e@googlemail.com", "jane@googlemail.com"),
        ("Jane.Doe@Shop.Example", "jane.doe@shop.example", "jane.doe@shop.example"),
        ("jane.doe@notgmail.com", "jane.doe@notgmail.com", "jane.doe@notgmail.com"),
        ("jane.doe+a@gmail.com", "jane.doe+a@gmail.com", "janedoe+a@gmail.com"),
        ("", None, None),
        (None, None, None),
        ("no address", None, None),
    ],
)
def test_emails(email: str | None, meta: str | None, google: str | None) -> None:
    assert (meta_email(email), google_email(email)) == (meta, google)


@pytest.mark.parametrize(
    ("phone", "google"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        ("+1 (650) 555-1212", "+16505551212"),
        ("+44 (0) 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("020 7946 0958", None),
        ("+0123456789", None),
        ("+12", None),
        ("", None),
        (None, None),
    ],
)
def test_phones(phone: str | None, google: str | None) -> None:
    assert google_phone(phone) == google
    assert meta_phone(phone) == (None if google is None else google[1:])


def test_hashes_are_lower_case_hex() -> None:
    assert hashed("jane@shop.example") == hashlib.sha256(b"jane@shop.example").hexdigest()
    assert hashed(None) == ""
