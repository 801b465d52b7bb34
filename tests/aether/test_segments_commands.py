"""`aether segments`, `aether campaigns` and `aether audit` over a trained workspace."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.aether.conftest import Run

BASKETS = json.dumps({"field": "basket", "op": "lt", "value": 50})


def test_a_segment_lives_and_a_campaign_runs(run: Run, shop: Path) -> None:
    def ask(*words: object) -> str:
        code, out, errors = run(*words, "--workspace", shop)
        assert code == 0, errors
        return out

    made = ask("segments", "create", BASKETS, "--trigger", "free_shipping")
    found = re.search(r"seg_[0-9a-f]+", made)
    assert found is not None
    segment = found[0]
    assert segment in ask("segments", "list")
    assert "Nothing else differs" in ask("segments", "refresh", segment)
    assert "0 entered, 0 left" in ask("segments", "diff", segment, 1)
    assert "Version 1" in ask("segments", "rollback", segment)
    begun = ask("campaigns", "begin", segment, "--name", "Spring", "--holdout", "0.2")
    campaign = re.search(r"cmp_[0-9a-f]+", begun)
    assert campaign is not None
    assert "held out" in begun
    assert "runs" in ask("campaigns", "list")
    assert "Not enough data yet" in ask("campaigns", "results", campaign[0])
    assert "ended" in ask("campaigns", "end", campaign[0])
    assert "past campaigns now" in ask("campaigns", "learn", campaign[0])
    assert "archived" in ask("segments", "archive", segment)
    assert segment in ask("segments", "list", "--archived")
    assert "in use again" in ask("segments", "archive", segment, "--undo")
    shown = ask("segments", "show", segment)
    assert "basket" in shown
    assert "current" in shown
    assert "segment.activate" in ask("audit", "list", "--subject", segment)
    assert "whole" in ask("audit", "verify")


def test_what_can_not_be_is_one_clear_line(run: Run, shop: Path) -> None:
    for words, said in (
        (("segments", "create", "{", "--trigger", "free_shipping"), "can't be read"),
        (("segments", "create", BASKETS, "--trigger", "spell"), "spell"),
        (("segments", "refresh", "seg_x"), "seg_x"),
        (("campaigns", "results", "cmp_x"), "cmp_x"),
        (("campaigns", "begin", "seg_x", "--name", "x", "--ends", "soon"), "soon"),
        (("audit", "verify", "--head", "nonsense"), "nonsense"),
    ):
        code, _, errors = run(*words, "--workspace", shop)
        assert code == 2
        assert said in errors
        assert errors.count("\n") == 1
    (shop / "audit-head.json").write_text(json.dumps({"id": 9_999, "hash": "0" * 64}))
    code, _, errors = run("audit", "verify", "--workspace", shop)
    assert code == 2
    assert "not whole" in errors
