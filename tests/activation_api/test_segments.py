"""Segments over HTTP: made from a brief or an objective, listed, shown, pulled to the end."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from activation_api.briefschemas import ReadingOut
from activation_api.schemas import CustomerPage, PlanOut, SegmentDetail, SegmentList, TriggerList
from storage import segments
from storage.members import GIVEN_OUT
from tests.activation_api.test_app import is_problem
from workflows.workspace import Workspace

BRIEF = "Increase the conversion rate of customers in the south region"
WANTED = {"campaign_goal": "increase_conversion"}


def segments_of(api: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/api/v1/segments").json()["segments"]
    return found


def test_segments_are_listed_and_shown(api: TestClient, shop: Workspace) -> None:
    response = api.get("/api/v1/segments")
    listed = SegmentList.model_validate(response.json()).segments
    assert {one.recommended_trigger for one in listed} == {"free_shipping", "gift_guide"}
    for one in listed:
        shown = api.get(f"/api/v1/segments/{one.segment_id}").json()
        detail = SegmentDetail.model_validate(shown)
        assert detail.size == one.size
        assert detail.expected_lift is not None
        assert f"{detail.size:,} customers" in detail.explanation.text


@pytest.mark.parametrize("limit", [137, 1000])
def test_links_followed_to_the_end_give_everyone_once(
    api: TestClient, shop: Workspace, limit: int
) -> None:
    for one in segments_of(api)[:2]:
        link: str | None = f"/api/v1/segments/{one['segment_id']}/customers?limit={limit}"
        seen: list[str] = []
        while link is not None:
            response = api.get(link)
            assert response.headers["content-type"] == "application/json"
            page = CustomerPage.model_validate_json(response.content)
            assert (page.segment_id, page.version) == (one["segment_id"], 1)
            assert page.criteria == one["criteria"]
            assert page.recommended_trigger == one["recommended_trigger"]
            seen += [member.customer_id for member in page.customer_profiles]
            link = page.links.next
        with shop.control.read() as session:
            version = segments.get(session, one["segment_id"])
        members = shop.snapshots.open(version.members_id).read(GIVEN_OUT, ["customer_id"])
        assert members is not None
        assert seen == members.column("customer_id").to_pylist()


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 422), ("limit=1001", 422), ("limit=x", 422), ("cursor=x", 400)],
)
def test_a_page_that_can_not_be_is_a_problem(api: TestClient, query: str, status: int) -> None:
    segment_id = segments_of(api)[0]["segment_id"]
    body = is_problem(api.get(f"/api/v1/segments/{segment_id}/customers?{query}"), status)
    assert body["field"] == query.split("=")[0]


def test_a_cursor_of_another_segment_is_refused(api: TestClient) -> None:
    first, second = (one["segment_id"] for one in segments_of(api)[:2])
    link = api.get(f"/api/v1/segments/{first}/customers?limit=5").json()["links"]["next"]
    is_problem(api.get(link.replace(first, second)), 400)


def test_a_brief_is_read_edited_and_made_into_segments(api: TestClient) -> None:
    read = api.post("/api/v1/objectives", json={"brief": BRIEF})
    reading = ReadingOut.model_validate(read.json())
    assert reading.objective.brief == BRIEF
    objective = read.json()["objective"]
    audience = {"all": [{"field": "region", "op": "eq", "value": "islands"}]}
    edited = objective | {"audience": audience, "clarifications": []}
    response = api.post("/api/v1/segments", json={"objective": edited})
    assert response.status_code == 201, response.text
    plan = PlanOut.model_validate(response.json())
    assert plan.audience == "region is islands"
    assert sum(entry.preferred_by for entry in plan.ranking) == plan.eligible
    listed = {one["segment_id"] for one in segments_of(api)}
    assert {one.segment_id for one in plan.segments} <= listed


def test_a_clear_brief_becomes_segments_at_once(api: TestClient) -> None:
    response = api.post("/api/v1/segments", json={"brief": "Increase conversion"})
    assert response.status_code == 201, response.text
    assert PlanOut.model_validate(response.json()).eligible == 6_000


def test_rules_and_joint_intervals_are_there_where_asked_for(api: TestClient) -> None:
    wanted = {"brief": "Increase conversion", "rules": True}
    response = api.post("/api/v1/segments", json=wanted)
    assert response.status_code == 201, response.text
    plan = PlanOut.model_validate(response.json())
    assert len(plan.segments) == 2
    for one, raw in zip(plan.segments, response.json()["segments"], strict=True):
        assert one.rule is not None
        assert raw["rule"]["label"] == "approximation"
        assert raw["rule"]["criteria"].keys() <= {"all", "any", "field", "op", "value"}
        assert one.joint_lift is not None
        assert one.joint_lift.level == pytest.approx(0.975)
        shown = SegmentDetail.model_validate(api.get(f"/api/v1/segments/{one.segment_id}").json())
        assert shown.rule == one.rule
        assert shown.explanation.runner_up is not None
        assert shown.explanation.switch is not None
    assert any("2 segments looked at together" in remark for remark in plan.remarks)
    plain = api.post("/api/v1/segments", json={"brief": "Increase conversion"}).json()
    assert {one["rule"] for one in plain["segments"]} == {None}


def test_open_questions_make_nothing(api: TestClient) -> None:
    before = segments_of(api)
    brief = "Win back customers who have not bought in 60 days"
    questions = api.post("/api/v1/objectives", json={"brief": brief}).json()["questions"]
    assert questions
    body = is_problem(api.post("/api/v1/segments", json={"brief": brief}), 409)
    assert questions[0]["text"] in str(body["detail"])
    assert segments_of(api) == before


def test_an_unknown_field_is_named_with_its_nearest(api: TestClient) -> None:
    audience = {"field": "bassket", "op": "gt", "value": 5}
    wanted = {"objective": WANTED | {"audience": audience}}
    body = is_problem(api.post("/api/v1/segments", json=wanted), 422)
    assert body["field"] == "bassket"
    assert "basket" in str(body["remedy"])


def test_a_value_of_another_type_and_an_unknown_trigger_are_named(api: TestClient) -> None:
    audience = {"field": "basket", "op": "gt", "value": "much"}
    wanted = {"objective": WANTED | {"audience": audience}}
    assert is_problem(api.post("/api/v1/segments", json=wanted), 422)["field"] == "basket"
    wanted = {"objective": WANTED | {"proposed_intervention": "spell"}}
    assert is_problem(api.post("/api/v1/segments", json=wanted), 422)["field"] == "spell"


def test_a_brief_and_an_objective_at_once_are_refused(api: TestClient) -> None:
    both = {"brief": BRIEF, "objective": WANTED}
    is_problem(api.post("/api/v1/segments", json=both), 422)


def test_triggers_are_the_catalogue_and_the_companys_own(api: TestClient) -> None:
    listed = TriggerList.model_validate(api.get("/api/v1/triggers").json()).triggers
    by_key = {one.key: one for one in listed}
    assert by_key["free_shipping"].unit_cost == 0.1
    assert by_key["gift_guide"].channels == ["email", "web"]
    assert by_key["social_proof"].unit_cost is None


def test_a_training_is_queued_and_can_be_polled(api: TestClient) -> None:
    response = api.post("/api/v1/trainings", json={"outcome": "bought"})
    assert response.status_code == 202
    job = response.json()
    assert response.headers["location"] == f"/api/v1/jobs/{job['job_id']}"
    assert api.get(response.headers["location"]).json() == job
    assert (job["state"], job["progress"], job["result"]) == ("queued", 0.0, None)
    assert job in api.get("/api/v1/jobs").json()["jobs"]


@pytest.mark.parametrize("wanted", [{"outcome": "clicks"}, {"campaign": "atlantis"}])
def test_a_training_of_nothing_known_is_not_queued(api: TestClient, wanted: dict[str, str]) -> None:
    before = api.get("/api/v1/jobs").json()
    is_problem(api.post("/api/v1/trainings", json=wanted), 404)
    assert api.get("/api/v1/jobs").json() == before
