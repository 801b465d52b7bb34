"""One company, imported and trained once; tests that change it take a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.company import NOW, built, copied
from tests.workflows.retrained import retrained
from workflows.workspace import Workspace


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a trained workspace, not to be changed."""
    return built(tmp_path_factory.getbasetemp() / "company")


@pytest.fixture(scope="session")
def trained(company: Path) -> Iterator[Workspace]:
    """The trained workspace, to be read."""
    workspace = Workspace.open(company, now=lambda: NOW)
    yield workspace
    workspace.close()


@pytest.fixture
def own(company: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the trained workspace, to be changed."""
    workspace = copied(company, tmp_path)
    yield workspace
    workspace.close()


@pytest.fixture
def lived(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace with three models (see `retrained`), to be changed."""
    base = tmp_path_factory.getbasetemp()
    workspace = copied(retrained(base / "company", base / "retrained"), tmp_path)
    yield workspace
    workspace.close()
