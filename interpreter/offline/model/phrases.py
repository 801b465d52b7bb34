"""The labelled phrases: what trains the linear model and gives an LLM its examples."""

from __future__ import annotations

import hashlib
from importlib import resources


def phrases_text() -> str:
    return resources.files(__package__).joinpath("phrases.yaml").read_text("utf-8")


def phrases_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
