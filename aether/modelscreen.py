"""What people see of models in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aether.screen import columns, console, line
from storage.models import ModelRecord
from uplift.challenge import Challenge
from uplift.evaluation import Estimate
from workflows.comparing import Comparison
from workflows.covariatetrials import said_of_covariates
from workflows.drift import Drift
from workflows.promotion import RULE

DRIFTED = 10
"""Features and scores that are shown, the farthest moved first."""


def trained(record: ModelRecord, root: Path) -> None:
    """The verdict, the numbers of the reporting customers, and whether it is current now."""
    evaluation: dict[str, Any] = record.card["evaluation"]
    line(f"{record.outcome}: {evaluation['verdict']}")
    for remark in record.card["remarks"]:
        line(f"  {remark}")
    if record.card["tournament"] is not None:
        tournament(record)
    if record.card["covariates"] is not None:
        covariates(record)
    _effects(record)
    line(f"Measured on {evaluation['reporting_rows']:,} customers the model never saw.")
    line(f"Model card: {root / 'models' / record.id / 'card.html'}")
    _standing(record)


def tournament(record: ModelRecord) -> None:
    """How the learners' policies fared, and which was trained."""
    found = record.card["tournament"]
    scale, unit = _scale(record)
    if record.card["evaluation"]["unit"] == "money":
        scale, unit = 1, "money a customer"
    table = columns("learner", f"gain over none ({unit})", "95 % interval")
    for entry in found["entries"]:
        low, high = (f"{entry['gain'][end] * scale:+.3f}" for end in ("low", "high"))
        table.add_row(entry["name"], f"{entry['gain']['value'] * scale:+.3f}", f"{low} to {high}")
    console.print(table)
    line(f"Tournament on {found['rows']:,} learning exposures: {found['verdict']}")
    line(f"Trained by the {found['method']}-learner. {found['reason']}")


def covariates(record: ModelRecord) -> None:
    """What axes and clusters bring as covariates, and whether they were kept."""
    found = record.card["covariates"]
    scale, unit = _scale(record)
    if record.card["evaluation"]["unit"] == "money":
        scale, unit = 1, "money a customer"
    table = columns("with", f"out-of-fold difference ({unit})", "95 % interval", "")
    for trial in found["trials"]:
        low, high = (f"{trial['gain'][end] * scale:+.3f}" for end in ("low", "high"))
        kept = "kept" if trial["blocks"] == found["kept"] else ""
        difference = f"{trial['gain']['value'] * scale:+.3f}"
        table.add_row(" and ".join(trial["blocks"]), difference, f"{low} to {high}", kept)
    if found["trials"]:
        console.print(table)
    line(said_of_covariates(found))


def models(listed: Sequence[ModelRecord]) -> None:
    """One line a model; a model that was current before can be rolled back to."""
    table = columns("model", "outcome", "standing", "made", "seed", "rows", "times reported from")
    for record in listed:
        table.add_row(
            record.id,
            record.outcome,
            standing(record),
            f"{record.created_at:%Y-%m-%d %H:%M}",
            str(record.card["evaluation"]["seed"]),
            f"{record.card['evaluation']['learning_rows']:,}",
            str(record.looks),
        )
    console.print(table)


def model(record: ModelRecord, drift: Sequence[Drift], root: Path) -> None:
    """What a model was made from, what it is worth, and how far customers have moved since."""
    card, evaluation = record.card, record.card["evaluation"]
    parameters, code = card["parameters"], card["code"]
    table = columns("", record.id)
    table.add_row("outcome", record.outcome)
    table.add_row("standing", standing(record))
    table.add_row("made", f"{record.created_at:%Y-%m-%d %H:%M} UTC")
    table.add_row("campaigns", ", ".join(one["name"] for one in card["campaigns"]))
    table.add_row("learned from", f"{evaluation['learning_rows']:,} customers")
    for campaign, snapshot in card["data"]["exposures"].items():
        table.add_row(f"exposures of {campaign}", snapshot)
    for campaign, snapshot in card["data"]["campaign_profiles"].items():
        table.add_row(f"profiles at its start, {campaign}", snapshot)
    table.add_row("profiles scored", card["data"]["profiles"])
    at = f", commit {code['commit'][:12]}" if code["commit"] else ""
    table.add_row("code", f"aethersegment {code['package']}{at}, LightGBM {code['lightgbm']}")
    table.add_row("seed, folds", f"{parameters['seed']}, {parameters['folds']}")
    table.add_row("trees", _capacity(parameters["capacity"]))
    table.add_row("weight of personal effects", f"{parameters['weight']:g}")
    table.add_row("times reported from", str(record.looks))
    console.print(table)
    _standing(record)
    line(evaluation["verdict"])
    _effects(record)
    _drift(drift)
    line(f"Model card: {root / 'models' / record.id / 'card.html'}")


def comparison(made: Comparison) -> None:
    """Both policies' values out of fold, their difference, and what the rule makes of it."""
    result = made.result
    if isinstance(result, Challenge):
        table = columns("model", "seed", "learned from", f"value ({made.unit} a customer)", "")
        both = ((made.challenger, result.challenger), (made.champion, result.champion))
        for record, value in both:
            evaluation = record.card["evaluation"]
            rows = f"{evaluation['learning_rows']:,}"
            name = f"{record.id}{' (current)' if record.current else ''}"
            table.add_row(name, str(evaluation["seed"]), rows, *_estimate(value))
        table.add_row("difference", "", "", *_estimate(result.gain))
        console.print(table)
        line(
            f"Both choose alike for {result.agreement:.1%} of the customers; {made.known:,} of the "
            f"{result.rows:,} rows were learned from by both."
        )
    line(made.words)
    for remark in made.remarks:
        line(f"Note: {remark}")
    line(RULE)


def how_to_force(model_id: str) -> str:
    """The command that promotes a model all the same."""
    return f'To force it: aether models promote {model_id} --force --reason "..."'


def standing(record: ModelRecord) -> str:
    """What a model is among its outcome's."""
    if record.current:
        return "current"
    return "current before" if record.promoted else "not current"


def _standing(record: ModelRecord) -> None:
    if record.ruling is not None:
        line(record.ruling["words"])
        if not record.ruling["promoted"]:
            line(how_to_force(record.id))
    if record.tracking:
        line(record.tracking)


def _effects(record: ModelRecord) -> None:
    scale, unit = _scale(record)
    table = columns("trigger", f"effect ({unit})", "standard error", "95 % interval")
    for arm, effect in record.card["evaluation"]["effects"].items():
        if "value" in effect:
            table.add_row(
                arm,
                f"{effect['value'] * scale:+.3f}",
                f"{effect['se'] * scale:.3f}",
                f"{effect['low'] * scale:+.3f} to {effect['high'] * scale:+.3f}",
            )
        else:
            table.add_row(arm, "not enough evidence", "", effect["reason"])
    console.print(table)


def _scale(record: ModelRecord) -> tuple[float, str]:
    return (100, "points") if record.card["outcome"]["kind"] == "binary" else (1, "each")


def _capacity(capacity: Mapping[str, Any]) -> str:
    shapes = " and ".join(
        f"{shape['rounds']} of {shape['leaves']} leaves" for shape in capacity["effect"]
    )
    return f"{capacity['name']}: {shapes}"


def _drift(drift: Sequence[Drift]) -> None:
    if not drift:
        return
    table = columns("today's customers against those learned from", "index", "")
    for one in drift[:DRIFTED]:
        table.add_row(one.name, "" if one.index is None else f"{one.index:.3f}", one.words)
    console.print(table)
    if len(drift) > DRIFTED:
        line(f"The other {len(drift) - DRIFTED} moved less.")
    line("The index is the population stability index: up to 0.1 is usual, above 0.25 is much.")


def _estimate(estimate: Estimate) -> tuple[str, str]:
    return f"{estimate.value:+.4g}", f"{estimate.low:+.4g} to {estimate.high:+.4g}"
