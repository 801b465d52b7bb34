"""`aether discover`: cards, a page, and from a card to an audience."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from domain.discovery import Discovery
from tests.aether.conftest import Run


def test_from_fields_to_an_audience(shop: Path, run: Run, tmp_path: Path) -> None:
    page = tmp_path / "segments.html"
    words = ("--tier", "heuristic", "--fields", "basket, past_orders", "-w", shop)
    code, out, _ = run("discover", *words, "--page", page)
    assert code == 0
    assert "Low, mid and high of" in out
    assert "2 fields are used; 3 to 8 are advised" in out
    assert "segment_1" in out
    html = page.read_text("utf-8")
    assert "<h3>" in html
    assert "http" not in html.replace("http-equiv", ""), "nothing is loaded from elsewhere"
    (identity,) = set(re.findall(r"dis_[0-9a-f]{12}", out))
    code, again, _ = run("discover", "show", identity, "-w", shop)
    assert code == 0
    assert "segment_2" in again
    code, out, _ = run("discover", "list", "-w", shop)
    assert identity in out
    code, out, _ = run("discover", "apply", identity, "segment_1", "--name", "Few", "-w", shop)
    assert code == 0
    rule = re.findall(r"rule_[0-9a-f]{12}", out)[0]
    code, out, _ = run("discover", "approve", rule, "--by", "Ada", "-w", shop)
    assert 'customers of Few"' in out
    code, out, _ = run("discover", "rules", "-w", shop)
    assert "approved by Ada" in out
    code, out, _ = run("brief", "Increase conversion of customers of Few", "--json", "-w", shop)
    assert code == 0
    assert "approved by Ada" in out
    code, out, errors = run("segments", "create", "--rule", "few", "-w", shop)
    assert code == 0, errors
    assert "customers:" in out
    assert "In past campaigns" in out
    code, out, _ = run("discover", "keep", identity, "few_or_many", "--by", "Ada", "-w", shop)
    assert code == 0
    assert "cluster.few_or_many: kept by Ada" in out
    assert "The rules place 100 % of customers as the clustering did" in out
    code, again, _ = run("discover", "kept", "-w", shop)
    assert code == 0
    assert again == out
    criteria = re.findall(r"In criteria: (.*)", out)[0]
    code, out, _ = run("segments", "create", criteria, "--trigger", "free_shipping", "-w", shop)
    assert code == 0
    assert "few or many is" in out


def test_json_is_the_discovery(shop: Path, run: Run) -> None:
    words = ("--tier", "heuristic", "--fields", "basket", "--json", "-w", shop)
    code, out, _ = run("discover", *words)
    found = Discovery.model_validate_json(out[out.index("{") :])
    assert (code, found.source, len(found.cards)) == (0, "profiles", 4)
    assert json.loads(out[out.index("{") :])["cards"][0]["filter_rules"]["criteria"]


def test_defaults_are_shown_and_changed(shop: Path, run: Run) -> None:
    code, out, _ = run("discover", "defaults", "-w", shop)
    assert code == 0
    assert re.search(r"max_clusters +8", out)
    run("discover", "defaults", "--max-clusters", 5, "-w", shop)
    code, out, _ = run("discover", "defaults", "-w", shop)
    assert re.search(r"max_clusters +5", out)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tier", "llm"), "AETHER_LLM_MODEL"),
        (("--fields", "customer_id"), "it is an id"),
        (("--fields", "bascet"), "basket"),
        (("--min-clusters", "1"), "min_clusters can't be 1"),
        (("--table", "identities"), "names and addresses"),
        (("show", "dis_x"), "no discovery 'dis_x'"),
        (("approve", "rule_x", "--by", "Ada"), "no rule 'rule_x'"),
        (("keep", "dis_x", "kept", "--by", "Ada"), "no discovery 'dis_x'"),
        (("keep", "dis_x", "Kept", "--by", "Ada"), "can't be called 'Kept'"),
    ],
)
def test_a_fault_is_one_clear_line(shop: Path, run: Run, words: tuple[str, ...], says: str) -> None:
    code, _, errors = run("discover", *words, "-w", shop)
    assert code == 2
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert says in errors
