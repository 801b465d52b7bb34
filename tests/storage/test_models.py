"""The registry of models: one current a outcome, and every look at the reporting part counted."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import NotFound
from storage import models
from storage.control import Control
from storage.models import ModelRecord

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(
    identity: str, outcome: str = "visit", *, current: bool = True, day: int = 0
) -> ModelRecord:
    at = NOW + timedelta(days=day)
    return ModelRecord(identity, outcome, current, at, "scores-a", "evidence-a", 1, {"n": [1.5]})


def test_the_newest_takes_the_place_of_its_outcomes_former_one(control: Control) -> None:
    with control.write() as session:
        for one in (record("a"), record("b", day=1), record("c", "revenue", day=2)):
            models.add(session, one)
        models.add(session, record("d", current=False, day=3))
    with control.read() as session:
        assert {name: one.id for name, one in models.current(session).items()} == {
            "visit": "b",
            "revenue": "c",
        }
        assert [one.id for one in models.listed(session)] == ["a", "b", "c", "d"]
        assert models.get(session, "c") == record("c", "revenue", day=2)
        with pytest.raises(NotFound):
            models.get(session, "x")


def test_looks_are_counted_for_one_model(control: Control) -> None:
    with control.write() as session:
        models.add(session, record("a"))
        models.add(session, record("b", "revenue"))
        assert [models.count_look(session, "a") for _ in range(3)] == [2, 3, 4]
        assert models.count_look(session, "x") == 0
    with control.read() as session:
        assert [models.get(session, one).looks for one in "ab"] == [4, 1]
