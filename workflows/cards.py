"""The model card as a page that a person reads."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from workflows.covariatetrials import said_of_covariates
from workflows.plots import calibration_plot, interval_plot
from workflows.spread import spreads

_PAGES = Environment(
    loader=PackageLoader("workflows", "pages"), autoescape=True, undefined=StrictUndefined
)


def card_page(card: dict[str, Any]) -> str:
    """HTML of a model card, plots inlined; every number is the card's own."""
    evaluation, outcome = card["evaluation"], card["outcome"]
    scale, unit = (
        (100, "percentage points") if outcome["kind"] == "binary" else (1, outcome["name"])
    )
    effects = [
        (_name(arm), *_ends(estimate, scale))
        for arm, estimate in evaluation["effects"].items()
        if "value" in estimate
    ]
    in_money = evaluation["unit"] == "money"
    gain_scale = 1 if in_money else scale
    gain_unit = card["currency"] if in_money else unit
    comparisons = [
        ("nobody", evaluation["against_none"]),
        (f"{_name(evaluation['best_single'])} for all", evaluation["against_best_single"]),
        ("a random arm", evaluation["against_random"]),
    ]
    gains = [(label, *_ends(estimate, gain_scale)) for label, estimate in comparisons]
    calibrations = {
        arm: calibration_plot(
            [
                (b["predicted"] * scale, *_ends(b["observed"], scale))
                for b in calibration["bins"]
                if b["observed"]["low"] is not None
            ],
            unit,
        )
        for arm, calibration in evaluation["calibration"].items()
        if len(calibration["bins"]) > 1
    }
    return _PAGES.get_template("card.html").render(
        card=card,
        covariates=said_of_covariates(card["covariates"]) if card["covariates"] else "",
        evaluation=evaluation,
        scale=scale,
        unit=unit,
        gain_scale=gain_scale,
        gain_unit=gain_unit,
        comparisons=comparisons,
        effects_plot=interval_plot(effects, f"average effect ({unit} a customer)"),
        gains_plot=interval_plot(gains, f"gain of the recommended policy ({gain_unit} a customer)"),
        calibrations=calibrations,
        feature_spreads=spreads(card["histograms"]["features"]),
        score_spreads=spreads(card["histograms"]["scores"]),
        refused={arm: e["reason"] for arm, e in evaluation["effects"].items() if "value" not in e},
    )


def _ends(estimate: dict[str, Any], scale: float) -> tuple[float, float, float]:
    value = estimate["value"] * scale
    low, high = estimate["low"], estimate["high"]
    return value, value if low is None else low * scale, value if high is None else high * scale


def _name(trigger: str) -> str:
    return "no trigger" if trigger == "none" else trigger.replace("_", " ")
