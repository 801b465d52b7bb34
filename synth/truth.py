"""The hidden truth as tables: what each trigger would have done to each customer.

Nothing but tests, notebooks, benchmarks and the play of the synthetic world (`simulate.py`,
`report.py`) may read it. What learns from it has learned nothing.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synth.campaigns import Exposures
from synth.effects import ARMS, Outlook
from synth.plan import campaign_id
from synth.population import Population
from synth.tables import customer_ids

NOW = "now"
"""The `campaign_id` of the truth about a campaign that starts at the end of the history."""
NOW_WINDOW_DAYS = 30


def potential_outcomes(people: Population, played: tuple[Exposures, ...], now: Outlook) -> pa.Table:
    """The hidden potential outcomes: one row a customer and campaign, and one for `now`."""
    parts = [
        *((campaign_id(one.campaign), one.rows, one.outlook) for one in played),
        (NOW, np.arange(len(people)), now),
    ]
    return pa.concat_tables(
        pa.table(
            {
                "campaign_id": pa.array([name] * len(rows), type=pa.string()),
                "customer_id": customer_ids(people, rows),
                **{
                    f"{outcome}_{arm}": pa.array(values[:, n].astype(np.float32))
                    for outcome, values in vars(outlook).items()
                    for n, arm in enumerate(ARMS)
                },
            }
        )
        for name, rows, outlook in parts
    )


def traits(people: Population) -> pa.Table:
    """The hidden traits and rates of each customer, for the report and the tests."""
    return pa.table(
        {
            "customer_id": customer_ids(people, np.arange(len(people))),
            **{f"trait_{name}": value for name, value in people.traits.items()},
            "rate_of_orders": people.order_rate,
            "rate_of_sessions": people.session_rate,
            "attention": people.attention,
            "dies_on_day": people.dies,
        }
    )
