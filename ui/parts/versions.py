"""A segment's versions: made anew, compared, and rolled back."""

from __future__ import annotations

from nicegui import ui

from domain.scopes import Scope
from domain.segment import SegmentVersion
from domain.segmentdiff import SegmentDiff
from workflows.diffing import diff_versions
from workflows.refreshing import refresh_segment
from workflows.segmentlife import rollback_segment

from ..desk import Desk, guarded, tell
from .confirm import confirmed
from .fields import choice
from .markup import badge, button, el, heading, say, table
from .words import count, day, plural

_READ, _WRITE = Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE
_MOST_SHOWN = 8


class VersionsPart:
    def __init__(self, desk: Desk, current: SegmentVersion, versions: list[SegmentVersion]) -> None:
        self._desk, self._current, self._versions = desk, current, versions

    def build(self) -> None:
        with el("section", "card", aria_label="Versions"), el("div", "stack"):
            with el("div", "row between"):
                heading("Versions")
                if self._desk.may(_WRITE):
                    self._refreshed = button("Make it anew", guarded(self._refresh), "small")
            with el("ul", "past"):
                for version in self._versions[:_MOST_SHOWN]:
                    self._row(version)
            if len(self._versions) > 1:
                self._compare()

    def _row(self, version: SegmentVersion) -> None:
        current = version.version == self._current.version
        with el("li"), el("div", "row between").style("padding:10px 0"):
            with el("div", "row"):
                el("strong", "", f"Version {version.version}")
                if current:
                    badge("current", "good")
                held = f", {count(version.held_out)} held out" if version.held_out else ""
                told = f"{day(version.created_at)}, {plural(version.size, 'customer')}{held}"
                el("span", "small mute", told)
            if not current and self._desk.may(_WRITE):
                button(
                    "Roll back to it",
                    guarded(self._roll_back, version.version),
                    "quiet small",
                    aria_label=f"Roll back to version {version.version}",
                )

    def _compare(self) -> None:
        numbers = {str(v.version): f"Version {v.version}" for v in self._versions}
        picked = {
            "before": str(self._versions[1].version),
            "after": str(self._versions[0].version),
        }

        async def before(value: str) -> None:
            picked["before"] = value
            await compare()

        async def after(value: str) -> None:
            picked["after"] = value
            await compare()

        async def compare() -> None:
            found = await self._desk.ask(
                _READ,
                diff_versions,
                self._desk.workspace,
                self._current.segment_id,
                int(picked["before"]),
                int(picked["after"]),
            )
            place.clear()
            with place:
                _difference(found)

        with el("details", "more"):
            el("summary", "", "Compare two versions")
            with el("div", "row"):
                choice("Before", numbers, picked["before"], guarded(before))
                el("span", "mute", "to")
                choice("After", numbers, picked["after"], guarded(after))
                button("Compare", guarded(compare), "small")
            place = el("div", "stack tight").style("margin-top:12px")

    async def _refresh(self) -> None:
        if not await confirmed(
            "Make this segment anew?",
            [
                "The same objective, with the current model and the customers of today.",
                "It becomes the current version; the one before it stays, to roll back to.",
                "Who is held out by a running campaign stays held out.",
            ],
            "Make it anew",
        ):
            return
        self._refreshed.classes("busy")
        try:
            fresh, before = await self._desk.ask(
                _WRITE,
                refresh_segment,
                self._desk.workspace,
                self._current.segment_id,
                actor=self._desk.visitor.actor,
            )
        finally:
            self._refreshed.classes(remove="busy")
        tell(
            f"Version {fresh.version}: {count(fresh.size)} customers, {count(before.size)} before."
        )
        ui.navigate.reload()

    async def _roll_back(self, version: int) -> None:
        if not await confirmed(
            f"Roll back to version {version}?",
            [
                f"Pulls give version {version} from now on.",
                f"Version {self._current.version} stays, and can be made current again.",
            ],
            "Roll back",
        ):
            return
        await self._desk.ask(
            _WRITE,
            rollback_segment,
            self._desk.workspace,
            self._current.segment_id,
            version,
            actor=self._desk.visitor.actor,
        )
        tell(f"Version {version} is current.")
        ui.navigate.reload()


def _difference(found: SegmentDiff) -> None:
    say(f"{count(found.entered)} entered, {count(found.left)} left, {count(found.stayed)} stayed.")
    rows = [[one.what, one.before, one.after] for one in found.changed]
    if rows:
        names = ("What", f"Version {found.before}", f"Version {found.after}")
        table(names, rows, "What else differs")
