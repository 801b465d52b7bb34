"""Text as TOML writes it."""

from __future__ import annotations

import json


def quoted(text: str) -> str:
    """A basic string. JSON's escapes are TOML's, but TOML also wants the DEL character escaped,
    and knows no surrogate pairs, so that other characters stand as they are."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
