"""The committed coefficients are those of the committed phrases."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from domain.objective import CampaignGoal
from domain.triggers import CATALOGUE
from interpreter.offline.meaning import Clause, read_meaning
from interpreter.offline.model.classifier import committed, features, from_json, to_json
from interpreter.offline.model.embedding import LENGTH, embed
from interpreter.offline.model.phrases import phrases_hash, phrases_text
from interpreter.offline.model.training import train
from interpreter.offline.sections import Section


def test_the_coefficients_belong_to_the_phrases() -> None:
    assert committed().phrases_sha256 == phrases_hash(phrases_text())


def test_every_trigger_and_goal_has_at_least_sixty_phrases() -> None:
    data = yaml.safe_load(phrases_text())
    assert set(data["triggers"]) == set(CATALOGUE)
    assert set(data["goals"]) == {goal.value for goal in CampaignGoal}
    for head in ("triggers", "goals"):
        for phrases in data[head].values():
            assert len(set(phrases)) >= 60
    assert not set(data["people"]["trait"]) & set(data["people"]["known"])


@pytest.mark.slow
def test_retraining_gives_the_committed_model() -> None:
    """But for where the fit stops, which depends on how the machine adds up its gradient: what
    the two say of phrases is compared, not their coefficients one by one."""
    text = phrases_text()
    fresh = from_json(to_json(train(text)))
    data = yaml.safe_load(text)
    every = [one for head in ("triggers", "goals") for said in data[head].values() for one in said]
    rows = features(every[::20])
    for ours, theirs in ((fresh.clauses, committed().clauses), (fresh.people, committed().people)):
        assert ours.classes == theirs.classes
        assert ours.threshold == pytest.approx(theirs.threshold, abs=0.051)
        together = np.corrcoef(ours.coefficients.ravel(), theirs.coefficients.ravel())[0, 1]
        assert together > 0.995
        said, meant = ours.probabilities(rows), theirs.probabilities(rows)
        assert np.abs(said - meant).mean() < 0.005
        assert (said.argmax(axis=1) == meant.argmax(axis=1)).mean() > 0.96


def test_embeddings_are_unit_vectors_and_near_for_near_meanings() -> None:
    vectors = embed(["free delivery", "no shipping costs", "a recipe for soup"])
    assert vectors.shape == (3, LENGTH)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert embed([]).shape == (0, LENGTH)


def test_a_clause_reads_the_same_in_any_company() -> None:
    alone = features(["we pay the courier"])
    among = features(["a recipe", "we pay the courier", "and something much longer than that"])
    np.testing.assert_array_equal(alone[0], among[1])


def test_probabilities_of_a_head_sum_to_one() -> None:
    rows = committed().clauses.probabilities(features(["let us pay the courier", "hello"]))
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)


def test_wording_without_cue_words_is_read_by_meaning() -> None:
    said = "their parcel should travel at our expense"
    meaning = read_meaning([Clause(said, said)])
    assert max(meaning.triggers, key=meaning.triggers.__getitem__) == "free_shipping"
    assert meaning.sure == {"free_shipping"}


def test_a_clause_of_the_goal_proposes_no_trigger() -> None:
    said = "they should take the order to its end"
    meaning = read_meaning([Clause(said, said)])
    assert meaning.sure == frozenset()
    assert max(meaning.goals, key=meaning.goals.__getitem__) == "recover_carts"


def test_a_label_decides_whether_a_clause_can_propose() -> None:
    said = "a set of pan and lid for one price"
    assert read_meaning([Clause(said, said, Section.TRIGGER)]).sure == {"bundle_offer"}
    assert read_meaning([Clause(said, said, Section.AUDIENCE)]).sure == frozenset()
