"""What share of the oracle's gain over the best single trigger a trained model reaches.

    python -m benchmarks.synth_oracle_share 100000        about so many randomised exposures

The model learns conversion from the campaigns that tried every trigger, on the profiles as of each
one's start. Its policy is then judged on other customers by the hidden truth of the newest
campaign, so that the figures have no noise of outcomes.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.customer import STANDARD
from domain.experiment import OutcomeKind
from domain.triggers import CATALOGUE, NO_TRIGGER
from profiles.build import build_profiles
from synth.generate import Recipe, generate_bucket, global_tables, recipe
from uplift.dataset import UpliftDataset
from uplift.learning import LearningSettings, learn
from uplift.policy import Economics
from workflows.features import feature_frame

ARMS = (NO_TRIGGER, *CATALOGUE)
PER_BUCKET = 12_500
EXPOSURES_PER_CUSTOMER = 1.23
REPORTING = 3 / 10


def bucket_rows(of: Recipe, bucket: int, buckets: int) -> tuple[pa.Table, pa.Table]:
    """The exposures to every trigger beside their profiles, and the newest campaign's truth."""
    made, shared = generate_bucket(of, bucket, buckets), global_tables(of)
    raw = {name: table for name, table in (made.tables | shared).items() if name != "identities"}
    campaigns = [
        campaign
        for campaign in shared["campaigns"].to_pylist()
        if dict(campaign["arm_probabilities"] or ()).keys() == set(ARMS)
    ]
    parts = []
    for campaign in campaigns:
        exposures = made.tables["exposures"]
        rows = exposures.filter(pc.equal(exposures["campaign_id"], campaign["campaign_id"]))
        profiles = build_profiles(raw, campaign["started_at"], threads=1)
        flat = [f.name for f in profiles.schema if not pa.types.is_nested(f.type)]
        place = pc.index_in(rows["customer_id"], profiles["customer_id"].combine_chunks())
        known = profiles.select(flat).take(place)
        for name, column in (
            ("campaign", rows["campaign_id"]),
            ("trigger", rows["trigger"]),
            ("converted", pc.map_lookup(rows["outcomes"], "converted", "first")),
            *(
                (f"propensity_{arm}", pc.map_lookup(rows["propensities"], arm, "first"))
                for arm in ARMS
            ),
        ):
            known = known.append_column(name, column)
        parts.append(known)
    truth = made.truth["potential_outcomes"]
    newest = truth.filter(pc.equal(truth["campaign_id"], campaigns[-1]["campaign_id"]))
    columns = ["customer_id", *(f"converted_{arm}" for arm in ARMS)]
    return pa.concat_tables(parts), newest.select(columns)


def dataset(rows: pa.Table) -> UpliftDataset:
    return UpliftDataset.checked(
        X=feature_frame(rows, STANDARD.values()),
        arm=pc.index_in(rows["trigger"], pa.array(ARMS)).to_numpy(),
        outcome=rows["converted"].to_numpy(),
        arms=ARMS,
        kind=OutcomeKind.BINARY,
        propensity=np.stack([rows[f"propensity_{arm}"].to_numpy() for arm in ARMS], axis=1),
        customer_id=rows["customer_id"].to_numpy(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("exposures", nargs="*", type=int, default=[100_000])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    for exposures in options.exposures:
        start = time.perf_counter()
        of = recipe(round(exposures / EXPOSURES_PER_CUSTOMER))
        buckets = max(1, of.customers // PER_BUCKET)
        with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
            jobs = [pool.submit(bucket_rows, of, bucket, buckets) for bucket in range(buckets)]
            made = [job.result() for job in jobs]
        rows, truth = (pa.concat_tables([pair[n] for pair in made]) for n in (0, 1))

        # Customer ids are hashes already: their last digits split people at random.
        digits = [int(one[-4:], 16) for one in rows["customer_id"].to_pylist()]
        reporting = np.array(digits) < REPORTING * 65_536
        settings = LearningSettings(n_jobs=options.processes)
        learned = learn(
            dataset(rows.filter(pa.array(~reporting))),
            dataset(rows.filter(pa.array(reporting))),
            Economics.free(len(CATALOGUE)),
            settings,
        )
        newest = pc.equal(rows["campaign"], pc.max(rows["campaign"]))
        judged = rows.filter(pc.and_(newest, pa.array(reporting)))
        hidden = truth.take(
            pc.index_in(judged["customer_id"], truth["customer_id"].combine_chunks())
        )
        chance = np.stack([hidden[f"converted_{arm}"].to_numpy() for arm in ARMS], axis=1)
        gain = (chance - chance[:, :1]).astype(np.float64)
        features = feature_frame(judged, STANDARD.values())
        score = learned.model.score(features)
        learned_gain = gain[np.arange(len(gain)), score.best].mean()
        raw = np.nan_to_num(learned.model.personal_effects(features), nan=-1.0)
        personal = np.column_stack([np.zeros(len(raw)), raw]).argmax(axis=1)
        personal_gain = gain[np.arange(len(gain)), personal].mean()
        best, oracle = gain.mean(axis=0).max(), gain.max(axis=1).mean()
        print(
            f"{rows.num_rows:,} exposures of {of.customers:,} customers, "
            f"{time.perf_counter() - start:.0f} s. Gain in conversion, in points: best single "
            f"trigger {100 * best:.2f}, oracle {100 * oracle:.2f}, learned policy "
            f"{100 * learned_gain:.2f}, raw personal effects {100 * personal_gain:.2f}. "
            f"Share of the oracle's extra gain: {(learned_gain - best) / (oracle - best):.0%}, "
            f"raw {(personal_gain - best) / (oracle - best):.0%}."
        )


if __name__ == "__main__":
    main()
