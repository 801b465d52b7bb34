"""The X-learner as the paper has it: outcome models apart, and effects learned on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np

from uplift.boosting import Rows, Shape
from uplift.dataset import FloatArray, IntArray
from uplift.stages import XModels


def fit_textbook(
    rows: Rows,
    arm: IntArray,
    outcome: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    seed: int = 0,
) -> XModels:
    """Fit on all rows (n,): one outcome model an arm, and for each trigger a model of the imputed
    effects of the controls and one of those of the treated, which prediction mixes by the
    propensity (Künzel et al. 2019, with one control model for all triggers)."""
    by_arm = {place: np.flatnonzero(arm == place) for place in (0, *arms)}
    models = {
        place: rows.fit(chosen, outcome[chosen], None, shape, seed)
        for place, chosen in by_arm.items()
    }
    controls = by_arm[0]
    effect: dict[int, tuple[lgb.Booster, ...]] = {}
    for place in arms:
        treated = by_arm[place]
        of_controls = rows.score([models[place]], controls)[:, 0] - outcome[controls]
        of_treated = outcome[treated] - rows.score([models[0]], treated)[:, 0]
        effect[place] = (
            rows.fit(controls, of_controls, None, shape, seed, rows.context),
            rows.fit(treated, of_treated, None, shape, seed, rows.context),
        )
    return XModels(models, effect, "textbook")
