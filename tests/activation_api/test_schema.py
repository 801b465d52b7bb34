"""Schemathesis asks every operation for what its documents allow and forbid: no 5xx, and no answer
that is not documented."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup

from activation_api.app import create_app
from domain.scopes import Scope
from tests.activation_api.little import little, with_segment
from workflows.keys import create_key

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[schemathesis.BaseSchema, str]]:
    workspace = little(tmp_path_factory.mktemp("schema") / "shop")
    with_segment(workspace)
    _, secret = create_key(workspace, "tests", tuple(Scope))
    app = create_app(workspace, rate_limit=10_000_000)
    yield schemathesis.openapi.from_asgi("/openapi.json", app), secret
    workspace.close()


def test_every_answer_is_documented(served: tuple[schemathesis.BaseSchema, str]) -> None:
    schema, secret = served
    faults: list[str] = []
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        assert operation is not None, found
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                database=None,
                report_multiple_bugs=False,
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def answers(case: schemathesis.Case) -> None:
                nonlocal asked
                asked += 1
                response = case.call(headers={"X-API-Key": secret})
                case.validate_response(response, checks=list(CHECKS))

            try:
                answers()
            except (FailureGroup, Unsatisfiable) as fault:
                if isinstance(fault, FailureGroup):
                    words = "; ".join(str(one) for one in fault.exceptions)
                    faults.append(f"{operation.label} ({mode.value}): {words}")
    assert not faults, "\n\n".join(faults)
    assert asked > EXAMPLES * 10
