"""One customer looked up: why this trigger, why not another."""

from __future__ import annotations

from domain.scopes import Scope
from domain.segment import SegmentVersion
from workflows.recommending import Recommendation, recommend

from ..desk import Desk, guarded
from .fields import line
from .markup import badge, button, el, heading
from .words import plain, trigger_name

_CUSTOMERS = Scope.CUSTOMERS_READ


class Lookup:
    """One customer: why this trigger, why not another."""

    def __init__(self, desk: Desk, version: SegmentVersion) -> None:
        self._desk, self._version = desk, version

    def build(self) -> None:
        said = {"id": ""}

        def typed(text: str) -> None:
            said["id"] = text

        async def look(text: str | None = None) -> None:
            self._found.clear()
            identity = (said["id"] if text is None else text).strip()
            if not identity:
                return
            found = await self._desk.ask(
                _CUSTOMERS,
                recommend,
                self._desk.workspace,
                identity,
                self._version.segment_id,
            )
            with self._found:
                _told(self._desk, found)

        with el("section", "card", aria_label="One customer"), el("div", "stack"):
            heading("Look up one customer")
            with el("div", "row").style("align-items:flex-end"):
                line(
                    "Customer id",
                    "",
                    typed,
                    on_enter=guarded(look),
                    visible=True,
                    placeholder="as it stands in your data",
                ).style("flex:0 1 320px")
                button("Look up", guarded(look))
            self._found = el("div", "stack tight", aria_live="polite")


def _told(desk: Desk, found: Recommendation) -> None:
    catalogue = desk.workspace.catalogue()
    with el("div", "row"):
        el("strong", "break", found.why.customer_id)
        if found.trigger is not None:
            badge(f"send {trigger_name(catalogue, found.trigger).lower()}", "good")
        elif found.held_out:
            badge("held out at random: send nothing")
        elif found.excluded is not None:
            badge(f"send nothing: {plain(found.excluded)}", "warn")
        else:
            badge("send nothing of this segment")
    with el("ul", "bullets"):
        for sentence in found.why.sentences:
            el("li", "", sentence)
