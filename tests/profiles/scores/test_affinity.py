from __future__ import annotations

from dataclasses import replace

import pytest

from profiles.scores.affinity import fit_content, fit_exclusivity, fit_social_proof
from profiles.scores.past import Period
from profiles.scores.protocol import Unscored
from tests.profiles.scores.conftest import Learned


@pytest.mark.slow
def test_who_is_drawn_to_something_does_more_of_it_later(learned: Learned) -> None:
    figures = {name: found.figures for name, found in learned.models.evaluations.items()}
    for name in ("social_proof_affinity", "content_engagement_score"):
        mean, top = figures[name]["mean_actual"], figures[name]["mean_actual_of_the_top_fifth"]
        assert top > 1.25 * mean
        assert figures[name]["rank_correlation"] > 0.2
    seekers = figures["exclusivity_seeker_flag"]
    assert seekers["share_of_flagged"] > 1.5 * seekers["share_of_others"]
    assert 0.02 < seekers["flagged"] < 0.5


def test_what_nobody_does_or_nobody_records_has_no_score(learned: Learned) -> None:
    past = learned.past(Period.QUARTER)
    for name, fit in (
        ("social_proof", fit_social_proof),
        ("content", fit_content),
        ("limited", fit_exclusivity),
    ):
        outcomes = past.later.outcomes
        place = outcomes.schema.get_field_index(name)
        for value, said in ((None, "no events"), (0, "90 days")):
            changed = outcomes.set_column(place, name, [[value] * outcomes.num_rows])
            found = fit(replace(past, later=replace(past.later, outcomes=changed)))
            assert isinstance(found, Unscored) and said in found.reason
