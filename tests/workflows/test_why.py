"""Why a customer is in a segment or not: every word of it asked of the data again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from domain.criteria import AllOf, AnyOf, Condition, Expression, Op
from domain.errors import NotFound
from domain.objective import CampaignGoal, CampaignObjective
from domain.reasons import CustomerWhy, Standing
from domain.segment import SegmentVersion
from storage import definitions, models
from storage.members import everybody
from tests.workflows.company import copied
from uplift.explain import shap_values
from workflows.campaign import build_segments
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.why import why
from workflows.workspace import PROFILES, Workspace

Row = dict[str, object]
FEW = Condition(field="past_orders", op=Op.GTE, value=2)
NORTH = Condition(field="region", op=Op.EQ, value="north")


@pytest.fixture(scope="module")
def shop(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = copied(company, tmp_path_factory.mktemp("asked"))
    yield workspace
    workspace.close()


def segment(shop: Workspace, audience: Expression, **parts: object) -> SegmentVersion:
    """The segment of free shipping."""
    wanted = CampaignObjective(
        campaign_goal=CampaignGoal.INCREASE_CONVERSION,
        audience=audience,
        **parts,  # type: ignore[arg-type]
    )
    made = build_segments(shop, wanted).segments
    return next(one for one in made if one.recommended_trigger == "free_shipping")


@pytest.fixture(scope="module")
def version(shop: Workspace) -> SegmentVersion:
    return segment(shop, AllOf(all=(FEW, NORTH)))


@pytest.fixture(scope="module")
def rows(shop: Workspace) -> dict[str, Row]:
    """Every customer's profile and scores."""
    with shop.control.read() as session:
        record = models.current(session)["converted"]
    scores = shop.snapshots.open(record.scores_id).table().to_pylist()
    by_id = {row["customer_id"]: row for row in scores}
    profiles = shop.current(PROFILES).table().to_pylist()
    return {row["customer_id"]: row | by_id[row["customer_id"]] for row in profiles}


def members(shop: Workspace, version: SegmentVersion) -> pa.Table:
    return everybody(shop.snapshots.open(version.members_id))


def free_shipping_best(row: Row) -> bool:
    return row["best_trigger"] == "free_shipping"


def text(found: CustomerWhy) -> str:
    return " ".join(found.sentences)


def check_numbers(found: CustomerWhy, row: Row) -> None:
    """The best, the runner-up and the margin from the scores, and no number that nothing gives."""
    net = {
        "free_shipping": row["net_value_for_free_shipping"],
        "gift_guide": row["net_value_for_gift_guide"],
        "none": 0.0,
    }
    best, second, _ = sorted(net, key=lambda key: -net[key])  # type: ignore[operator]
    assert (found.best, found.runner_up, found.unit) == (best, second, "EUR")
    assert found.margin == pytest.approx(net[best] - net[second])  # type: ignore[operator]
    assert found.uplift_score == row["uplift_score_for_free_shipping"]
    gap = net[best] - net["free_shipping"] if best != "free_shipping" else found.margin  # type: ignore[operator]
    assert found.uplift is not None
    given = [f"{gap:.2f}", f"{gap:.3f}", f"{found.uplift_score * 100:+.1f}"]
    given += [
        f"{x * 100:+.1f}" for x in (found.uplift.estimate, found.uplift.low, found.uplift.high)
    ]
    for reason in found.reasons:
        given += [f"{reason.effect * 100:+.1f}", *re.findall(r"\d[\d.,]*\d|\d", reason.value)]
    if found.change is not None:
        given += re.findall(r"\d[\d.,]*\d|\d", found.change.value)
    told = text(found).replace(found.customer_id, "")
    for part in found.unmet:
        told = told.replace(part.text, "")
    said = re.findall(r"[-+]?\d[\d,]*(?:\.\d+)?", told)
    assert said
    assert set(said) <= set(given)


def test_a_member_is_told_why(
    shop: Workspace, version: SegmentVersion, rows: dict[str, Row]
) -> None:
    for row in members(shop, version).slice(0, 4).to_pylist():
        identity = row["customer_id"]
        found = why(shop, identity, version.segment_id)
        assert found.standing is Standing.MEMBER
        assert found.unmet == ()
        assert found.sentences[0] == f"{identity} is in this segment."
        assert found.best == found.trigger == "free_shipping"
        assert found.uplift is not None
        frozen = (row["estimate"], row["low"], row["high"], row["basis"])
        uplift = found.uplift
        assert (uplift.estimate, uplift.low, uplift.high, uplift.basis) == frozen
        check_numbers(found, rows[identity])
        assert CustomerWhy.model_validate_json(found.model_dump_json()) == found


def test_reasons_are_the_largest_treeshap_values(
    shop: Workspace, version: SegmentVersion, rows: dict[str, Row]
) -> None:
    identity = members(shop, version).column("customer_id")[0].as_py()
    found = why(shop, identity, version.segment_id)
    model = load_model(shop, version.model_id)
    table = shop.current(PROFILES).table()
    table = table.filter(pa.compute.equal(table.column("customer_id"), identity))
    fields = [shop.schema()[name] for name in model.features.names]
    values = shap_values(model, feature_frame(table, fields), "free_shipping")[0]
    order = [i for i in np.argsort(-np.abs(values), kind="stable")[:3] if values[i] != 0]
    assert [reason.field for reason in found.reasons] == [model.features.names[i] for i in order]
    assert [reason.effect for reason in found.reasons] == pytest.approx(values[order].tolist())
    assert found.reasons[0].field == "basket"
    assert found.reasons[0].value == f"{rows[identity]['basket']:,.4g}"
    assert "usual basket" in text(found)


def test_the_change_named_does_change_the_choice(
    shop: Workspace, version: SegmentVersion, rows: dict[str, Row]
) -> None:
    model = load_model(shop, version.model_id)
    fields = [shop.schema()[name] for name in model.features.names]
    changed = 0
    for identity in members(shop, version).column("customer_id").to_pylist()[:6]:
        found = why(shop, identity, version.segment_id)
        if found.change is None or found.change.field != "basket":
            continue
        table = pa.Table.from_pylist([rows[identity] | {"basket": float(found.change.value)}])
        best = int(model.score(feature_frame(table, fields)).best[0])
        assert model.arms[best] == found.change.trigger != "free_shipping"
        changed += 1
    assert changed


def test_the_conditions_that_fail_are_named_with_the_customers_values(
    shop: Workspace, version: SegmentVersion, rows: dict[str, Row]
) -> None:
    one = next(i for i, r in rows.items() if r["past_orders"] == 1 and r["region"] == "south")
    found = why(shop, one, version.segment_id)
    assert found.standing is Standing.UNMET
    assert [part.criteria_text for part in found.unmet] == [
        "orders before at least 2",
        "region is north",
    ]
    assert [part.values for part in found.unmet] == [{"past_orders": "1"}, {"region": "south"}]
    assert "It asks for: orders before at least 2. This customer: orders before 1." in text(found)
    assert "It asks for: region is north. This customer: region south." in text(found)
    check_numbers(found, rows[one])
    half = next(i for i, r in rows.items() if r["past_orders"] == 3 and r["region"] == "south")
    assert [p.criteria_text for p in why(shop, half, version.segment_id).unmet] == [
        "region is north"
    ]


def test_a_group_that_fails_is_told_whole(shop: Workspace, rows: dict[str, Row]) -> None:
    newsletter = Condition(field="newsletter", op=Op.EQ, value=True)
    cheap = Condition(field="basket", op=Op.LT, value=30)
    made = segment(shop, AnyOf(any=(newsletter, cheap)))
    unknown = next(i for i, r in rows.items() if not r["newsletter"] and r["basket"] is None)
    (part,) = why(shop, unknown, made.segment_id).unmet
    assert part.values == {"newsletter": "does not read the newsletter", "basket": "not known"}
    assert part.text == (
        "It asks for one of these: reads the newsletter or usual basket < 30. "
        "This customer: does not read the newsletter and usual basket not known."
    )


def test_another_trigger_that_is_better_is_named(
    shop: Workspace, version: SegmentVersion, rows: dict[str, Row]
) -> None:
    for wanted in ("gift_guide", "none"):
        one = next(
            i
            for i, r in rows.items()
            if r["past_orders"] >= 2 and r["region"] == "north" and r["best_trigger"] == wanted  # type: ignore[operator]
        )
        found = why(shop, one, version.segment_id)
        assert (found.standing, found.best, found.unmet) == (Standing.OTHER_TRIGGER, wanted, ())
        told = {"gift_guide": "Gift guide", "none": "Doing nothing"}[wanted]
        assert f"{told} is the best choice for this customer; free shipping is" in text(found)
        check_numbers(found, rows[one])


def test_who_was_cut_off_is_told_so(shop: Workspace, rows: dict[str, Row]) -> None:
    made = segment(shop, NORTH, max_customers=100)
    kept = set(members(shop, made).column("customer_id").to_pylist())
    one = next(
        i
        for i, r in rows.items()
        if r["region"] == "north" and free_shipping_best(r) and i not in kept
    )
    found = why(shop, one, made.segment_id)
    assert found.standing is Standing.CUT
    assert "cut off: kept are only the 100 with the highest expected net value" in text(found)


def test_only_the_triggers_that_the_brief_allows_are_compared(
    shop: Workspace, rows: dict[str, Row]
) -> None:
    made = segment(shop, NORTH, allowed_interventions=("free_shipping",))
    one = next(
        i
        for i, r in rows.items()
        if r["region"] == "north"
        and r["best_trigger"] == "gift_guide"
        and r["net_value_for_free_shipping"] > 0  # type: ignore[operator]
    )
    found = why(shop, one, made.segment_id)
    assert (found.standing, found.best, found.runner_up) == (
        Standing.MEMBER,
        "free_shipping",
        "none",
    )
    assert found.margin == pytest.approx(rows[one]["net_value_for_free_shipping"])
    assert found.change is None or found.change.trigger == "none"


def test_who_is_not_known_is_not_found(shop: Workspace, version: SegmentVersion) -> None:
    with pytest.raises(NotFound, match="nobody-here"):
        why(shop, "nobody-here", version.segment_id)
    with pytest.raises(NotFound, match="seg_none"):
        why(shop, "p00001", "seg_none")


def test_who_came_later_is_told_so(own: Workspace) -> None:
    made = segment(own, NORTH)
    profiles = own.current(PROFILES)
    newcomer = profiles.table().slice(0, 1).to_pylist()[0] | {"customer_id": "p99999"}
    table = pa.Table.from_pylist([newcomer], profiles.table().schema)
    later = own.snapshots.write("profiles", [(0, table)], meta=profiles.meta)
    with own.control.write() as session:
        definitions.put_current(session, PROFILES, later.id)
    found = why(own, "p99999", made.segment_id)
    assert (found.standing, found.reasons, found.best) == (Standing.LATER, (), None)
    assert "was not known yet" in text(found)
