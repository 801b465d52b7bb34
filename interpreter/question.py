"""Questions to the marketer: short, answerable, with choices where there are few."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question to the marketer, with `choices` where there are few; `about` is a field of the
    objective, or `brief`."""

    text: str
    choices: tuple[str, ...] = ()
    about: str = "brief"
