"""Segments: all of them, with search, status, and size over versions."""

from __future__ import annotations

from domain.scopes import Scope
from workflows.segmentoverview import SegmentOverview, overview_segments

from ..desk import Desk, fill
from ..frame import frame, tabs
from ..parts.fields import line, tick
from ..parts.figure import drawing
from ..parts.markup import BASE, badge, el, heading, link, live, say
from ..parts.sizes import size_line
from ..parts.words import DASH, ago, between, count, money, plural, trigger_name

_READ = Scope.SEGMENTS_READ
PARTS = [("Segments", "/segments"), ("All campaigns", "/programme")]
"""The pages of this place."""


async def show(desk: Desk) -> None:
    """The list."""
    with frame(
        desk, "Segments", "Segments", "Who gets which trigger, and what to expect of it.", wide=True
    ):
        tabs(PARTS, "Segments")
        place = el("div", "")

        async def load() -> None:
            rows = await desk.ask(_READ, overview_segments, desk.workspace)
            archived = await desk.ask(_READ, overview_segments, desk.workspace, archived=True)
            if not rows and not archived:
                _teach(desk)
                return
            _List(desk, rows, archived).build()

        await fill(place, load)


def _teach(desk: Desk) -> None:
    with el("div", "card empty"):
        heading("No segments yet")
        say(
            "A segment is who should get one trigger. Write a brief, look at the ranking, and make "
            "segments of it; or make one from a card under Discover."
        )
        if desk.may(Scope.SEGMENTS_WRITE):
            link("Write a brief", "/", "btn primary")


class _List:
    def __init__(
        self, desk: Desk, rows: list[SegmentOverview], archived: list[SegmentOverview]
    ) -> None:
        self._desk, self._rows, self._archived = desk, rows, archived
        self._words, self._old = "", False
        self._catalogue = desk.workspace.catalogue()

    def build(self) -> None:
        with el("div", "card"), el("div", "stack"):
            with el("div", "row between"):
                line(
                    "Search segments", "", self._search, placeholder="Search", kind="search"
                ).style("flex:0 1 320px")
                tick("Show archived", self._show_old)
            self._found = live("", "small mute", "p", role="status")
            self._place = el("div", "scroll", tabindex=0, role="region", aria_label="Segments")
        self._draw()

    def _search(self, text: str) -> None:
        self._words = text.casefold().strip()
        self._draw()

    def _show_old(self, old: bool) -> None:
        self._old = old
        self._draw()

    def _draw(self) -> None:
        among = [*self._rows, *(self._archived if self._old else [])]
        found = [one for one in among if self._words in self._said(one)]
        self._found.text = plural(len(found), "segment") if found else "Nothing fits this search."
        self._place.clear()
        with self._place, el("table", "table"):
            el("caption", "sr", "Segments")
            with el("thead"), el("tr"):
                for name, kind in (
                    ("Segment", ""),
                    ("Status", ""),
                    ("Customers", "num"),
                    ("Size by version", ""),
                    ("Expected lift a customer", ""),
                    ("Net value", "num"),
                    ("Made", ""),
                ):
                    el("th", kind, name, scope="col")
            with el("tbody"):
                for one in found:
                    self._row(one)

    def _row(self, one: SegmentOverview) -> None:
        version, currency = one.version, self._desk.workspace.settings.currency
        kind = self._desk.workspace.outcomes()[version.outcome].kind
        with el("tr"):
            with el("td", "said-of"):
                path = f"{BASE}/segments/{version.segment_id}"
                with el("a", "", href=path):
                    el("strong", "", trigger_name(self._catalogue, version.recommended_trigger))
                audience = version.name.split(": ", 1)[-1]
                say(audience, "small mute break")
            with el("td"):
                status_badge(one)
            el("td", "num", count(version.size))
            with el("td"), el("div").style("width:96px"):
                drawing(size_line(one.sizes))
            told = (
                DASH
                if version.expected_lift is None
                else between(version.expected_lift, kind, version.outcome, currency)
            )
            el("td", "", told)
            value = version.expected_net_value
            el("td", "num", DASH if value is None else money(value, currency, signed=True))
            el("td", "", ago(version.created_at, self._desk.workspace.now())).style(
                "white-space:nowrap"
            )

    def _said(self, one: SegmentOverview) -> str:
        version = one.version
        trigger = trigger_name(self._catalogue, version.recommended_trigger)
        return f"{version.name} {trigger} {version.segment_id}".casefold()


def status_badge(one: SegmentOverview) -> None:
    """Whether a campaign runs on a segment."""
    if one.archived:
        badge("Archived")
    elif one.running is not None:
        badge("Campaign running", "good")
    elif one.campaigns:
        badge("Campaign over")
    else:
        badge("Ready")


ROUTES = {"/segments": show}
