"""Which model of an outcome is current: promoted by a rule, forced with a reason, rolled back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.errors import BadRequest, Conflict, NotFound
from storage import audit, models
from storage.models import ModelRecord
from uplift.challenge import Challenge
from uplift.evaluation import Estimate
from uplift.report import finite
from workflows.comparing import Comparison, compare
from workflows.modelscores import current_scores
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

__all__ = [
    "RULE",
    "ModelRecord",
    "Ruling",
    "list_models",
    "promote",
    "rollback",
    "show_model",
]

RULE = (
    "A model takes the place of the current one unless it is worse beyond noise: unless the whole "
    "95 % interval of its gain over it, out of fold on the same learning rows, lies below 0."
)


@dataclass(frozen=True)
class Ruling:
    """Whether a model was promoted, and why, in words. `against` is the model that was current,
    `gain` the challenger's over it; both None where there was none or no comparison."""

    promoted: bool
    words: str
    against: str | None = None
    gain: Estimate | None = None
    forced_because: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object; an infinite error becomes null."""
        plain: dict[str, Any] = finite(asdict(self))
        return plain


def list_models(workspace: Workspace) -> list[ModelRecord]:
    """Every model, the oldest first."""
    with workspace.control.read() as session:
        return models.listed(session)


def show_model(workspace: Workspace, model_id: str) -> ModelRecord:
    with workspace.control.read() as session:
        return models.get(session, model_id)


def promote(
    workspace: Workspace,
    model_id: str,
    *,
    forced_because: str | None = None,
    n_jobs: int = 2,
    actor: str = "cli",
) -> Ruling:
    """Make a model current if `RULE` allows it, or by force with a reason; else leave all as it is.

    Both ways the ruling is kept with the model and audited. Raises Conflict where the model is
    current already, BadRequest where the reason is empty.
    """
    if forced_because is not None and not forced_because.strip():
        raise BadRequest(
            "A promotion by force needs a reason.",
            remedy='Say why: --force --reason "...". The audit keeps it.',
            field="reason",
        )
    while True:
        with workspace.control.read() as session:
            record = models.get(session, model_id)
            champion = models.current(session).get(record.outcome)
        if record.current:
            raise Conflict(f"{model_id} is the current model of {record.outcome} already.")
        ruling = _ruling(
            record,
            None if champion is None else compare(workspace, record, champion, n_jobs),
            forced_because,
        )
        scores = current_scores(workspace, record, n_jobs) if ruling.promoted else None
        with workspace.control.write() as session:
            now = models.current(session).get(record.outcome)
            if (now and now.id) != (champion and champion.id):
                continue  # another was promoted meanwhile: that is the one to compare with
            if scores is not None:
                models.put_scores(session, model_id, scores.id)
                models.promote(session, model_id, workspace.now())
            models.put_ruling(session, model_id, ruling.to_json())
            audit.append(
                session,
                at=workspace.now(),
                actor=actor,
                action="promote" if ruling.promoted else "keep",
                subject=model_id,
                detail={"outcome": record.outcome, **ruling.to_json()},
            )
        return ruling


def rollback(
    workspace: Workspace, outcome: str, *, reason: str = "", n_jobs: int = 2, actor: str = "cli"
) -> tuple[ModelRecord, ModelRecord]:
    """Make the model current that was so before; gives it, and the one that was rolled back.

    Rolling back again goes one promotion further back. Raises NotFound where no model is current,
    Conflict where there was none before it.
    """
    name = find_outcome(workspace, outcome).name
    with workspace.control.read() as session:
        promoted = [models.get(session, one) for one in models.succession(session, name)[:2]]
    if not promoted:
        raise NotFound(f"No model of {name} is current.", remedy="Run `aether train`.")
    if len(promoted) == 1:
        raise Conflict(
            f"No model of {name} was current before {promoted[0].id}.",
            remedy="Promote another one: `aether models promote MODEL`.",
        )
    last, former = promoted
    scores = current_scores(workspace, former, n_jobs)
    why = f" ({reason})" if reason else ""
    undone = Ruling(False, f"It was rolled back to {former.id}{why}.", former.id)
    again = Ruling(True, f"It is current again, as {last.id} was rolled back{why}.", last.id)
    with workspace.control.write() as session:
        if models.succession(session, name)[:2] != [last.id, former.id]:
            raise Conflict(
                f"Another model of {name} was promoted meanwhile.", remedy="Look, and try again."
            )
        models.roll_back(session, name, workspace.now())
        models.put_scores(session, former.id, scores.id)
        models.put_ruling(session, last.id, undone.to_json())
        models.put_ruling(session, former.id, again.to_json())
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="rollback",
            subject=former.id,
            detail={"outcome": name, "instead_of": last.id, "reason": reason},
        )
        return models.get(session, former.id), models.get(session, last.id)


def _ruling(
    record: ModelRecord, comparison: Comparison | None, forced_because: str | None
) -> Ruling:
    if comparison is None:
        return Ruling(True, f"It was promoted, as the first model of {record.outcome}.")
    against = comparison.champion.id
    result = comparison.result
    gain = result.gain if isinstance(result, Challenge) else None
    if isinstance(result, Challenge) and result.not_worse:
        return Ruling(True, f"It was promoted. {comparison.words}", against, gain)
    if forced_because is not None:
        words = f"It was promoted by force ({forced_because}). {comparison.words}"
        return Ruling(True, words, against, gain, forced_because)
    return Ruling(False, f"It was kept, but not promoted. {comparison.words}", against, gain)
