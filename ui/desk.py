"""What every page works with: the workspace, the visitor, and a way to ask workflows that never
blocks the page and tells of every fault in a sentence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from nicegui import ui
from nicegui.element import Element

from domain.errors import AetherError
from domain.scopes import Scope
from workflows.briefs import ObjectiveReader
from workflows.counting import AudienceCounter
from workflows.discovery import Completer
from workflows.examples import example_briefs
from workflows.keys import still_open
from workflows.workspace import Workspace

from .parts.markup import el, heading, say
from .session import Visitor, sign_in_path

LOG = logging.getLogger("aether.pages")
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class House:
    """What all visitors share; `examples` are briefs to begin with, by the customers they fit."""

    workspace: Workspace
    counter: AudienceCounter
    llm: ObjectiveReader | None = None
    completer: Completer | None = None
    examples: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def example_briefs(self) -> tuple[str, ...]:
        """Found once for the customers of today."""
        key = tuple(snapshot.id for snapshot in self.workspace.people())
        if key not in self.examples:
            self.examples.clear()
            self.examples[key] = example_briefs(self.workspace)
        return self.examples[key]


class SignedOut(AetherError):
    """The key that a session began with was revoked, or has expired."""


class NotAllowed(AetherError):
    """The visitor's key lacks a scope."""


class Failed(AetherError):
    """A fault of the program, which no page may keep to itself."""


@dataclass(frozen=True)
class Desk:
    """The house as one visitor may use it, on one page."""

    house: House
    visitor: Visitor

    @property
    def workspace(self) -> Workspace:
        return self.house.workspace

    def may(self, scope: Scope) -> bool:
        return self.visitor.may(scope)

    async def ask(
        self, scope: Scope, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a workflow in a thread, once the key was looked up again.

        Raises SignedOut where it no longer opens, NotAllowed where it lacks the scope, what the
        workflow raises of a person's faults, and Failed for all others."""

        def checked() -> R:
            key = still_open(self.workspace, self.visitor.key.id)
            if key is None:
                raise SignedOut("Your key was revoked or has expired.", remedy="Sign in again.")
            if not Visitor(key).may(scope):
                raise NotAllowed(
                    f"Your key does not allow this: it lacks the scope {scope}.",
                    remedy="Ask whoever made the key for one that has it.",
                )
            return function(*args, **kwargs)

        try:
            return await asyncio.to_thread(checked)
        except AetherError:
            raise
        except Exception as error:
            LOG.exception("%s failed", getattr(function, "__name__", function))
            raise Failed(
                "This could not be done: the program failed at it.",
                remedy="Try again, or tell whoever runs the server; its log says at what.",
            ) from error


def guarded(deed: Callable[..., Awaitable[Any]], *given: Any) -> Callable[..., Awaitable[None]]:
    """A handler of an event that tells of a person's fault in a sentence, with the way out."""

    async def handler(*args: Any) -> None:
        try:
            await deed(*given, *args)
        except SignedOut:
            _sign_in_again()
        except AetherError as error:
            complain(error)

    return handler


def _sign_in_again() -> None:
    """From where one comes back to this page."""
    request = ui.context.client.request
    ui.navigate.to(sign_in_path(request))


def complain(error: AetherError) -> None:
    ui.notify(str(error), type="negative", position="top", timeout=8000, close_button="Close")


def tell(words: str) -> None:
    ui.notify(words, type="positive", position="top", timeout=4000)


async def fill(place: Element, deed: Callable[[], Awaitable[None]]) -> None:
    """Fill a part of the page once it is connected: bones until then, and a sentence with the way
    out where it can't be."""
    with place:
        waiting = el("div", "wait", role="status", aria_label="Working")
        with waiting:
            for width in ("40%", "92%", "78%"):
                el("div", "bone").style(f"width:{width}")

    async def later() -> None:
        with place:
            try:
                await deed()
            except SignedOut:
                _sign_in_again()
            except AetherError as error:
                failure(error)
            finally:
                waiting.delete()

    with place:
        ui.timer(0.01, later, once=True)


def failure(error: AetherError) -> None:
    """A fault in place of what could not be shown."""
    with el("div", "card flat empty", role="alert"):
        heading(error.message, 2)
        if error.remedy:
            say(error.remedy)
