"""`aether campaigns programme`."""

from __future__ import annotations

from pathlib import Path

from tests.aether.conftest import Run
from tests.workflows.test_programme import bought, programme, sides


def test_all_campaigns_together_are_judged(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    made = programme(root)
    held_out, others = sides(made)
    bought(made, held_out[:10])
    bought(made, others[:120])
    made.close()
    code, out, errors = run("campaigns", "programme", "--workspace", root)
    assert code == 0, errors
    assert "All campaigns together do better than none" in out
    assert "everybody else" in out
    assert "Warning: Nothing was reported as sent" in out
    asked = ("campaigns", "programme", "--outcome", "revenue", "--since", "2026-02-28")
    code, out, errors = run(*asked, "--workspace", root)
    assert code == 0, errors
    assert "revenue" in out


def test_what_can_not_be_judged_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    made = programme(tmp_path / "shop", 0.0, people=20)
    made.close()
    for words in ((), ("--since", "soon")):
        code, _, errors = run("campaigns", "programme", *words, "--workspace", made.root)
        assert code == 2
        assert ("soon" if words else "global_holdout is 0") in errors
