"""The company after three trainings: a first model, one of another seed, and a worse one."""

from __future__ import annotations

from datetime import timedelta
from functools import cache, partial
from pathlib import Path

import pytest

from tests.workflows.company import NOW, OPTIONS, built, copied
from uplift.learning import LearningSettings
from workflows import training
from workflows.promotion import list_models
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

FIRST, SECOND, WORSE = 0, 1, 2
"""Places among the models of `converted`: the second is current, the first was before it, and the
worse one, which may not personalise and so gives everybody the same trigger, was refused."""


@cache
def retrained(company: Path, folder: Path) -> Path:
    """A workspace with the three models, made once a process."""
    workspace = copied(built(company), folder)
    outcome = find_outcome(workspace, "converted")
    workspace.now = lambda: NOW + timedelta(hours=1)
    train(workspace, outcome, TrainingOptions(seed=9, n_jobs=1, folds=3))
    workspace.now = lambda: NOW + timedelta(hours=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "LearningSettings", partial(LearningSettings, mixtures=()))
        train(workspace, outcome, OPTIONS)
    workspace.close()
    return workspace.root


def ids(workspace: Workspace) -> list[str]:
    """The models' ids, the oldest first."""
    return [record.id for record in list_models(workspace)]
