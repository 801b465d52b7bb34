"""An objective that came in as JSON, checked."""

from __future__ import annotations

from pydantic import ValidationError

from domain.errors import BadObjective
from domain.objective import CampaignObjective
from domain.parsing import parse
from workflows.workspace import Workspace


def checked_objective(raw: dict[str, object], workspace: Workspace) -> CampaignObjective:
    """A checked objective; the audience is read first, so that its errors name the field."""
    checked = dict(raw)
    if "audience" in checked:
        checked["audience"] = parse(checked["audience"], workspace.schema())
    try:
        return CampaignObjective.model_validate(checked)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "objective"
        raise BadObjective(f"objective.{field}: {first['msg']}.", field=field) from None
