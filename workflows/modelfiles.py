"""A model's folder, `models/MODEL`: LightGBM's text, JSON, and the card as a page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from uplift.groups import EffectGroups
from uplift.learning import Learned
from uplift.model import UpliftModel
from workflows.cards import card_page
from workflows.workspace import Workspace


def model_folder(workspace: Workspace, model_id: str) -> Path:
    return workspace.root / "models" / model_id


def keep_model(workspace: Workspace, model_id: str, learned: Learned, card: dict[str, Any]) -> None:
    """Write the folder whole, or leave nothing."""
    final = model_folder(workspace, model_id)
    temporary = final.with_name(f".writing-{model_id}")
    temporary.mkdir(parents=True)
    try:
        learned.model.save(temporary)
        groups = json.dumps(learned.groups.to_json(), indent=1)
        (temporary / "groups.json").write_text(groups, encoding="utf-8")
        (temporary / "card.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
        (temporary / "card.html").write_text(card_page(card), encoding="utf-8")
        temporary.rename(final)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def load_model(workspace: Workspace, model_id: str, n_jobs: int = 2) -> UpliftModel:
    return UpliftModel.load(model_folder(workspace, model_id), n_jobs=n_jobs)


def load_groups(workspace: Workspace, model_id: str) -> EffectGroups:
    path = model_folder(workspace, model_id) / "groups.json"
    return EffectGroups.from_json(json.loads(path.read_text("utf-8")))
