import pytest

from domain.errors import BadRequest
from tests.uplift.trials import trial
from uplift.evaluation import Estimate
from uplift.methods import Method
from uplift.policy import Economics
from uplift.tournament import Entry, Tournament
from workflows.choosing import _follows, choose_method, method_named

OWN = {f"{method.value}-learner": method for method in Method}


def estimate(value, half):
    return Estimate(value, half / 2, value - half, value + half, 0.95, 100)


def standing(**leads):
    """A tournament in which entries lead the X-learner by (value, half an interval)."""
    leads = {"x-learner": (0.0, 0.0)} | {
        name.replace("_", "-"): lead for name, lead in leads.items()
    }
    order = sorted(leads, key=lambda name: -leads[name][0])
    return Tournament(
        tuple(
            Entry(name, estimate(1 + leads[name][0], 0.1), estimate(0, 0), estimate(*leads[name]))
            for name in order
        ),
        "",
    )


@pytest.mark.parametrize(
    ("leads", "method", "words"),
    [
        ({"t_learner": (-0.1, 0.05)}, Method.X, "best of ours"),
        ({"dr_learner": (0.1, 0.2)}, Method.X, "within noise only"),
        ({"dr_learner": (0.1, 0.05)}, Method.DR, "beyond noise"),
        ({"econml causal forest": (0.4, 0.05), "t_learner": (0.1, 0.05)}, Method.T, "beyond noise"),
    ],
)
def test_the_x_learner_is_kept_unless_another_of_ours_beats_it_beyond_noise(leads, method, words):
    found, reason = _follows(standing(**leads), OWN)
    assert found is method
    assert words in reason


@pytest.mark.slow
def test_a_tournament_names_who_took_part_and_what_is_trained():
    choice = choose_method(trial(0, 3000).data, Economics.free(2), seed=0, n_jobs=1)
    names = {entry.name for entry in choice.tournament.entries}
    assert set(OWN) <= names
    assert {"causalml x-learner", "econml causal forest"} <= names
    assert choice.rows == 3000
    assert choice.to_json()["method"] == choice.method.value


def test_learners_have_names():
    assert method_named("auto") is None
    assert method_named("dr") is Method.DR
    with pytest.raises(BadRequest, match="no learner 'magic'"):
        method_named("magic")
