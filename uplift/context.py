"""Which campaign a row comes from, as a column that outcome models may use and effect models not.

Campaigns differ in season and message, so that the expected outcome does; what a customer's
profile says of an effect is learned from all of them alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from uplift.dataset import IntArray, UpliftDataset

CAMPAIGN = "@campaign"
"""The column; no field of a profile begins with `@`."""


def with_context(data: UpliftDataset) -> pd.DataFrame:
    """The features of a data set, with the campaign of each row where there are several."""
    return data.X if data.campaign is None else in_campaign(data.X, data.campaign)


def in_campaign(X: pd.DataFrame, campaign: IntArray | int) -> pd.DataFrame:
    """X beside the column of campaigns (n,), or of one campaign for all rows."""
    codes = np.broadcast_to(np.asarray(campaign), (len(X),))
    levels = np.unique(codes)
    names = pd.Index(levels.astype(str).tolist())
    column = pd.Categorical.from_codes(np.searchsorted(levels, codes), names)
    return X.assign(**{CAMPAIGN: pd.Series(column, index=X.index)})
