"""A segment kept as it is, without a model, for tests of what comes after."""

from domain.criteria import Expression
from domain.objective import CampaignObjective
from domain.segment import Explanation, SegmentVersion
from storage import segments
from storage.members import COLUMNS, KIND
from storage.population import Population
from workflows.workspace import PROFILES, Workspace


def keep_segment(
    workspace: Workspace, trigger: str, criteria: Expression, segment_id: str = "seg_frozen"
) -> SegmentVersion:
    with Population(workspace.schema(), [workspace.current(PROFILES)]) as people:
        ids = people.select(criteria, ["customer_id"]).column("customer_id").to_pylist()
    rows = [
        {
            "customer_id": identity,
            "recommended_trigger": trigger,
            "estimate": 0.1,
            "low": 0.05,
            "high": 0.15,
            "basis": "a test",
            "uplift_score": 0.1,
            "expected_net_value": 1.0,
            "runner_up_trigger": "none",
        }
        for identity in ids
    ]
    members = workspace.snapshots.write(
        KIND, [(0, COLUMNS.empty_table().from_pylist(rows, COLUMNS))]
    )
    version = SegmentVersion(
        segment_id=segment_id,
        version=1,
        name="Frozen",
        recommended_trigger=trigger,
        criteria=criteria,
        criteria_text="everyone",
        size=len(rows),
        outcome="converted",
        expected_lift=None,
        expected_net_value=None,
        value_unit="EUR",
        explanation=Explanation(text="For a test."),
        objective=CampaignObjective(),
        model_id="none",
        profiles_id=workspace.current(PROFILES).id,
        members_id=members.id,
        created_at=workspace.now(),
    )
    with workspace.control.write() as session:
        segments.add_version(session, version)
    return version
