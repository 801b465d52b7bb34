"""Personal identifiers as advertising platforms want them: normalised, then hashed."""

from __future__ import annotations

import hashlib
import re

_GOOGLE_HOSTS = ("gmail.com", "googlemail.com")


def meta_email(email: str | None) -> str | None:
    """Trimmed and in lower case; dots stay (Meta, customer file of an audience)."""
    text = (email or "").strip().lower()
    return text if "@" in text else None


def google_email(email: str | None) -> str | None:
    """As for Meta, and without dots before the at sign where Google itself ignores them (Google
    Ads, Customer Match)."""
    text = meta_email(email)
    if text is None:
        return None
    name, _, host = text.rpartition("@")
    return f"{name.replace('.', '')}@{host}" if host in _GOOGLE_HOSTS else text


def meta_phone(phone: str | None) -> str | None:
    """Digits with the country code, no plus."""
    found = google_phone(phone)
    return None if found is None else found[1:]


def google_phone(phone: str | None) -> str | None:
    """E.164: a plus and digits; None for a number without a country code."""
    text = (phone or "").strip()
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", text))
    if text.startswith("00"):
        digits = digits[2:]
    elif not text.startswith("+"):
        return None
    return f"+{digits}" if 7 <= len(digits) <= 15 and digits[0] != "0" else None


def hashed(text: str | None) -> str:
    """SHA-256 in lower-case hex, as both want it; nothing of nothing."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()
