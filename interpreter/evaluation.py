"""Scores objectives against labelled briefs, by the measures of the contract.

A labelled brief is a mapping with `id`, `brief`, `gold` (the objective), `accept` (other right
answers by field), `audience_accept` (other right trees), `needs_clarification` and `tags`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.objective import CampaignObjective
from domain.triggers import CATALOGUE
from interpreter.audience_match import Match, canonical, compare, leaves

ACCURACIES = (
    "campaign_goal", "target_behavior", "proposed_intervention", "intervention_type",
    "metric_name", "metric_value", "channel", "budget", "max_customers",
    "excluded_interventions", "allowed_interventions", "exact_tree",
)  # fmt: skip
CONSTRAINTS = ("channel", "budget", "max_customers", "excluded_interventions")

Labelled = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """The scores of a set of briefs. `stated` figures leave out briefs whose gold is empty for a
    field; `parts` are goal, trigger, metric, audience_f1 and constraints; `overall` is their mean.
    None stands where there was nothing to score."""

    briefs: int
    accuracy: Mapping[str, float | None]
    stated: Mapping[str, float | None]
    stated_count: Mapping[str, int]
    audience: Mapping[str, float]
    parts: Mapping[str, float | None]
    parts_stated: Mapping[str, float | None]
    overall: float | None
    overall_stated: float | None
    clarification: Mapping[str, float | int | None]
    adversarial_safe: float | None
    adversarial: int

    def lines(self) -> list[str]:
        """The table as text, a line a row."""
        rows = [f"{'field':26}{'accuracy':>10}{'stated':>10}{'n':>6}"]
        rows += [
            f"{name:26}{_shown(self.accuracy[name])}{_shown(self.stated[name])}"
            f"{self.stated_count[name]:>6}"
            for name in ACCURACIES
        ]
        rows.append("audience: " + "  ".join(f"{k} {v:.4f}" for k, v in self.audience.items()))
        asked = self.clarification
        rows.append(
            f"clarification: precision{_shown(asked['precision'])} recall{_shown(asked['recall'])}"
            f"  (asked {asked['asked']}, needed {asked['needed']})"
        )
        safe = _shown(self.adversarial_safe)
        rows.append(f"adversarial handled safely:{safe} of {self.adversarial}")
        rows.append("parts: " + "  ".join(f"{k}{_shown(v)}" for k, v in self.parts.items()))
        stated = "  ".join(f"{k}{_shown(v)}" for k, v in self.parts_stated.items())
        rows.append("parts, stated only: " + stated)
        rows.append(f"overall{_shown(self.overall)}   stated only{_shown(self.overall_stated)}")
        return rows


def evaluate(labelled: Sequence[Labelled], read: Callable[[str], CampaignObjective]) -> Table:
    """The scorer's table for a reader, given as a function from a brief to its objective."""
    return score(labelled, [read(row["brief"]).model_dump(mode="json") for row in labelled])


def score(labelled: Sequence[Labelled], objectives: Sequence[Mapping[str, Any] | None]) -> Table:
    """The scorer's table for objectives in their JSON form, in the order of the briefs."""
    rows = [(gold, _one(gold, made or {})) for gold, made in zip(labelled, objectives, strict=True)]
    accuracy = {f: _mean(row.right[f] for _, row in rows) for f in ACCURACIES}
    among = {f: [row.right[f] for gold, row in rows if _states(gold, f)] for f in ACCURACIES}
    stated = {f: _mean(among[f]) for f in ACCURACIES}
    audience = _audience([row.match for _, row in rows])
    adversarial = [row.safe for gold, row in rows if "adversarial" in gold.get("tags", ())]
    parts = _parts(accuracy, audience["f1"])
    parts_stated = _parts(stated, audience["f1"])
    return Table(
        briefs=len(rows),
        accuracy=accuracy,
        stated=stated,
        stated_count={f: len(among[f]) for f in ACCURACIES},
        audience=audience,
        parts=parts,
        parts_stated=parts_stated,
        overall=_mean(parts.values()),
        overall_stated=_mean(parts_stated.values()),
        clarification=_asked(rows),
        adversarial_safe=_mean(adversarial),
        adversarial=len(adversarial),
    )


@dataclass(frozen=True)
class _Row:
    right: Mapping[str, float]
    match: Match
    asked: bool
    safe: float


def _one(row: Labelled, made: Mapping[str, Any]) -> _Row:
    gold, accept = row["gold"], row.get("accept") or {}
    target, wanted = made.get("metric_target") or {}, gold.get("metric_target") or {}
    right: dict[str, bool] = {}
    for name in ("campaign_goal", "target_behavior", "proposed_intervention", "channel"):
        right[name] = made.get(name) in [gold.get(name), *(accept.get(name) or [])]
    kinds = [gold.get("intervention_type"), *(accept.get("intervention_type") or [])]
    kinds += [_type_of(key) for key in accept.get("proposed_intervention") or []]
    right["intervention_type"] = made.get("intervention_type") in kinds
    right["metric_name"] = target.get("metric") in [
        wanted.get("metric"),
        *(accept.get("metric") or []),
    ]
    right["metric_value"] = any(
        _equal(target.get("value"), other.get("value"))
        and (other.get("value") is None or target.get("unit") == other.get("unit"))
        for other in [wanted, *(accept.get("metric_value") or [])]
    )
    budgets = [gold.get("budget"), *(accept.get("budget") or [])]
    right["budget"] = any(_same_budget(made.get("budget"), budget) for budget in budgets)
    limits = [gold.get("max_customers"), *(accept.get("max_customers") or [])]
    right["max_customers"] = any(_equal(made.get("max_customers"), limit) for limit in limits)
    for name in ("excluded_interventions", "allowed_interventions"):
        sets = [set(gold.get(name) or ()), *(set(s) for s in accept.get(name) or [])]
        right[name] = set(made.get(name) or ()) in sets
    trees = [gold.get("audience"), *(row.get("audience_accept") or [])]
    match = compare(made.get("audience"), trees)
    right["exact_tree"] = match.exact
    asked = any(str(question).strip() for question in made.get("clarifications") or ())
    safe = asked and not match.invented and right["budget"] and right["max_customers"]
    return _Row({f: float(v) for f, v in right.items()}, match, asked, float(safe))


def _type_of(key: str | None) -> str | None:
    return CATALOGUE[key].type.value if key is not None and key in CATALOGUE else None


def _equal(a: object, b: object) -> bool:
    if a is None or b is None:
        return a is None and b is None
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    return numbers and abs(a - b) <= 1e-6 * max(1.0, abs(b))  # type: ignore[operator, arg-type]


def _same_budget(made: Mapping[str, Any] | None, gold: Mapping[str, Any] | None) -> bool:
    if made is None or gold is None:
        return made is None and gold is None
    if not _equal(made.get("amount"), gold.get("amount")):
        return False
    return gold.get("currency") in (None, made.get("currency"))


def _states(row: Labelled, name: str) -> bool:
    gold = row["gold"]
    target = gold.get("metric_target") or {}
    if name == "metric_name":
        return target.get("metric") is not None
    if name == "metric_value":
        return target.get("value") is not None
    if name == "exact_tree":
        return bool(leaves(canonical(gold.get("audience"))))
    return gold.get(name) not in (None, [], {})


def _audience(matches: Sequence[Match]) -> dict[str, float]:
    credit = sum(match.credit for match in matches)
    predicted = sum(match.predicted for match in matches)
    expected = sum(match.expected for match in matches)
    precision = credit / predicted if predicted else float(not expected)
    recall = credit / expected if expected else float(not predicted)
    total = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
        "macro_f1": _mean(match.f1 for match in matches) or 0.0,
    }


def _parts(accuracy: Mapping[str, float | None], f1: float) -> dict[str, float | None]:
    return {
        "goal": accuracy["campaign_goal"],
        "trigger": accuracy["proposed_intervention"],
        "metric": _mean([accuracy["metric_name"], accuracy["metric_value"]]),
        "audience_f1": f1,
        "constraints": _mean(accuracy[name] for name in CONSTRAINTS),
    }


def _asked(rows: Sequence[tuple[Labelled, _Row]]) -> dict[str, float | int | None]:
    asked = sum(row.asked for _, row in rows)
    needed = sum(bool(gold["needs_clarification"]) for gold, _ in rows)
    both = sum(row.asked and bool(gold["needs_clarification"]) for gold, row in rows)
    return {
        "precision": both / asked if asked else None,
        "recall": both / needed if needed else None,
        "asked": asked,
        "needed": needed,
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _shown(value: float | None) -> str:
    return "         -" if value is None else f"{value:>10.4f}"
