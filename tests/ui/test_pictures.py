"""Pictures hold what they are given, at the right place, and no markup of anybody's."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import pytest

from ui.parts import curves
from ui.parts.intervals import Span, interval_plot, one_interval, shared_scale
from ui.parts.sizes import size_line
from ui.parts.svg import Scale, picture, round_step, text, tick_label

EVIL = "<script>alert('x')</script>\"&"


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_labels_are_text() -> None:
    root = _parsed(picture(10, 10, EVIL, [text(1, 1, EVIL)]))
    assert root.get("aria-label") == EVIL
    assert [child.tag for child in root] == ["text"]
    assert root[0].text == EVIL


def test_a_scale_goes_from_end_to_end() -> None:
    scale = Scale(-2.0, 6.0, 100, 20)
    assert (scale(-2), scale(6), scale(2)) == (100, 20, 60)
    assert Scale(3.0, 3.0, 0, 50)(3.0) == 25


def test_a_scale_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="nan"):
        Scale(float("nan"), 1.0, 0, 1)


@pytest.mark.parametrize(("least", "most"), [(0, 1), (-0.013, 0.02), (0, 18_133), (-5, 3)])
def test_ticks_are_round_and_inside(least: float, most: float) -> None:
    ticks = Scale(least, most, 0, 1).ticks(5)
    assert 2 <= len(ticks) <= 6
    assert all(least <= tick <= most for tick in ticks)
    steps = {round(after - before, 9) for before, after in itertools.pairwise(ticks)}
    assert len(steps) == 1


@pytest.mark.parametrize(("step", "round_one"), [(0.3, 0.5), (7, 10), (1, 1), (0.021, 0.025)])
def test_a_step_becomes_round(step: float, round_one: float) -> None:
    assert round_step(step) == pytest.approx(round_one)


def test_tick_labels() -> None:
    assert [tick_label(v) for v in (0.0, -0.0, 1500, -3, 0.25)] == ["0", "0", "1,500", "−3", "0.25"]


def test_an_interval_lies_where_its_numbers_are() -> None:
    spans = [Span("a", 2, 1, 3), Span("b", -1, -2, 0.5)]
    scale = shared_scale(spans)
    lines = _parsed(one_interval(spans[0], scale)).findall("line")
    drawn = next(line for line in lines if "span" in str(line.get("class")))
    assert float(str(drawn.get("x1"))) == pytest.approx(scale(1), abs=0.06)
    assert float(str(drawn.get("x2"))) == pytest.approx(scale(3), abs=0.06)
    assert (scale.least, scale.most) == (-2, 3)


def test_an_interval_over_zero_is_drawn_as_thin() -> None:
    kinds = [Span("", 1, low, high).kind for low, high in ((0.5, 2), (-1, 2), (-2, -1))]
    assert kinds == ["", "thin", "lost"]


def test_every_plot_is_well_formed() -> None:
    span = Span(EVIL, 1.0, 0.5, 1.5)
    for svg in (
        interval_plot([span, span], "points", EVIL),
        curves.curve([(0, 0), (10, 5)], name=EVIL, x_unit="x", y_unit="y", cursor=(10, 5)),
        curves.histogram([-1, 0, 1], [0.4, 0.6], name=EVIL, x_unit="points"),
        curves.calibration([(1.0, span), (2.0, span)], name=EVIL, unit="points"),
        curves.pairs([(EVIL, 0.7, 0.2)], name=EVIL, first="in", second="out"),
        curves.bars([(EVIL, 2.0, "2")], name=EVIL),
        size_line([5]),
        size_line([5, 9, 7]),
    ):
        root = _parsed(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert "nan" not in svg


def test_losses_are_drawn_apart() -> None:
    svg = curves.histogram([-2, -1, 0, 1], [0.2, 0.3, 0.5], name="x", x_unit="x")
    kinds = [str(box.get("class")) for box in _parsed(svg).findall("rect")]
    assert kinds == ["fill-3", "fill-3", "fill-1"]


def test_one_value_alone_can_be_drawn() -> None:
    assert _parsed(curves.curve([(0.0, 0.0)], name="x", x_unit="x", y_unit="y")) is not None
    assert _parsed(curves.histogram([0.0, 0.0], [0.0], name="x", x_unit="x")) is not None
