"""A question to the marketer, with where in the brief it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Doubt:
    """A question to the marketer about a span; `weight` orders them, the most important first."""

    start: int
    end: int
    text: str
    about: str
    weight: int
    choices: tuple[str, ...] = ()


def once(questions: list[Doubt]) -> list[Doubt]:
    """The questions without those that ask in the same words again."""
    seen: dict[str, Doubt] = {}
    for question in questions:
        seen.setdefault(question.text, question)
    return list(seen.values())
