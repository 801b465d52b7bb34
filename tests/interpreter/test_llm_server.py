"""The LLM reader against a real OpenAI-compatible server with a very small model.

For protocol, schema and usage, not for accuracy (see `tests.llmserver`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.criteria import to_json
from domain.customer import STANDARD
from domain.parsing import parse
from interpreter.llm import LlmReader, LlmSettings
from interpreter.reader import ReaderContext, read
from tests.llmserver import small_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with small_server() as address:
        yield address


def test_a_small_model_answers_within_the_schema_or_the_reader_falls_back(base_url: str) -> None:
    settings = LlmSettings(base_url, "smollm2", "none", timeout=240.0, retries=0, max_tokens=700)
    llm = LlmReader(settings)
    brief = "Win back customers in Spain who have not bought for 120 days with free shipping."
    reading = read(brief, ReaderContext(llm=llm))
    parse(to_json(reading.objective.audience), STANDARD)
    assert reading.objective.brief == brief
    assert reading.tokens is not None and reading.tokens.prompt > 500
    if reading.source == "offline":
        assert reading.reason is not None and "cut off" in reading.reason
        assert reading.objective == read(brief).objective
    else:
        for span in reading.spans:
            assert span.text.lower() in brief.lower()


def test_a_closed_port_falls_back() -> None:
    settings = LlmSettings("http://127.0.0.1:9/v1", "m", "none", timeout=2.0, retries=0)
    reading = read("Win back lapsed customers.", ReaderContext(llm=LlmReader(settings)))
    assert reading.source == "offline" and reading.reason == "the LLM can't be reached"
