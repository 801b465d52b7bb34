"""What a decision rests on, opened: today's customers as a model scores them, and its witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.objective import CampaignObjective
from storage.models import ModelRecord
from storage.population import Population
from workflows.axiswitnesses import require_witnesses
from workflows.decision import Decision
from workflows.modelfiles import load_groups, load_model
from workflows.modelscores import current_scores
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace


@contextmanager
def open_decision(
    workspace: Workspace,
    objective: CampaignObjective,
    record: ModelRecord,
    *,
    exact: bool = False,
) -> Iterator[Decision]:
    """A decision about an objective by a model; customers whose profiles are newer than the model's
    scores are scored anew. With `exact` the audience is the whole of the criteria."""
    schema = workspace.schema()
    today = workspace.people()
    scores = current_scores(workspace, record)
    evidence = workspace.snapshots.open(record.evidence_id)
    require_witnesses(workspace, objective.audience, evidence)
    with (
        Population(schema, [*today, scores]) as people,
        Population(schema, [evidence]) as witnesses,
    ):
        yield Decision(
            workspace,
            objective,
            record,
            find_outcome(workspace, record.outcome),
            load_model(workspace, record.id),
            load_groups(workspace, record.id),
            schema,
            workspace.catalogue(),
            people,
            witnesses,
            people.resolve(objective.audience),
            today[0].id,
            today[1].id if len(today) > 1 else None,
            scores.id,
            exact,
        )
