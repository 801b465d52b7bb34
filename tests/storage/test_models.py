"""The registry of models: promotions in order, and every look at the reporting part counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text

from domain.errors import NotFound
from storage import models
from storage.control import MIGRATIONS, Control, sqlite_url
from storage.models import ModelRecord
from storage.tables import PromotionRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(identity: str, outcome: str = "visit", *, day: int = 0) -> ModelRecord:
    at = NOW + timedelta(days=day)
    return ModelRecord(identity, outcome, at, "scores-a", "evidence-a", "policy-a", 1, {"n": [1.5]})


def current_ids(control: Control) -> dict[str, str]:
    with control.read() as session:
        return {name: one.id for name, one in models.current(session).items()}


def test_a_model_is_current_only_once_it_is_promoted(control: Control) -> None:
    with control.write() as session:
        for one in (record("a"), record("b", day=1), record("c", "revenue", day=2)):
            models.add(session, one)
        models.add(session, record("d", day=3))
    assert current_ids(control) == {}
    with control.write() as session:
        for identity in ("a", "c", "b"):
            models.promote(session, identity, NOW)
    assert current_ids(control) == {"visit": "b", "revenue": "c"}
    with control.read() as session:
        listed = models.listed(session)
        assert [(one.id, one.current, one.promoted) for one in listed] == [
            ("a", False, True),
            ("b", True, True),
            ("c", True, True),
            ("d", False, False),
        ]
        assert models.get(session, "b") == listed[1]
        with pytest.raises(NotFound):
            models.get(session, "x")


def test_rolling_back_goes_through_the_promotions_in_reverse(control: Control) -> None:
    with control.write() as session:
        for identity in ("a", "b", "a", "c"):
            if identity not in {one.id for one in models.listed(session)}:
                models.add(session, record(identity))
            models.promote(session, identity, NOW)
        assert models.succession(session, "visit") == ["c", "a", "b", "a"]
    seen = []
    for _ in range(3):
        with control.write() as session:
            models.roll_back(session, "visit", NOW)
        seen.append(current_ids(control)["visit"])
    assert seen == ["a", "b", "a"]
    with control.write() as session:
        assert models.get(session, "c").promoted, "it was, once"
        models.promote(session, "c", NOW)
        assert models.succession(session, "visit") == ["c", "a"]
        rows = session.scalars(select(PromotionRow).order_by(PromotionRow.id)).all()
    assert [(row.model_id, row.rolled_back_at is None) for row in rows] == [
        ("a", True),
        ("b", False),
        ("a", False),
        ("c", False),
        ("c", True),
    ], "nothing is forgotten"
    with control.write() as session, pytest.raises(NotFound, match="No model of revenue"):
        models.roll_back(session, "revenue", NOW)


def test_what_is_decided_and_logged_stays_with_the_model(control: Control) -> None:
    with control.write() as session:
        models.add(session, record("a"))
        models.add(session, record("b"))
        models.put_ruling(session, "a", {"promoted": True})
        models.put_scores(session, "a", "scores-b")
        models.put_tracking(session, "a", "run 1")
    with control.read() as session:
        one, other = models.listed(session)
    assert (one.ruling, one.scores_id, one.tracking) == ({"promoted": True}, "scores-b", "run 1")
    assert (other.ruling, other.scores_id, other.tracking) == (None, "scores-a", "")


def test_looks_are_counted_for_one_model(control: Control) -> None:
    with control.write() as session:
        models.add(session, record("a"))
        models.add(session, record("b", "revenue"))
        assert [models.count_look(session, "a") for _ in range(3)] == [2, 3, 4]
        assert models.count_look(session, "x") == 0
    with control.read() as session:
        assert [models.get(session, one).looks for one in "ab"] == [4, 1]


def test_models_of_before_promotions_keep_their_order(tmp_path: Path) -> None:
    """Their tables are brought up and down again with the same models current."""
    url = sqlite_url(tmp_path / "control.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for identity, outcome, current, day in (
            ("a", "visit", 0, 1),
            ("b", "visit", 1, 3),
            ("c", "visit", 0, 2),
            ("d", "revenue", 1, 1),
        ):
            connection.execute(
                text(
                    "INSERT INTO models (id, outcome, current, created_at, scores_id, evidence_id,"
                    " looks, payload) VALUES (:id, :outcome, :current, :at, 's', 'e', 1, '{}')"
                ),
                {
                    "id": identity,
                    "outcome": outcome,
                    "current": current,
                    "at": f"2026-01-0{day} 00:00:00",
                },
            )
        command.upgrade(config, "head")
        connection.commit()
    control = Control(url)
    with control.read() as session:
        assert models.succession(session, "visit") == ["b", "c", "a"]
        assert models.get(session, "b").policy_id is None
    assert current_ids(control) == {"visit": "b", "revenue": "d"}
    control.close()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        rows = connection.execute(text("SELECT id FROM models WHERE current ORDER BY id"))
        assert [row.id for row in rows] == ["b", "d"]
    engine.dispose()
