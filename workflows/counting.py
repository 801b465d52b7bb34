"""Live counts of an audience while it is edited, from customers that stay open between counts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from domain.criteria import EVERYONE, AllOf, Expression, normalise
from storage.population import Population
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Counts:
    """How many of `everyone` meet each member (None where there is no data on it), and how many
    all of those that could be counted at once; `missing` are the fields without data."""

    total: int
    everyone: int
    by_member: tuple[int | None, ...]
    missing: tuple[str, ...] = ()


class AudienceCounter:
    """Counts customers of today. Opening the profiles costs more than a count, so they are kept
    open until there are newer ones; one count at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._open: tuple[tuple[object, ...], Population, int] | None = None
        self._resolved: dict[Expression, Expression] = {}

    def count(self, members: Sequence[Expression]) -> Counts:
        """Who meets the members, and each of them."""
        with self._lock:
            people, everyone = self._people()
            missing = [people.missing_fields(member) for member in members]
            resolved = tuple(
                self._resolved_by(people, member)
                for member, names in zip(members, missing, strict=True)
                if not names
            )
            *parts, total = people.count_each([*resolved, AllOf(all=resolved)])
            counted = iter(parts)
            return Counts(
                total,
                everyone,
                tuple(None if names else next(counted) for names in missing),
                tuple(dict.fromkeys(name for names in missing for name in names)),
            )

    def fields(self) -> frozenset[str]:
        """The names of fields that customers of today have data for."""
        with self._lock:
            return self._people()[0].columns

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open[1].__exit__(None, None, None)
                self._open = None

    def _resolved_by(self, people: Population, member: Expression) -> Expression:
        """With percent borders as numbers, which are looked for once."""
        if member not in self._resolved:
            self._resolved[member] = people.resolve(member)
        return self._resolved[member]

    def _people(self) -> tuple[Population, int]:
        snapshots = self._workspace.people()
        schema = self._workspace.schema()
        key = (*(snapshot.id for snapshot in snapshots), *schema)
        if self._open is None or self._open[0] != key:
            if self._open is not None:
                self._open[1].__exit__(None, None, None)
            self._resolved.clear()
            people = Population(schema, snapshots)
            self._open = (key, people, people.count(EVERYONE))
        return self._open[1], self._open[2]


def members_of(expression: Expression) -> tuple[Expression, ...]:
    """The conditions and groups that must all hold, at the top of an expression."""
    plain = normalise(expression)
    return plain.all if isinstance(plain, AllOf) else (plain,)
