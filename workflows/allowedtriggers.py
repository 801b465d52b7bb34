"""Which triggers an objective leaves to choose among."""

from __future__ import annotations

from collections.abc import Sequence

from domain.objective import CampaignObjective
from domain.triggers import TriggerCatalogue
from workflows.decision import named


def allowed_triggers(
    objective: CampaignObjective, judged: Sequence[str], catalogue: TriggerCatalogue
) -> tuple[tuple[str, ...], list[str]]:
    """The judged triggers that the objective leaves to choose among, with remarks."""
    remarks = []
    wanted = objective.allowed_interventions
    if not wanted and objective.proposed_intervention is not None:
        wanted = (objective.proposed_intervention,)
    chosen = [
        key
        for key in judged
        if (not wanted or key in wanted) and key not in objective.excluded_interventions
    ]
    for key in wanted:
        if key not in judged:
            remarks.append(f"{named(key).capitalize()} was not tried often enough to be judged.")
    if objective.channel is not None:
        off = [k for k in chosen if objective.channel not in catalogue.require(k).channels]
        chosen = [key for key in chosen if key not in off]
        remarks.extend(f"{named(k).capitalize()} can't go by {objective.channel}." for k in off)
    return tuple(chosen), remarks
