"""What each trigger would bring to an objective's audience, before any segment is made of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.experiment import Outcome
from domain.objective import CampaignObjective
from domain.segment import RankedTrigger
from domain.sentences import sentence
from storage import models
from workflows.allowedtriggers import allowed_triggers
from workflows.budgeting import Spending, spending_of
from workflows.campaign import require_ready
from workflows.deciding import open_decision
from workflows.disagreement import said_of_disagreement
from workflows.jointly import said_together
from workflows.ranking import rank_triggers
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Suggestions:
    """Every trigger by its worth to the `reached`, `none` among them: to all who are eligible, or
    to as many as the brief lets be addressed, those worth it most. `allowed` are those that may be
    given; `spending` says what a budget buys, or in words why that can't be told; `costs` are what
    each trigger costs on average for each of the reached, None where that is not known.
    `differs` says why the first of the ranking is not what most customers would get, if so."""

    objective: CampaignObjective
    outcome: Outcome
    model_id: str
    audience_text: str
    eligible: int
    reached: int
    ranking: tuple[RankedTrigger, ...]
    allowed: tuple[str, ...]
    costs: dict[str, float | None]
    spending: Spending | str
    differs: str | None
    remarks: tuple[str, ...]


def suggest_triggers(workspace: Workspace, objective: CampaignObjective) -> Suggestions:
    """The ranking that `build_segments` decides by, with nothing kept but that the reporting part
    was looked at. Raises as `build_segments` does."""
    record, why = require_ready(workspace, objective)
    with open_decision(workspace, objective, record) as decision:
        allowed, remarks = allowed_triggers(objective, decision.model.judged, decision.catalogue)
        eligible = decision.people.count(decision.audience)
        ranking, triggers = rank_triggers(decision, allowed, eligible)
        spending, costs = spending_of(decision, allowed, eligible)
        found = Suggestions(
            objective,
            decision.outcome,
            record.id,
            sentence(decision.audience, decision.schema),
            eligible,
            decision.reached(eligible),
            ranking,
            allowed,
            costs,
            spending,
            said_of_disagreement(decision, ranking, allowed) if eligible and allowed else None,
            (f"{why[0].upper()}{why[1:]}.", *remarks, *said_together(triggers)),
        )
        scores_id = decision.scores_id
    with workspace.control.write() as session:
        models.count_look(session, record.id)
        models.put_scores(session, record.id, scores_id)
    return found
