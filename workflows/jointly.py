"""Several effects looked at together: wider intervals that hold all at once, said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.segment import Interval
from uplift.evaluation import together
from workflows.amounts import clear
from workflows.decision import Measured, as_interval, named


@dataclass(frozen=True)
class Jointly:
    """The wider interval of each effect, and what to say of them; nothing of fewer than two."""

    intervals: Mapping[str, Interval]
    remarks: tuple[str, ...]


def look_together(found: Mapping[str, Measured | str], noun: str) -> Jointly:
    """The measured effects by trigger as they look beside each other; `noun` says what they are
    the effects in, `segments` or `triggers`."""
    measured = {key: one for key, one in found.items() if isinstance(one, Measured)}
    if len(measured) < 2:
        return Jointly({}, ())
    joint = together({key: one.estimate for key, one in measured.items()}, noun=noun)
    intervals = {
        key: as_interval(
            estimate, f"{measured[key].basis}; holds for {len(measured)} {noun} at once"
        )
        for key, estimate in joint.estimates.items()
    }
    remarks = [joint.note]
    fading = [
        named(key)
        for key, one in measured.items()
        if clear(one.interval) and not clear(intervals[key])
    ]
    if fading:
        remarks.append(
            f"Looked at together, the {'effect' if len(fading) == 1 else 'effects'} of "
            f"{' and '.join(fading)} may be chance."
        )
    return Jointly(intervals, tuple(remarks))
