"""What changed between two versions of a segment."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Changed(_Frozen):
    """One thing that differs, as it was and as it is, in words."""

    what: str
    before: str
    after: str


class SegmentDiff(_Frozen):
    """Who entered, who left, and what else differs, from version `before` to version `after`.

    The lists of ids are the first of each in the order of ids; the counts are whole."""

    segment_id: str
    before: int
    after: int
    size_before: int
    size_after: int
    entered: int
    left: int
    stayed: int
    entered_ids: tuple[str, ...]
    left_ids: tuple[str, ...]
    changed: tuple[Changed, ...]
