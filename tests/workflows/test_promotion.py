"""A model is current by the rule, by force with a reason, or by a rollback: the audit says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.errors import BadRequest, Conflict, NotFound
from domain.objective import CampaignGoal, CampaignObjective
from storage import audit, definitions, models
from storage.tables import ModelRow, PromotionRow
from tests.workflows.company import NOW
from tests.workflows.retrained import FIRST, SECOND, WORSE, ids
from workflows import promotion
from workflows.briefs import choose_model
from workflows.comparing import Comparison
from workflows.promotion import list_models, promote, rollback, show_model
from workflows.workspace import PROFILES, Workspace


def current_id(workspace: Workspace) -> str:
    with workspace.control.read() as session:
        return models.current(session)["converted"].id


def deeds(workspace: Workspace, subject: str) -> list[tuple[str, dict[str, Any]]]:
    with workspace.control.read() as session:
        assert audit.broken_at(session) is None
        return [(row.action, row.detail) for row in audit.entries(session, subject)]


def test_the_first_model_is_current(trained: Workspace) -> None:
    (record,) = list_models(trained)
    assert record.current
    assert record.ruling is not None
    assert record.ruling["words"] == "It was promoted, as the first model of converted."


def test_a_model_that_is_not_worse_is_promoted_and_a_worse_one_kept(lived: Workspace) -> None:
    first, second, worse = list_models(lived)
    assert (first.current, second.current, worse.current) == (False, True, False)
    assert (first.promoted, second.promoted, worse.promoted) == (True, True, False)
    assert second.ruling is not None
    assert second.ruling["promoted"]
    assert second.ruling["against"] == first.id
    assert second.ruling["gain"]["high"] >= 0
    assert worse.ruling is not None
    assert not worse.ruling["promoted"]
    assert worse.ruling["gain"]["high"] < 0
    assert "not promoted" in worse.ruling["words"]
    assert "it is worse, beyond noise" in worse.ruling["words"]
    (trained, _), (kept, detail) = deeds(lived, worse.id)
    assert (trained, kept) == ("train", "keep")
    assert detail["gain"] == worse.ruling["gain"]
    assert (lived.root / "models" / worse.id / "card.json").is_file()


def test_the_same_rule_holds_for_a_promotion_by_hand(lived: Workspace) -> None:
    first, second, worse = ids(lived)
    refused = promote(lived, worse)
    assert not refused.promoted
    assert current_id(lived) == second
    again = promote(lived, first)
    assert again.promoted
    assert again.against == second
    assert current_id(lived) == first
    with pytest.raises(Conflict, match="already"):
        promote(lived, first)
    with pytest.raises(NotFound):
        promote(lived, "mdl-none")


def test_force_needs_a_reason_that_the_audit_keeps(lived: Workspace) -> None:
    second, worse = ids(lived)[SECOND], ids(lived)[WORSE]
    for empty in ("", "  "):
        with pytest.raises(BadRequest, match="reason"):
            promote(lived, worse, forced_because=empty)
    assert current_id(lived) == second
    ruling = promote(lived, worse, forced_because="legal wants one offer for all", actor="ada")
    assert ruling.promoted
    assert current_id(lived) == worse
    action, detail = deeds(lived, worse)[-1]
    assert action == "promote"
    assert detail["forced_because"] == "legal wants one offer for all"
    assert detail["against"] == second
    assert detail["gain"]["high"] < 0
    assert "promoted by force (legal wants one offer for all)" in ruling.words
    assert show_model(lived, worse).ruling == ruling.to_json()


def test_segments_use_the_model_that_is_current_now(lived: Workspace) -> None:
    worse = ids(lived)[WORSE]
    objective = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    before, _ = choose_model(lived, objective)
    promote(lived, worse, forced_because="a test")
    after, _ = choose_model(lived, objective)
    assert before is not None
    assert after is not None
    assert (before.id, after.id) == (ids(lived)[SECOND], worse)
    assert lived.snapshots.open(after.scores_id).meta["model_id"] == worse


def test_a_rollback_goes_back_promotion_by_promotion(lived: Workspace) -> None:
    first, second, worse = ids(lived)
    promote(lived, worse, forced_because="a test")
    now, before = rollback(lived, "bought", reason="complaints")
    assert (now.id, before.id) == (second, worse)
    assert current_id(lived) == second
    assert before.ruling is not None
    assert before.ruling["words"] == f"It was rolled back to {second} (complaints)."
    assert now.ruling is not None
    assert now.ruling["promoted"]
    assert now.ruling["words"] == f"It is current again, as {worse} was rolled back (complaints)."
    action, detail = deeds(lived, second)[-1]
    assert action == "rollback"
    assert detail == {"outcome": "converted", "instead_of": worse, "reason": "complaints"}
    assert rollback(lived, "converted")[0].id == first
    with pytest.raises(Conflict, match="before"):
        rollback(lived, "converted")
    assert current_id(lived) == first
    with pytest.raises(NotFound, match="No model of revenue"):
        rollback(lived, "revenue")
    with pytest.raises(NotFound, match="no outcome 'clicks'"):
        rollback(lived, "clicks")


def test_scores_are_made_anew_where_profiles_are_newer(lived: Workspace) -> None:
    first, second, _ = list_models(lived)
    profiles = lived.current(PROFILES)
    fewer = lived.snapshots.write(
        PROFILES, [(b, profiles.read(b).slice(0, 10)) for b in profiles.files]
    )
    with lived.control.write() as session:
        definitions.put_current(session, PROFILES, fewer.id)
    now, _ = rollback(lived, "converted")
    assert now.scores_id != first.scores_id
    scores = lived.snapshots.open(now.scores_id)
    assert scores.meta == {"model_id": first.id, "profiles_id": fewer.id}
    old = {
        row["customer_id"]: row for row in lived.snapshots.open(first.scores_id).table().to_pylist()
    }
    made = scores.table().to_pylist()
    assert len(made) == fewer.rows
    assert all(row == old[row["customer_id"]] for row in made)
    promote(lived, second.id)
    with lived.control.write() as session:
        definitions.put_current(session, PROFILES, profiles.id)
    promote(lived, first.id)
    assert lived.snapshots.open(show_model(lived, first.id).scores_id).rows == profiles.rows


def test_a_model_that_can_not_be_read_is_never_current(lived: Workspace) -> None:
    first, second, _ = ids(lived)
    file = lived.root / "models" / first / "model.json"
    file.write_text(file.read_text().replace('"format": ', '"format": 9'))
    for attempt in (lambda: promote(lived, first), lambda: rollback(lived, "converted")):
        with pytest.raises(NotFound, match="format 9"):
            attempt()
        assert current_id(lived) == second


def test_a_model_without_a_kept_policy_is_only_replaced_by_force(lived: Workspace) -> None:
    first, second = ids(lived)[FIRST], ids(lived)[SECOND]
    with lived.control.write() as session:
        session.execute(update(ModelRow).where(ModelRow.id == second).values(policy_id=None))
    ruling = promote(lived, first)
    assert not ruling.promoted
    assert ruling.gain is None
    assert "can't be compared" in ruling.words
    assert "before out-of-fold policies were kept" in ruling.words
    assert promote(lived, first, forced_because="the old one is too old").promoted


def test_who_was_promoted_meanwhile_is_the_one_to_compare_with(
    lived: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, worse = ids(lived)
    compared = []
    plain = promotion.compare

    def meanwhile(*arguments: Any) -> Comparison:
        compared.append(arguments[2].id)
        if len(compared) == 1:
            with lived.control.write() as session:
                models.promote(session, worse, lived.now())
        return plain(*arguments)

    monkeypatch.setattr(promotion, "compare", meanwhile)
    ruling = promote(lived, first)
    assert compared == [second, worse]
    assert ruling.against == worse
    assert ruling.promoted
    assert current_id(lived) == first


def test_rulings_are_dated_by_the_workspaces_clock(lived: Workspace) -> None:
    later = NOW + timedelta(days=9)
    lived.now = lambda: later
    promote(lived, ids(lived)[FIRST])
    with lived.control.read() as session:
        assert audit.entries(session)[-1].at == later
        promotions = session.scalars(select(PromotionRow).order_by(PromotionRow.id)).all()
    assert [row.at for row in promotions] == [NOW, NOW + timedelta(hours=1), later]
