"""Frozen memberships: who is in a version of a segment, in pages that neither skip nor repeat.

A snapshot of members has two parts, each sorted by customer: those who are given out, and those who
are held out at random and given out only to whoever may see them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from storage.kept import Kept
from storage.memberchanges import Changes, compare
from storage.membercolumns import COLUMNS, GIVEN_OUT, HELD_OUT, KIND
from storage.memberforms import FORMS, change, removal
from storage.memberjson import Texts, as_json
from storage.memberparts import Parts
from storage.snapshots import Snapshot, SnapshotStore, encode

__all__ = [
    "COLUMNS",
    "GIVEN_OUT",
    "HELD_OUT",
    "KIND",
    "MemberReader",
    "Page",
    "everybody",
    "write_members",
]

ROWS_A_GROUP = 2_048
"""Rows that are decoded together: a page costs the same wherever it lies."""


def write_members(
    store: SnapshotStore,
    members: pa.Table,
    held_out: NDArray[np.bool_],
    *,
    kind: str = KIND,
    meta: dict[str, object] | None = None,
) -> Snapshot:
    """A snapshot of members (n rows, at least `COLUMNS`), `held_out` (n,) apart from the others."""
    parts = []
    for bucket, mask in ((GIVEN_OUT, ~held_out), (HELD_OUT, held_out)):
        part = members.filter(pa.array(mask)).sort_by("customer_id")
        parts.append((bucket, encode(part, rows_a_group=ROWS_A_GROUP)))
    with store.draft(kind, meta=meta) as draft:
        for bucket, encoded in parts:
            draft.add(bucket, encoded)
        return draft.finish()


def everybody(snapshot: Snapshot, columns: list[str] | None = None) -> pa.Table:
    """All members in the order of their ids, those held out among them."""
    wanted = columns if columns is None else list(dict.fromkeys(["customer_id", *columns]))
    table = snapshot.table(wanted)
    if not table.num_rows:
        return COLUMNS.empty_table() if columns is None else COLUMNS.empty_table().select(columns)
    return table.sort_by("customer_id")


@dataclass(frozen=True)
class Page:
    """Members as JSON texts, each as `domain.segment.Member` describes one, and whose they are."""

    ids: tuple[str, ...]
    members: Texts
    next_offset: int | None

    @property
    def json(self) -> bytes:
        return b"[" + self.members.run + b"]"

    def without(self, ids: Collection[str]) -> Page:
        """The page without some of its members."""
        if not ids:
            return self
        gone = [number for number, one in enumerate(self.ids) if one in ids]
        kept = tuple(one for one in self.ids if one not in ids)
        return Page(kept, self.members.without(gone), self.next_offset)

    def replaced(self, texts: Mapping[str, bytes]) -> Page:
        """The page with other texts for some of its members."""
        if not texts:
            return self
        members = [texts.get(one, self.members[n]) for n, one in enumerate(self.ids)]
        return Page(self.ids, Texts.of(members), self.next_offset)


class MemberReader:
    """Reads frozen memberships by groups of rows. Groups that are read now stay in memory up to a
    bound, as rows and written as JSON, however many platforms ask and however large a segment
    is."""

    def __init__(
        self, store: SnapshotStore, group_bytes: int = 16 << 20, json_bytes: int = 48 << 20
    ) -> None:
        self._store = store
        self._files: Kept[Parts] = Kept(32, lambda one: 1)
        self._groups: Kept[pa.Table] = Kept(group_bytes, lambda table: table.nbytes)
        self._written: Kept[_Written] = Kept(json_bytes, lambda one: one.nbytes)
        self._changes: Kept[Changes] = Kept(4, lambda one: 1)

    def page(
        self,
        members_id: str,
        offset: int,
        limit: int,
        *,
        fields: Collection[str] | None = None,
        held_out: bool = False,
    ) -> Page:
        """Up to `limit` members from row `offset`, in the order of their ids; with `held_out`
        those held out come after the others. `fields` (of `FORMS`) leave the others out."""
        wanted = _wanted(fields)
        parts = self._parts(members_id)
        size = parts.size(held_out)
        end = min(offset + limit, size)
        ids: list[str] = []
        texts = []
        while offset < end:
            group, first = parts.place(offset)
            written = self._json(members_id, parts, group, wanted)
            start, stop = offset - first, min(end - first, len(written.ids))
            ids += written.ids[start:stop]
            texts.append(written.texts.part(start, stop))
            offset = first + stop
        members = texts[0] if len(texts) == 1 else Texts.together(texts)
        return Page(tuple(ids), members, end if end < size else None)

    def size(self, members_id: str, *, held_out: bool = False) -> int:
        """How many rows all pages together have."""
        return self._parts(members_id).size(held_out)

    def batches(
        self, members_id: str, names: Sequence[str] | None = None, *, held_out: bool = False
    ) -> Iterator[pa.Table]:
        """All rows with all columns or some, a group at a time and none of them kept."""
        parts = self._parts(members_id)
        for number in range(parts.groups(held_out)):
            yield parts.read(number, names)

    def ids(self, members_id: str, offset: int, limit: int, *, held_out: bool = False) -> list[str]:
        """Whose rows the pages from `offset` on hold, up to `limit`."""
        parts = self._parts(members_id)
        end, found = min(offset + limit, parts.size(held_out)), list[str]()
        while offset < end:
            group, first = parts.place(offset)
            rows = parts.read(group, ["customer_id"]).slice(offset - first, end - offset)
            found += rows.column("customer_id").to_pylist()
            offset += rows.num_rows
        return found

    def change_count(self, old_id: str, new_id: str, *, held_out: bool = False) -> int:
        """How many all pages of `changes` together have."""
        return self._compared(old_id, new_id, held_out).count

    def _compared(self, old_id: str, new_id: str, held_out: bool) -> Changes:
        pair = (old_id, new_id, held_out)
        return self._changes.get(pair, lambda: compare(self._store, *pair))

    def take(self, members_id: str, rows: Sequence[int]) -> pa.Table:
        """Rows by their numbers, which count those held out too, in the order given."""
        parts = self._parts(members_id)
        found = []
        for row in rows:
            group, first = parts.place(row)
            found.append(self._group(members_id, parts, group).slice(row - first, 1))
        return pa.concat_tables(found) if found else COLUMNS.empty_table()

    def changes(
        self,
        old_id: str,
        new_id: str,
        offset: int,
        limit: int,
        *,
        fields: Collection[str] | None = None,
        held_out: bool = False,
    ) -> Page:
        """Up to `limit` of what a platform that mirrors the members `old_id` must do to mirror
        `new_id`, from the one with the number `offset`: those to remove come first."""
        wanted = _wanted(fields)
        found = self._compared(old_id, new_id, held_out)
        removed = found.removed.slice(offset, limit).to_pylist()
        first = max(offset - len(found.removed), 0)
        rows = found.rows[first : first + limit - len(removed)]
        added = found.added[first : first + len(rows)]
        kept = self.take(new_id, rows.tolist())
        texts = [removal(identity) for identity in removed]
        texts += _changes(kept, wanted, added.tolist())
        ids = (*removed, *kept.column("customer_id").to_pylist())
        after = offset + len(texts)
        return Page(ids, Texts.of(texts), after if after < found.count else None)

    def added(
        self, members_id: str, rows: Sequence[int], fields: Collection[str] | None
    ) -> list[bytes]:
        """What a platform that mirrors the members reads of those in some rows to add them."""
        return _changes(self.take(members_id, rows), _wanted(fields), [True] * len(rows))

    def _parts(self, members_id: str) -> Parts:
        return self._files.get(members_id, lambda: Parts(self._store.open(members_id)))

    def _group(self, members_id: str, parts: Parts, number: int) -> pa.Table:
        return self._groups.get((members_id, number), lambda: parts.read(number))

    def _json(
        self, members_id: str, parts: Parts, number: int, fields: tuple[str, ...]
    ) -> _Written:
        key = (members_id, number, fields)
        return self._written.get(key, lambda: _Written.of(parts.read(number), fields))


def _wanted(fields: Collection[str] | None) -> tuple[str, ...]:
    return tuple(FORMS) if fields is None else tuple(name for name in FORMS if name in fields)


def _changes(rows: pa.Table, fields: tuple[str, ...], added: Sequence[bool]) -> list[bytes]:
    """Each row as a change; the others were there before."""
    return [
        change(b"added" if new else b"changed", text.encode())
        for new, text in zip(added, as_json(rows, fields).to_pylist(), strict=True)
    ]


@dataclass(frozen=True)
class _Written:
    """A group of rows as JSON (n,), and whose they are (n,)."""

    ids: tuple[str, ...]
    texts: Texts

    @classmethod
    def of(cls, rows: pa.Table, fields: tuple[str, ...]) -> Self:
        return cls(tuple(rows.column("customer_id").to_pylist()), Texts.members(rows, fields))

    @property
    def nbytes(self) -> int:
        return len(self.texts.run) + self.texts.starts.nbytes + sum(map(getsizeof, self.ids))
