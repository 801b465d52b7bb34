"""The LLM tier of discovery against a real server: what is sent, what comes back, what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import openai
import pytest

from domain.discovery import DiscoveryParameters, Tier
from domain.errors import NoEvidence
from domain.parsing import check
from interpreter.completion import Completer
from interpreter.llm import LlmSettings
from tests.llmserver import small_server
from workflows.discovery import discover, list_discoveries
from workflows.workspace import PROFILES, Workspace

pytestmark = pytest.mark.slow

FIELDS = ("past_orders", "basket", "newsletter", "region")
SAID_OF_A_FIELD = {
    "field",
    "meaning",
    "type",
    "operators",
    "missing_share",
    "unit",
    "quantiles",
    "levels",
}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with small_server() as address:
        yield address


def test_statistics_go_to_a_real_llm_and_only_checked_definitions_come_back(
    own: Workspace, base_url: str
) -> None:
    sent: list[bytes] = []
    spying = httpx.Client(event_hooks={"request": [lambda request: sent.append(request.read())]})
    settings = LlmSettings(base_url, "smollm2", "none", timeout=600.0, retries=0, max_tokens=120)
    client = openai.OpenAI(
        base_url=base_url, api_key="none", timeout=600.0, max_retries=0, http_client=spying
    )
    completer = Completer(settings, client)
    parameters = DiscoveryParameters(tier=Tier.LLM, fields=FIELDS, max_clusters=3)
    before = list_discoveries(own)
    try:
        found = discover(own, parameters, completer=completer, confirmed=True)
    except NoEvidence as error:
        assert error.field == "tier"
        assert "fewer than two definitions of use (" in error.message
        assert list_discoveries(own) == before
    else:
        assert found.tier is Tier.LLM
        assert found.tokens is not None
        assert len(found.cards) >= 2
        for card in found.cards:
            assert card.filter_rules is not None
            check(card.filter_rules.criteria, own.schema())
    assert completer.used.prompt > 300
    assert completer.used.completion > 0
    (body,) = sent
    only_statistics(body, own)


def only_statistics(body: bytes, workspace: Workspace) -> None:
    """The request holds what is said of fields, and no value that is one customer's."""
    asked = json.loads(body)
    assert asked["response_format"] == {"type": "json_object"}
    system, user = asked["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    told = json.loads(user["content"])
    assert set(told) == {
        "rows",
        "row_is_one_of",
        "segments_at_least",
        "segments_at_most",
        "fields",
    }
    assert tuple(field["field"] for field in told["fields"]) == FIELDS
    assert all(set(field) <= SAID_OF_A_FIELD for field in told["fields"])
    people = workspace.current(PROFILES).table(["customer_id", "basket"])
    text = body.decode()
    assert not any(one in text for one in people.column("customer_id").to_pylist())
    baskets = sorted(value for value in people.column("basket").to_pylist() if value is not None)
    (basket,) = (field for field in told["fields"] if field["field"] == "basket")
    assert len(basket["quantiles"]) == 5
    assert baskets[0] < basket["quantiles"]["5%"] < basket["quantiles"]["95%"] < baskets[-1]
