"""What a page is told of a fault."""

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from domain.errors import NotFound
from domain.scopes import Scope
from tests.activation_api.little import little
from ui.desk import Desk, Failed, House
from ui.session import Visitor
from workflows.counting import AudienceCounter
from workflows.keys import create_key


def broken() -> None:
    raise ZeroDivisionError


def unknown() -> None:
    raise NotFound("There is none.", remedy="Look.")


def run(answer: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, answer).result()


def test_a_fault_of_the_program_is_a_sentence_and_a_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = little(tmp_path / "shop")
    key, _ = create_key(workspace, "ada", (Scope.SEGMENTS_READ,))
    desk = Desk(House(workspace, AudienceCounter(workspace)), Visitor(key))
    with caplog.at_level(logging.ERROR), pytest.raises(Failed, match="the program failed"):
        run(desk.ask(Scope.SEGMENTS_READ, broken))
    assert "broken failed" in caplog.text and "ZeroDivisionError" in caplog.text
    with pytest.raises(NotFound, match="There is none"):
        run(desk.ask(Scope.SEGMENTS_READ, unknown))
    workspace.close()
