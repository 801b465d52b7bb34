"""The command line over a trained workspace."""

from pathlib import Path

import pytest

from tests.workflows.company import built, copied


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A folder with a trained workspace, to be changed."""
    workspace = copied(built(tmp_path_factory.getbasetemp() / "company"), tmp_path)
    workspace.close()
    return workspace.root
