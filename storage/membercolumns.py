"""What a snapshot of members holds: the columns, and the two parts."""

from __future__ import annotations

import pyarrow as pa

_TEXTS = pa.dictionary(pa.int32(), pa.string())
COLUMNS = pa.schema(
    [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("recommended_trigger", _TEXTS),
        pa.field("estimate", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("basis", _TEXTS, nullable=False),
        pa.field("uplift_score", pa.float64(), nullable=False),
        pa.field("expected_net_value", pa.float64(), nullable=False),
        pa.field("runner_up_trigger", _TEXTS),
        pa.field("reason_1", pa.string()),
        pa.field("reason_2", pa.string()),
        pa.field("reason_3", pa.string()),
        pa.field("assignment_id", pa.string()),
    ]
)
KIND = "members"
GIVEN_OUT, HELD_OUT = 0, 1
