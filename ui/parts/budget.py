"""What a budget buys: a slider along the curve of spending against gain."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.elements.mixins.text_element import TextElement

from domain.conversation import Conversation
from domain.objective import Budget
from domain.scopes import Scope
from workflows.budgeting import Spending
from workflows.conversations import edit_objective
from workflows.suggesting import Suggestions

from ..desk import Desk, guarded
from .curves import curve
from .fields import slider
from .figure import drawing
from .markup import button, el, heading, live, say
from .words import count, money, trigger_name


class BudgetPart:
    """`changed` is told the conversation once somebody keeps to a budget."""

    def __init__(
        self,
        desk: Desk,
        conversation_id: str,
        found: Suggestions,
        spending: Spending,
        changed: Callable[[Conversation], None],
    ) -> None:
        self._desk, self._conversation_id = desk, conversation_id
        self._found, self._spending, self._changed = found, spending, changed
        self._catalogue = desk.workspace.catalogue()

    def build(self) -> None:
        spending, stated = self._spending, self._found.objective.budget
        points = spending.points
        most = points[-1].budget
        self._amount = most
        capped = self._found.reached < self._found.eligible
        start = spending.place_of(most if stated is None else stated.amount)
        with el("section", "card", aria_label="Budget"), el("div", "stack"):
            with el("div"):
                heading("What a budget buys")
                say(
                    f"Whom it is best spent on, by the model's expectation{self._most()}."
                    + (
                        f" Computed on a sample of {count(spending.sampled)}."
                        if spending.sampled
                        else ""
                    ),
                    "small mute",
                )
            with el("div", "grid2"):
                with el("div", "stack"):
                    with el("dl", "facts"):
                        spent, gained = _fact("Budget"), _fact("Net gain")
                    slide = el("div", "")
                    words = live("", "soft", "p", aria_live="polite")
                    given = el("div", "bars")
                    with el("div", "row"):
                        button("Keep to this budget", guarded(self._keep), "small")
                        kept = live("", "small mute", role="status")
                        self._kept = kept
                picture = el("div", "figure")

        def draw(place: int) -> None:
            point = points[place]
            self._amount = point.budget
            spent.text = money(point.budget, spending.currency)
            gained.text = money(point.value, spending.currency)
            words.text = shadow_words(
                point.next_unit, point.budget, most, spending.currency, capped=capped
            )
            given.clear()
            with given:
                for key, number in sorted(point.customers.items(), key=lambda one: -one[1]):
                    if not number:
                        continue
                    _bar(
                        trigger_name(self._catalogue, key),
                        number / self._found.reached,
                        count(number),
                    )
                left = max(self._found.reached - sum(point.customers.values()), 0)
                _bar("No trigger", left / self._found.reached, count(left), "none")
            picture.clear()
            with picture:
                drawing(
                    curve(
                        [(one.budget, one.value) for one in points],
                        name=f"Net gain over budget; at {spent.text} it is {gained.text}",
                        x_unit=f"budget, {spending.currency}",
                        y_unit=f"net gain, {spending.currency}",
                        cursor=(point.budget, point.value),
                    )
                )

        with slide:
            said = [money(point.budget, spending.currency) for point in points]
            slider("Budget", said, start, draw)
        draw(start)

    def _most(self) -> str:
        if self._found.reached == self._found.eligible:
            return ""
        return f"; {count(self._found.reached)} customers at most, as the brief says"

    async def _keep(self) -> None:
        currency = self._desk.workspace.settings.currency
        amount = round(self._amount, 2)
        talk = await self._desk.ask(
            Scope.SEGMENTS_WRITE,
            edit_objective,
            self._desk.workspace,
            self._conversation_id,
            {"budget": Budget(amount=amount, currency=currency)},
            f"Budget: {money(amount, currency)}",
        )
        self._changed(talk)
        self._kept.text = "Segments are now cut to it."


def shadow_words(
    next_unit: float, budget: float, most: float, currency: str, *, capped: bool
) -> str:
    """What a little more money would bring beyond itself, in words; `capped` where a number of
    customers limits who may get a trigger."""
    if budget >= most or next_unit <= 0:
        if capped:
            return "More money would bring no more: as many as the brief allows have a trigger."
        return "More money would bring no more: everybody who is worth a trigger has one."
    step = 10.0 ** max(len(f"{most / 10:.0f}") - 1, 0)
    return (
        f"The next {money(step, currency)} would bring about {money(step * next_unit, currency)} "
        "beyond what it costs."
    )


def _fact(label: str) -> TextElement:
    with el("div"):
        el("dt", "", label)
        return live("", "", "dd")


def _bar(name: str, share: float, said: str, kind: str = "") -> None:
    with el("div", "bar"):
        el("span", "", name)
        with el("span", "track"):
            el("span", f"fill {kind}").style(f"width:{share * 100:.1f}%;display:block")
        el("span", "num", said)
