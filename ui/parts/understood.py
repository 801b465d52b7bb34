"""What was understood of a brief, as rows to edit, each with the words it came from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from domain.conversation import Conversation
from domain.objective import (
    Budget,
    CampaignGoal,
    Direction,
    Metric,
    TargetBehavior,
    Unit,
)
from domain.triggers import Channel, TriggerCatalogue

from .fields import choice, line
from .markup import button, el
from .quotes import quoted
from .words import plain, trigger_name

Edited = Callable[[Mapping[str, Any], str], Awaitable[None]]
"""Told the fields that were changed by hand, and the change in words."""
_OPEN = "not stated"
_UNITS = {
    Unit.PERCENT: "%",
    Unit.PERCENTAGE_POINTS: "points",
    Unit.CURRENCY: "in money",
    Unit.COUNT: "in number",
}


class Understood:
    """The rows of one objective, but for the audience, which has a form of its own."""

    def __init__(
        self,
        talk: Conversation,
        catalogue: TriggerCatalogue,
        currency: str,
        edited: Edited,
        audience: Callable[[], None],
    ) -> None:
        self._quotes, self._catalogue, self._currency = talk.quotes, catalogue, currency
        self._objective, self._edited = talk.objective, edited
        with el("dl", "rows"):
            self._named("Goal", "campaign_goal", CampaignGoal)
            self._named("Behaviour", "target_behavior", TargetBehavior)
            self._metric()
            with _row("Audience"):
                audience()
                with el("div", "line words"):
                    quoted(self._quotes, "audience")
            self._triggers()
            self._limits()
            self._named("Channel", "channel", Channel)

    def _named(self, label: str, field: str, kind: type[StrEnum]) -> None:
        """A row with one choice of an enum."""

        async def changed(value: str) -> None:
            chosen = kind(value) if value else None
            said = f"{label}: {plain(value) if value else _OPEN}"
            await self._edited({field: chosen}, said)

        now = getattr(self._objective, field)
        with _row(label), el("div", "line"):
            choice(label, _options(kind), now or "", changed)
            quoted(self._quotes, field, *(one.value for one in kind))

    def _metric(self) -> None:
        target = self._objective.metric_target

        async def set_part(part: str, value: object, said: str) -> None:
            before = self._objective.metric_target
            changed = before.model_copy(update={part: value})
            self._objective = self._objective.model_copy(update={"metric_target": changed})
            await self._edited({"metric_target": changed}, said)

        async def set_metric(value: str) -> None:
            said = f"Measured by: {plain(value) if value else _OPEN}"
            await set_part("metric", Metric(value) if value else None, said)

        async def set_direction(value: str) -> None:
            said = f"Direction: {value or _OPEN}"
            await set_part("direction", Direction(value) if value else None, said)

        async def set_value(text: str) -> None:
            number = _number(text)
            await set_part("value", number, f"Target: {_OPEN if number is None else f'{number:g}'}")

        async def set_unit(value: str) -> None:
            said = f"Target in: {plain(value) if value else _OPEN}"
            await set_part("unit", Unit(value) if value else None, said)

        async def set_days(text: str) -> None:
            days = _number(text)
            said = f"Within: {_OPEN if days is None else f'{days:.0f} days'}"
            await set_part("horizon_days", None if days is None else max(int(days), 1), said)

        with _row("Measured by"):
            with el("div", "line"):
                choice("Metric", _options(Metric), target.metric or "", set_metric)
                directions = _options(Direction)
                choice(
                    "Direction", directions, target.direction or "", set_direction, classes="short"
                )
            with el("div", "line"):
                _entry("Target", target.value, set_value, "target, if any")
                units = {"": "–", **{unit.value: word for unit, word in _UNITS.items()}}
                choice("Unit of the target", units, target.unit or "", set_unit, classes="short")
                _entry("Days", target.horizon_days, set_days, "within days")
                quoted(self._quotes, "metric_target")

    def _triggers(self) -> None:
        before = self._objective
        wanted = list(before.allowed_interventions)
        if before.proposed_intervention and before.proposed_intervention not in wanted:
            wanted.insert(0, before.proposed_intervention)
        with _row("Triggers"):
            place = el("div", "line")
            with el("div", "line words"):
                quoted(self._quotes, *self._catalogue)
        with _row("Never"):
            never_place = el("div", "line")
            with el("div", "line words"):
                quoted(self._quotes, *(f"not {key}" for key in self._catalogue))
        never = list(before.excluded_interventions)

        async def changed(said: str) -> None:
            draw()
            await self._edited(
                {
                    "proposed_intervention": wanted[0] if len(wanted) == 1 else None,
                    "intervention_type": self._catalogue[wanted[0]].type
                    if len(wanted) == 1
                    else None,
                    "allowed_interventions": tuple(wanted),
                    "excluded_interventions": tuple(never),
                },
                said,
            )

        def tokens(mine: list[str], other: list[str], word: str, empty: str) -> None:
            if not mine:
                el("span", "mute", empty)
            for key in mine:
                name = trigger_name(self._catalogue, key)

                async def drop(key: str = key, name: str = name) -> None:
                    mine.remove(key)
                    await changed(f"{word}: without {name}")

                button(f"{name}  ×", drop, "small", aria_label=f"Remove {name} from {word}")

            async def add(key: str) -> None:
                if key:
                    mine.append(key)
                    if key in other:
                        other.remove(key)
                    await changed(f"{word}: {trigger_name(self._catalogue, key)}")

            left = {
                key: trigger_name(self._catalogue, key)
                for key in self._catalogue
                if key not in mine
            }
            choice(f"Add to {word}", {"": "Add…", **left}, "", add, classes="short")

        def draw() -> None:
            place.clear()
            never_place.clear()
            with place:
                tokens(wanted, never, "Triggers", "any that past campaigns measured")
            with never_place:
                tokens(never, wanted, "Never", "nothing is ruled out")

        draw()

    def _limits(self) -> None:
        budget = self._objective.budget

        async def set_budget(text: str) -> None:
            amount = _number(text)
            made = (
                None if amount is None else Budget(amount=max(amount, 0), currency=self._currency)
            )
            said = "none" if made is None else f"{made.amount:,.0f} {self._currency}"
            await self._edited({"budget": made}, f"Budget: {said}")

        async def set_most(text: str) -> None:
            number = _number(text)
            most = None if number is None else max(int(number), 1)
            said = "no limit" if most is None else f"at most {most:,}"
            await self._edited({"max_customers": most}, f"Customers: {said}")

        with _row("Budget"), el("div", "line"):
            _entry("Budget", None if budget is None else budget.amount, set_budget, "no limit")
            el("span", "mute", budget.currency or self._currency if budget else self._currency)
            quoted(self._quotes, "budget")
        with _row("Customers"), el("div", "line"):
            _entry("Most customers", self._objective.max_customers, set_most, "no limit")
            el("span", "mute", "at most")
            quoted(self._quotes, "max_customers")


@contextmanager
def _row(label: str) -> Iterator[None]:
    el("dt", "", label)
    with el("dd"):
        yield


def _options(kind: type[StrEnum]) -> dict[str, str]:
    return {"": _OPEN, **{one.value: plain(one.value).capitalize() for one in kind}}


def _entry(
    label: str,
    value: float | None,
    on_change: Callable[[str], Awaitable[None]],
    hint: str,
) -> None:
    line(
        label,
        "" if value is None else f"{value:g}" if value < 1e6 else f"{value:.0f}",
        on_change=on_change,
        kind="number",
        min=0,
        step="any",
        placeholder=hint,
        classes="short",
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
