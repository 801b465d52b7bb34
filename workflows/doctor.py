"""`aether doctor`: is the workspace whole, and what is left of processes that died?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import Unavailable
from storage import inspection, suppressions
from storage.dump import referenced
from workflows.auditing import verify_audit
from workflows.workspace import Workspace

Progress = Callable[[float, str], None]


class Severity(StrEnum):
    BROKEN = "broken"
    """Something that is in use is lost or false."""
    LEFT = "left"
    """Something that nobody uses was left, and can be swept."""


@dataclass(frozen=True)
class Finding:
    severity: Severity
    subject: str
    words: str


@dataclass(frozen=True)
class Examined:
    """What was looked at, and what was found. Swept findings are told too."""

    snapshots: int
    findings: tuple[Finding, ...]
    swept: int

    @property
    def is_whole(self) -> bool:
        return all(one.severity is not Severity.BROKEN for one in self.findings)


def examine(
    workspace: Workspace,
    *,
    deep: bool = False,
    sweep: bool = False,
    progress: Progress = lambda share, words: None,
) -> Examined:
    """Look everything over; `deep` reads every value of every snapshot in use. `sweep` removes what
    is left: only while no server, worker or command is writing."""
    store = workspace.snapshots
    with workspace.control.read() as session:
        kept, erasing = referenced(session), suppressions.unsettled(session) > 0
    findings = list(_control_findings(workspace))
    for place, identity in enumerate(sorted(kept)):
        progress(place / len(kept), f"{place} of {len(kept)} snapshots")
        words = inspection.damage(store, identity, deep=deep, erasing=erasing)
        if words is not None:
            findings.append(Finding(Severity.BROKEN, identity, words))
    progress(1.0, f"{len(kept)} snapshots")
    left = inspection.leftovers(store)
    findings += [Finding(Severity.LEFT, path.name, "It was never finished.") for path in left]
    orphans = inspection.unreferenced(store, kept)
    findings += [Finding(Severity.LEFT, path.name, "No row keeps it.") for path in orphans]
    swept = 0
    if sweep:
        for path in (*left, *orphans):
            inspection.remove(path)
            swept += 1
    return Examined(len(kept), tuple(findings), swept)


def _control_findings(workspace: Workspace) -> Iterator[Finding]:
    try:
        fault = verify_audit(workspace).fault
        if fault is not None:
            yield Finding(Severity.BROKEN, "audit", fault)
        with workspace.control.read() as session:
            for subject, words in inspection.faults(session):
                yield Finding(Severity.BROKEN, subject, words)
    except (SQLAlchemyError, Unavailable) as error:
        yield Finding(Severity.BROKEN, "control plane", str(error).splitlines()[0])
