"""All campaigns: what they change as a whole, against the customers whom none ever addresses."""

from __future__ import annotations

from domain.errors import NoEvidence
from domain.experiment import OutcomeKind
from domain.results import ProgrammeResults, SideResult, Verdict
from domain.scopes import Scope
from workflows.programme import programme_results

from ..desk import Desk, fill
from ..frame import frame, tabs
from ..parts.fields import choice
from ..parts.markup import badge, el, heading, link, say, table
from ..parts.measured import lift_figure
from ..parts.words import DASH, count, day, percent, plain, plural
from .segments import PARTS

_VERDICTS = {
    Verdict.BETTER: ("Your campaigns do better than none", "beyond chance", "good"),
    Verdict.WORSE: ("Your campaigns do worse than none", "beyond chance", "bad"),
    Verdict.NOT_YET: ("Too early to tell", "not enough data", "warn"),
    Verdict.UNCLEAR: ("No difference was found", "may be chance", ""),
}
"""A verdict's headline, and its badge: how sure it is, and of what kind."""


async def show(desk: Desk) -> None:
    """The results of all campaigns together."""
    with frame(
        desk,
        "Segments",
        "All campaigns",
        "What your campaigns change as a whole, against the customers whom none ever addresses.",
        wide=True,
    ):
        tabs(PARTS, "All campaigns")
        await _Programme(desk).build()


class _Programme:
    """The page, judged by one outcome at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._outcomes = desk.workspace.outcomes()

    async def build(self) -> None:
        self._place = el("div", "stack")
        await self._judged_by(None)

    async def _judged_by(self, outcome: str | None) -> None:
        self._place.clear()

        async def load() -> None:
            try:
                found = await self._desk.ask(
                    Scope.SEGMENTS_READ, programme_results, self._desk.workspace, outcome
                )
            except NoEvidence as error:
                self._teach(error)
                return
            self._draw(found)

        await fill(self._place, load)

    def _teach(self, error: NoEvidence) -> None:
        share = self._desk.workspace.settings.global_holdout
        with el("div", "card empty"):
            heading(error.message.rstrip("."))
            say(
                f"{percent(share, 1)} of all customers are never addressed, so that all campaigns "
                "together can be judged by them. Activate a segment, and report what customers "
                "did: the comparison begins by itself."
            )
            link("Look at the segments", "/segments", "btn primary")

    def _draw(self, found: ProgrammeResults) -> None:
        told, short, kind = _VERDICTS[found.verdict]
        with el("section", "card", aria_label="Verdict"), el("div", "stack"):
            with el("div", "row between top"):
                with el("div"):
                    with el("div", "row"):
                        heading(told)
                        badge(short, kind)
                    say(
                        f"{day(found.since)} to {day(found.measured_until)}, "
                        f"{plural(found.campaigns, 'campaign')}",
                        "small mute",
                    )
                if len(self._outcomes) > 1:
                    choice(
                        "Judged by",
                        {name: plain(name).capitalize() for name in self._outcomes},
                        found.outcome,
                        self._judged_by,
                        visible=True,
                    )
            for sentence in found.sentences:
                say(sentence, "break")
            for warning in found.warnings:
                el("p", "note warn", warning)
            with el("dl", "facts"):
                self._facts(found)
            if found.lift is not None:
                lift_figure(
                    self._desk,
                    found.outcome,
                    "What all campaigns together changed",
                    "Campaigns do something where the interval leaves out zero; it holds however "
                    "often you look.",
                    {"All campaigns": found.lift},
                )
        with el("section", "card", aria_label="The two sides"), el("div", "stack"):
            heading("The two sides")
            say(
                "Drawn at random once and for all. Everybody counts, whether or not something was "
                "sent.",
                "soft",
            )
            table(
                ("", "Customers", "Something sent", "With the outcome", "Mean a customer"),
                [
                    self._side("May be addressed", found.others, found.outcome),
                    self._side("Never addressed", found.held_out, found.outcome),
                ],
                "The two sides",
            )

    def _facts(self, found: ProgrammeResults) -> None:
        more = DASH if found.incremental is None else f"{found.incremental:+,.0f}"
        for label, text in (
            (f"More {plain(found.outcome)} in all", more.replace("-", "−")),
            ("Never addressed", percent(found.holdout, 1)),
            ("Customers", count(found.others.customers + found.held_out.customers)),
        ):
            with el("div"):
                el("dt", "", label)
                el("dd", "", text)

    def _side(self, name: str, side: SideResult, outcome: str) -> tuple[str, ...]:
        mean = DASH
        if side.mean is not None:
            binary = self._outcomes[outcome].kind is OutcomeKind.BINARY
            mean = percent(side.mean, 1) if binary else f"{side.mean:,.2f}"
        return name, count(side.customers), count(side.sent), count(side.with_outcome), mean


ROUTES = {"/programme": show}
