"""Several effects looked at together: wider intervals that hold all at once, said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.segment import Interval
from uplift.evaluation import LEVEL, together
from workflows.amounts import clear
from workflows.decision import Measured, as_interval, named


@dataclass(frozen=True)
class Jointly:
    """The wider interval of each effect of a kind, none of fewer than two; `fading` are those
    whose own interval is clear of zero and whose wider one is not."""

    noun: str
    intervals: Mapping[str, Interval]
    fading: tuple[str, ...]


def look_together(found: Mapping[str, Measured | str], noun: str) -> Jointly:
    """The measured effects by trigger as they look beside each other; `noun` says what they are
    the effects in, `segments` or `triggers`."""
    measured = {key: one for key, one in found.items() if isinstance(one, Measured)}
    if len(measured) < 2:
        return Jointly(noun, {}, ())
    wider = together({key: one.estimate for key, one in measured.items()})
    intervals = {
        key: as_interval(
            estimate, f"{measured[key].basis}; holds for {len(measured)} {noun} at once"
        )
        for key, estimate in wider.items()
    }
    fading = tuple(
        key for key, one in measured.items() if clear(one.interval) and not clear(intervals[key])
    )
    return Jointly(noun, intervals, fading)


def said_together(*kinds: Jointly) -> tuple[str, ...]:
    """What to say of effects of several kinds, each looked at together; nothing of single ones."""
    several = [kind for kind in kinds if kind.intervals]
    if not several:
        return ()
    counted = " and ".join(f"{len(kind.intervals)} {kind.noun}" for kind in several)
    levels = " and ".join(
        dict.fromkeys(f"{next(iter(k.intervals.values())).level * 100:.2f} %" for k in several)
    )
    remarks = [
        f"Of {counted} looked at together some look good by chance alone. So each also has a "
        f"wider interval, of {levels}: with {LEVEL * 100:.0f} % all of these hold at once "
        "(Bonferroni)."
    ]
    remarks += [
        f"Looked at together with the other {kind.noun}, the effect of "
        f"{' and that of '.join(map(named, kind.fading))} may be chance."
        for kind in several
        if kind.fading
    ]
    return tuple(remarks)
