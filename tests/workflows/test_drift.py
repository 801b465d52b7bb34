"""Drift of today's customers against a card, and the histograms that it is measured by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storage import definitions
from tests.workflows.retrained import list_models
from uplift.histograms import LARGE_DRIFT, SMALL_DRIFT
from workflows.drift import drift_of
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.trainingdata import find_outcome, training_rows
from workflows.workspace import PROFILES, Workspace


def test_a_card_counts_every_feature_and_score_of_the_learning_rows(trained: Workspace) -> None:
    (record,) = list_models(trained)
    rows = training_rows(trained, trained.campaigns(), find_outcome(trained, "converted"))
    learning = rows.dataset.take(~rows.reporting)
    kept = record.card["histograms"]
    assert kept["rows"] == learning.n
    assert list(kept["features"]) == record.card["features"] == list(learning.X.columns)
    scores = load_model(trained, record.id).score(learning.X)
    assert set(kept["scores"]) == {
        "uplift_score_for_free_shipping",
        "net_value_for_free_shipping",
        "uplift_score_for_gift_guide",
        "net_value_for_gift_guide",
        "best_trigger",
        "@baseline",
    }
    for histogram in (*kept["features"].values(), *kept["scores"].values()):
        assert sum(histogram["counts"]) + histogram["missing"] == learning.n
    guide = kept["scores"]["uplift_score_for_gift_guide"]
    low = float(np.mean(scores.effects[:, 1].astype(np.float32) <= guide["highs"][2]))
    assert sum(guide["counts"][:3]) / learning.n == low
    best = dict(
        zip(
            kept["scores"]["best_trigger"]["levels"],
            kept["scores"]["best_trigger"]["counts"],
            strict=False,
        )
    )
    assert best["gift_guide"] == np.count_nonzero(scores.best == 2)


def test_the_customers_learned_from_have_not_moved(trained: Workspace) -> None:
    (record,) = list_models(trained)
    drift = drift_of(trained, record)
    assert {one.name for one in drift} == {
        *record.card["histograms"]["features"],
        *record.card["histograms"]["scores"],
    }
    assert all(one.index is not None and one.index < SMALL_DRIFT for one in drift)
    assert {one.words for one in drift} == {"as it was"}


def test_what_moved_comes_first_and_what_is_gone_before_it(own: Workspace) -> None:
    (record,) = list_models(own)
    profiles = own.current(PROFILES)

    def moved(table: pa.Table) -> pa.Table:
        place = table.column_names.index("basket")
        dearer = pc.multiply(table.column("basket"), 2.0)
        south = pa.array(["overseas"] * table.num_rows)
        region = table.column_names.index("region")
        table = table.set_column(place, "basket", dearer)
        return table.set_column(region, "region", south).drop_columns(["past_orders"])

    new = own.snapshots.write(PROFILES, [(b, moved(profiles.read(b))) for b in profiles.files])
    with own.control.write() as session:
        definitions.put_current(session, PROFILES, new.id)
    drift = drift_of(own, record)
    assert [(one.name, one.words) for one in drift[:3]] == [
        ("past_orders", "not there today"),
        ("region", "moved far"),
        ("basket", "moved far"),
    ]
    assert drift[2].index is not None
    assert drift[2].index > LARGE_DRIFT
    assert all(one.words == "as it was" for one in drift[3:])


def test_a_bucket_at_a_time_counts_what_the_whole_would(trained: Workspace) -> None:
    from uplift.histograms import histogram_from_json, stability_index

    (record,) = list_models(trained)
    table = trained.current(PROFILES).table()
    schema = trained.schema()
    frame = feature_frame(table, [schema[name] for name in record.card["features"]])
    whole = {}
    for name, value in record.card["histograms"]["features"].items():
        before = histogram_from_json(value)
        column = frame[name]
        now = before.recounted(column if column.dtype == "category" else column.to_numpy())
        whole[name] = stability_index(before, now)
    found = {one.name: one.index for one in drift_of(trained, record)}
    assert whole == {name: found[name] for name in whole}
