"""What words mean, as data: YAML of folded regular expressions, compiled once."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

from interpreter.offline.values.value import PLACEHOLDERS


@cache
def data(name: str) -> Any:
    """The contents of one YAML file of this folder."""
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def who() -> str:
    """An alternation of the words for customers."""
    return str(data("customers")["who"])


@cache
def words(pattern: str) -> re.Pattern[str]:
    """A pattern over folded, masked text that matches whole words.

    `<money>`, `<days>`, `<number>` and so on stand for a typed value, `<value>` for any of them
    and `<who>` for a word for customers.
    """
    for name, replacement in PLACEHOLDERS.items():
        pattern = pattern.replace(f"<{name}>", replacement)
    pattern = pattern.replace("<who>", f"(?:{who()})")
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
