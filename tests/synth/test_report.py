"""The report stands alone and says what the truth says."""

from __future__ import annotations

import re

import pytest

from synth.report import report
from tests.synth.conftest import World


@pytest.fixture(scope="module")
def page(world: World) -> str:
    return report(world.tables, world.truth)


@pytest.mark.slow
def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', page)
    assert len(sources) == 5
    assert all(source.startswith("data:image/png;base64,") for source in sources)


def test_the_page_gives_rows_and_mean_effects(world: World, page: str) -> None:
    assert f"<td>events</td><td>{world.tables['events'].num_rows:,}</td>" in page
    now = world.potential("now")
    effect = 100 * (now["converted_social_proof"] - now["converted_none"]).mean()
    assert re.search(rf"<td>Social proof</td><td>{effect:+.2f}".replace("+", r"\+"), page)
