"""A served workspace with the segments of one objective, and a caller with a key."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from domain.objective import CampaignGoal, CampaignObjective
from domain.scopes import Scope
from tests.workflows.company import built, copied
from workflows.campaign import build_segments
from workflows.keys import create_key
from workflows.workspace import Workspace


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    company = built(tmp_path_factory.getbasetemp() / "company")
    workspace = copied(company, tmp_path_factory.mktemp("served"))
    build_segments(workspace, CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION))
    yield workspace
    workspace.close()


@pytest.fixture(scope="session")
def anonymous(shop: Workspace) -> TestClient:
    """A caller without a key."""
    return TestClient(
        create_app(shop, version="1.2.3", refusal_limit=10_000), raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def api(shop: Workspace) -> TestClient:
    _, secret = create_key(shop, "tests", (Scope.ADMIN,))
    app = create_app(shop, version="1.2.3")
    return TestClient(app, headers={"X-API-Key": secret}, raise_server_exceptions=False)
