"""Data: what the workspace holds, how fresh and complete it is, and how sound its campaigns are."""

from __future__ import annotations

from typing import Any

from domain.customer import FieldType
from domain.scopes import Scope
from workflows.contents import CampaignHeld, Contents, contents_of

from ..desk import Desk, fill
from ..frame import frame
from ..parts.fields import line
from ..parts.markup import badge, el, heading, live, say, table
from ..parts.words import DASH, ago, count, day, percent, plain, plural, trigger_name

_READ = Scope.SEGMENTS_READ
_MANY = 0.5
"""A field that is unknown for more than this share of customers is of little use."""
_SHOWN = 12
_KINDS = {
    FieldType.STRING: "text",
    FieldType.INT: "whole number",
    FieldType.FLOAT: "number",
    FieldType.BOOL: "yes or no",
    FieldType.TIMESTAMP: "time",
    FieldType.STRINGS: "list of texts",
    FieldType.NESTED: "details",
}


async def show(desk: Desk) -> None:
    """The page."""
    with frame(desk, "Data", "Data", "What the engine knows, and how far it can be relied on."):
        place = el("div", "stack loose")

        async def load() -> None:
            found = await desk.ask(_READ, contents_of, desk.workspace)
            if not found.tables:
                with el("div", "card empty"):
                    heading("Nothing was imported yet")
                    say("Import a past experiment, or raw tables, from the command line:")
                    with el("p", "code"):
                        el("span", "mono", "aether import campaign.csv --draft > campaign.toml")
                return
            _summary(found)
            _campaigns(desk, found)
            _tables(desk, found)
            _Fields(found).build()

        await fill(place, load)


def _summary(found: Contents) -> None:
    with el("section", "card", aria_label="At a glance"), el("dl", "facts"):
        for label, text in (
            ("Customers", count(found.customers)),
            ("Fields", count(len(found.fields))),
            ("Past campaigns", count(len(found.campaigns))),
            ("Outcomes", ", ".join(plain(one.name) for one in found.outcomes) or DASH),
        ):
            with el("div"):
                el("dt", "", label)
                el("dd", "text" if label == "Outcomes" else "", text)


def _tables(desk: Desk, found: Contents) -> None:
    now = desk.workspace.now()
    with el("section", "card", aria_label="Tables"), el("div", "stack"):
        heading("Tables")
        table(
            ("Table", "Rows", "Columns", "Written", "Data up to"),
            [
                (
                    plain(one.name),
                    count(one.rows),
                    count(one.columns),
                    DASH if one.written_at is None else ago(one.written_at, now),
                    DASH if one.as_of is None else one.as_of[:10],
                )
                for one in found.tables
            ],
            "Tables",
        )


def _campaigns(desk: Desk, found: Contents) -> None:
    with el("section", "card", aria_label="Past campaigns"), el("div", "stack"):
        heading("Past campaigns")
        if not found.campaigns:
            say("None yet. Without one nothing can be learned of what triggers do.", "soft")
        with el("ul", "past"):
            for one in found.campaigns:
                with el("li"):
                    _campaign(desk, one)


def _campaign(desk: Desk, one: CampaignHeld) -> None:
    catalogue = desk.workspace.catalogue()
    warnings = [] if one.design is None else list(one.design.get("warnings", []))
    with el("div", "stack tight").style("padding:14px 0"):
        with el("div", "row between"):
            with el("div"):
                el("strong", "break", one.campaign.name)
                told = f"{day(one.campaign.started_at)}, {one.campaign.design}"
                say(f"{told}, {plural(one.exposures, 'exposure')}", "small mute")
            if one.design is None:
                badge("not checked")
            elif warnings:
                badge(f"{len(warnings)} to look at", "warn")
            else:
                badge("design sound", "good")
        for warning in warnings:
            el("p", "note warn", warning)
        if one.design is not None:
            with el("details", "more"):
                el("summary", "", "The design check")
                _design(one.design)
                sizes = one.design.get("sizes", {})
                arms = [(trigger_name(catalogue, arm), count(size)) for arm, size in sizes.items()]
                table(("Arm", "Customers"), arms, "Arms")


def _design(design: Any) -> None:
    found = []
    ratio = design.get("ratio_p_value")
    if ratio is not None:
        found.append(f"Arm sizes against the stated chances: p = {ratio:.2g}.")
    column = design.get("largest_column")
    if column:
        found.append(
            f"The largest difference between an arm and the control is "
            f"{design['largest_difference']:.3f} standard deviations, in {plain(column)}."
        )
    if design.get("auc") is not None:
        found.append(f"A model tells the arms apart with an AUC of {design['auc']:.3f} (0.5: not).")
    with el("ul", "bullets"):
        for words in found:
            el("li", "", words)


class _Fields:
    """Every field with the share that is unknown, to be searched."""

    def __init__(self, found: Contents) -> None:
        self._fields = sorted(found.fields, key=lambda one: -one.missing)
        self._words = ""

    def build(self) -> None:
        few = sum(one.missing > _MANY for one in self._fields)
        with el("section", "card", aria_label="Fields"), el("div", "stack"):
            heading("Fields")
            say(
                f"{plural(few, 'field')} known for fewer than half of the customers."
                if few
                else "Every field is known for at least half of the customers.",
                "soft",
            )
            line("Search fields", "", self._search, placeholder="Search", kind="search").style(
                "max-width:320px"
            )
            self._count = live("", "small mute", "p", role="status")
            self._place = el("div", "")
        self._draw()

    def _search(self, text: str) -> None:
        self._words = text.casefold().strip()
        self._draw()

    def _draw(self) -> None:
        found = [
            one
            for one in self._fields
            if self._words in f"{one.field.name} {one.field.text}".casefold()
        ]
        self._count.text = plural(len(found), "field")
        names = ("Field", "Kind", "Group", "Not known for")
        rows = [
            (
                one.field.text,
                _KINDS[one.field.type],
                one.field.group.value,
                percent(one.missing, 1),
            )
            for one in found
        ]
        self._place.clear()
        with self._place:
            table(names, rows[:_SHOWN], "Fields")
            if len(rows) > _SHOWN:
                with el("details", "more").style("margin-top:12px"):
                    el("summary", "", f"The other {len(rows) - _SHOWN}")
                    table(names, rows[_SHOWN:], "More fields")


ROUTES = {"/data": show}
