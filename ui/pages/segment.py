"""One segment: what to expect, who is in it, its versions, its campaigns, and its files."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui
from nicegui.element import Element

from domain.activation import Activation
from domain.errors import AetherError
from domain.scopes import Scope
from domain.segment import SegmentVersion
from workflows.activation import list_campaigns
from workflows.audiences import Destination
from workflows.segmentlife import (
    SegmentState,
    archive_segment,
    list_versions,
    show_segment,
    state_of,
)

from ..desk import Desk, failure, guarded, tell
from ..frame import frame, tabs
from ..parts.campaigns import CampaignPart
from ..parts.confirm import confirmed
from ..parts.criteria import CriteriaPart
from ..parts.markup import BASE, button, el, heading, say
from ..parts.reasoned import reasoned
from ..parts.versions import VersionsPart
from ..parts.words import DASH, between, count, money, percent, plain, trigger_name

_READ, _WRITE = Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE


def parts_of(desk: Desk, segment_id: str) -> list[tuple[str, str]]:
    """The pages of one segment that a visitor may see."""
    path = f"/segments/{segment_id}"
    found = [("Overview", path), ("Why", f"{path}/why")]
    return [*found, ("Copy", f"{path}/copy")] if desk.may(_WRITE) else found


@dataclass(frozen=True)
class _Known:
    version: SegmentVersion
    versions: list[SegmentVersion]
    campaigns: list[Activation]
    state: SegmentState


async def show(desk: Desk, segment_id: str) -> None:
    """The overview of a segment."""

    def read() -> _Known:
        workspace = desk.workspace
        return _Known(
            show_segment(workspace, segment_id),
            list_versions(workspace, segment_id),
            list_campaigns(workspace, segment_id),
            state_of(workspace, segment_id),
        )

    try:
        known = await desk.ask(_READ, read)
    except AetherError as error:
        with frame(desk, "Segments", "No such segment", crumbs=[("Segments", "/segments")]):
            failure(error)
        return
    version = known.version
    name = trigger_name(desk.workspace.catalogue(), version.recommended_trigger)
    with frame(
        desk,
        "Segments",
        name,
        version.name.split(": ", 1)[-1],
        crumbs=[("Segments", "/segments")],
    ):
        tabs(parts_of(desk, segment_id), "Overview")
        with el("div", "stack loose"):
            if known.state.archived_at is not None:
                el("p", "note warn", "This segment is archived: it is neither listed nor pulled.")
            _expected(desk, version)
            await CampaignPart(desk, version, known.campaigns).build()
            CriteriaPart(desk, version).build()
            VersionsPart(desk, version, known.versions).build()
            _out(desk, version, known.state)


def _expected(desk: Desk, version: SegmentVersion) -> None:
    currency = desk.workspace.settings.currency
    kind = desk.workspace.outcomes()[version.outcome].kind
    with el("section", "card", aria_label="What to expect"), el("div", "stack"):
        with el("dl", "facts"):
            _fact("Customers", count(version.size))
            lift = version.expected_lift
            told = DASH if lift is None else between(lift, kind, version.outcome, currency)
            _fact(f"Expected lift, {plain(version.outcome)}", told)
            value = version.expected_net_value
            net = DASH if value is None else money(value, currency, signed=True)
            _fact("Expected net value", net)
            if version.held_out:
                _fact("Held out", f"{count(version.held_out)}")
        reasoned(version.explanation)
        if lift is None:
            el("p", "note warn", version.expected_lift_reason)
        else:
            say(f"The lift has a {percent(lift.level)} interval: {lift.basis}.", "small mute")


def _out(desk: Desk, version: SegmentVersion, state: SegmentState) -> None:
    """Ways out of the house, and out of use."""
    path = f"{BASE}/segments/{version.segment_id}/export"
    with el("section", "card", aria_label="Export"), el("div", "stack"):
        heading("Export")
        say(
            "Who unsubscribed, was suppressed, did not agree to the channel or is held out is left "
            "out of every file.",
            "soft",
        )
        with el("div", "row"):
            _download("Customer ids (CSV)", f"{path}?form=csv")
            if desk.may(Scope.PII_READ):
                _download("Meta audience", f"{path}?destination={Destination.META}")
                _download("Google audience", f"{path}?destination={Destination.GOOGLE}")
                _download("E-mail list (CSV)", f"{path}?destination={Destination.CSV}")
        if not desk.may(Scope.PII_READ):
            say("Files with addresses, also hashed, need a key with pii:read.", "small mute")
        with el("details", "more"):
            el("summary", "", "By the API")
            with el("p", "code"):
                el(
                    "span",
                    "mono",
                    f'curl -H "X-API-Key: $KEY" '
                    f'"$HOST/api/v1/segments/{version.segment_id}/customers?limit=500"',
                )
        if desk.may(_WRITE):
            _archive(desk, version, state)


def _archive(desk: Desk, version: SegmentVersion, state: SegmentState) -> None:
    archived = state.archived_at is not None

    async def turn() -> None:
        if not archived and not await confirmed(
            "Archive this segment?",
            ["It is neither listed nor pulled any more.", "Nothing of it is lost: bring it back."],
            "Archive",
        ):
            return
        await desk.ask(
            _WRITE,
            archive_segment,
            desk.workspace,
            version.segment_id,
            undo=archived,
            actor=desk.visitor.actor,
        )
        tell("It is in use again." if archived else "It is archived.")
        ui.navigate.reload()

    with el("div", "row"):
        button("Bring it back" if archived else "Archive", guarded(turn), "quiet small")


def _download(text: str, path: str) -> Element:
    return el("a", "btn", text, href=path, download=True)


def _fact(label: str, text: str) -> None:
    with el("div"):
        el("dt", "", label)
        el("dd", "", text)


ROUTES = {"/segments/{segment_id}": show}
