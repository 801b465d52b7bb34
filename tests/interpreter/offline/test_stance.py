"""What a brief makes of a trigger that it names, and which of several it means."""

from __future__ import annotations

import pytest

from interpreter.offline.stance import OFFER, Stance, around, stance_features, stances
from interpreter.offline.text import Canvas, Span
from interpreter.reader import read


def _stance(text: str, said: str) -> Stance:
    canvas = Canvas(text, text.lower())
    start = text.index(said)
    found = stances(canvas, [Span(start, start + len(said))])[0]
    assert sum(found.values()) == pytest.approx(1.0)
    return max(found, key=lambda stance: found[stance])


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Let us give them a voucher this month", Stance.PROPOSES),
        ("a voucher for the second order, please", Stance.PROPOSES),
        ("a voucher would contradict everything we stand for and is ruled out", Stance.DENIES),
        ("we've sworn off a voucher", Stance.DENIES),
        ("the competition offers a voucher", Stance.TELLS),
        ("last spring we tried a voucher and it did nothing", Stance.TELLS),
    ],
)
def test_the_words_around_a_trigger_say_what_is_made_of_it(text: str, stance: Stance) -> None:
    assert _stance(text, "a voucher") is stance


def test_the_clause_of_a_mention_ends_at_its_commas() -> None:
    text = "Keep them. no vouchers, points are welcome; by mail."
    canvas = Canvas(text, text.lower())
    at = text.index("points")
    assert around(canvas, Span(at, at + 6)) == f"{OFFER} are welcome"


def test_what_is_offered_counts_for_nothing() -> None:
    one, other = "no gift please", "no free delivery please"
    texts = [
        around(Canvas(one, one), Span(3, 7)),
        around(Canvas(other, other), Span(3, 16)),
    ]
    rows = stance_features(texts)
    assert texts[0] == texts[1]
    assert (rows[0] == rows[1]).all()


@pytest.mark.parametrize(
    ("brief", "proposed", "allowed"),
    [
        (
            "A printed guide to roses is what we put in the post, with our bestsellers going well"
            " anyway; engaged subscribers should visit us more often.",
            "content_story",
            (),
        ),
        (
            "Compare free delivery with 10% off for cart abandoners.",
            None,
            ("free_shipping", "percentage_discount"),
        ),
        (
            "Loyal customers get either double points or early access; they should stay.",
            None,
            ("loyalty_reward", "exclusivity_offer"),
        ),
    ],
)
def test_of_several_triggers_one_is_meant_or_all_are_allowed(
    brief: str, proposed: str | None, allowed: tuple[str, ...]
) -> None:
    objective = read(brief).objective
    assert objective.proposed_intervention == proposed
    assert set(objective.allowed_interventions) == set(allowed)


@pytest.mark.parametrize(
    ("brief", "excluded"),
    [
        ("Only non-monetary ideas for lapsed customers in Rome; they should return.", 4),
        ("Monetary levers are excluded. Lapsed customers should return.", 4),
        ("Leave price alone. Lapsed customers should return.", 1),
        ("Anything but a discount; lapsed customers should return.", 1),
        ("We've sworn off coupons. Lapsed customers should return.", 1),
    ],
)
def test_refusals_in_other_words(brief: str, excluded: int) -> None:
    objective = read(brief).objective
    assert objective.proposed_intervention is None
    assert objective.allowed_interventions == ()
    assert len(objective.excluded_interventions) == excluded
    assert "percentage_discount" in objective.excluded_interventions
