"""The project's own labelled briefs, a file an author's style: for training and for checking."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def labelled_briefs(*styles: str) -> list[dict[str, Any]]:
    """Every labelled brief of the styles named, or of all: `id`, `brief`, `gold`, `accept`,
    `audience_accept`, `needs_clarification` and `tags`, as `evaluation` scores them."""
    files = [
        file
        for file in resources.files(__package__).iterdir()
        if file.name.endswith(".jsonl") and (not styles or file.name[:-6] in styles)
    ]
    return [
        json.loads(line)
        for file in sorted(files, key=lambda file: file.name)
        for line in file.read_text("utf-8").splitlines()
    ]
