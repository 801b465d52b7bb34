"""Boosted trees compiled into flat arrays and scored by one numba kernel.

Small trees are scored several times faster than by LightGBM's own predict, which it equals to the
last few bits: many models are evaluated in one pass over the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import lightgbm as lgb
import numba
import numpy as np
from numpy.typing import NDArray

from uplift.dataset import FloatArray

CATEGORICAL = 1
DEFAULT_LEFT = 2
MISSING_IS_NAN = 4
MISSING_IS_ZERO = 8
BLOCK = 256
CHUNK = 64 * BLOCK
SMALL = 7
"""Trees of up to this many splits are evaluated whole, without branches."""


@dataclass(frozen=True)
class Forest:
    """The trees of several boosters; `score` sums each booster's into its own column.

    A child below 0 is the leaf with the number ~child. `threshold` are float32, rounded down, so
    that comparing float32 features with them decides as LightGBM's float64 comparison does.
    `bits` holds the categorical splits' bit sets, each node's from `set_start` on, `set_words`
    words of 32.
    """

    root: NDArray[np.int32]
    nodes: NDArray[np.int32]
    column: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    flags: NDArray[np.uint8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    set_start: NDArray[np.int32]
    set_words: NDArray[np.int32]
    bits: NDArray[np.uint32]
    leaf: NDArray[np.float64]
    columns: int

    @classmethod
    def of(cls, boosters: Sequence[lgb.Booster]) -> Forest:
        """The forest of one-output regression boosters, a column each."""
        builder = _Builder()
        for column, booster in enumerate(boosters):
            for text in booster.model_to_string().split("\nTree=")[1:]:
                builder.add(column, text)
        return builder.build(len(boosters))

    def score(
        self,
        matrix: NDArray[np.float32],
        rows: NDArray[np.int64] | None = None,
        n_jobs: int = 1,
    ) -> FloatArray:
        """(n, columns) sums of leaf values for a C-ordered float32 matrix (n, features).

        `rows` scores only those rows, without a copy of them all. Python threads share the work,
        not numba's own, whose threading layers are unsafe beside other threads or after a fork.
        """
        n = len(matrix) if rows is None else len(rows)
        out = np.zeros((n, self.columns))

        def score_chunk(first: int) -> None:
            last = min(first + CHUNK, n)
            part = matrix[first:last] if rows is None else matrix[rows[first:last]]
            _score(
                np.ascontiguousarray(part, dtype=np.float32), self.root, self.nodes, self.column,
                self.feature, self.threshold, self.flags, self.left, self.right,
                self.set_start, self.set_words, self.bits, self.leaf, out[first:last],
            )  # fmt: skip

        starts = range(0, n, CHUNK)
        if n_jobs == 1 or len(starts) < 2:
            for first in starts:
                score_chunk(first)
        else:
            with ThreadPoolExecutor(n_jobs) as pool:
                list(pool.map(score_chunk, starts))
        return out


class _Builder:
    """Collects trees from LightGBM's text."""

    def __init__(self) -> None:
        self.root: list[int] = []
        self.nodes: list[int] = []
        self.column: list[int] = []
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.flags: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.set_start: list[int] = []
        self.set_words: list[int] = []
        self.bits: list[int] = []
        self.leaf: list[float] = []

    def add(self, column: int, text: str) -> None:
        """Append one tree, as LightGBM writes it."""
        fields = dict(line.split("=", 1) for line in text.split("\n\n")[0].split("\n")[1:] if line)
        leaves = [float(value) for value in fields["leaf_value"].split()]
        nodes = len(self.feature)
        self.column.append(column)
        first_leaf = len(self.leaf)
        self.leaf.extend(leaves)
        self.nodes.append(len(leaves) - 1)
        if int(fields["num_leaves"]) == 1:
            self.root.append(~first_leaf)
            return
        self.root.append(nodes)

        def child(value: str) -> int:
            place = int(value)
            return nodes + place if place >= 0 else ~(first_leaf + ~place)

        self.left.extend(child(value) for value in fields["left_child"].split())
        self.right.extend(child(value) for value in fields["right_child"].split())
        self.feature.extend(int(value) for value in fields["split_feature"].split())
        boundaries = [int(value) for value in fields.get("cat_boundaries", "0").split()]
        words = [int(value) for value in fields.get("cat_threshold", "").split()]
        first_word = len(self.bits)
        self.bits.extend(words)
        for threshold, decision in zip(
            fields["threshold"].split(), fields["decision_type"].split(), strict=True
        ):
            kind = int(decision)
            missing = kind >> 2 & 3
            flag = (kind & (CATEGORICAL | DEFAULT_LEFT)) | {0: 0, 1: 8, 2: 4}[missing]
            self.flags.append(flag)
            if kind & CATEGORICAL:
                place = int(float(threshold))
                self.threshold.append(0.0)
                self.set_start.append(first_word + boundaries[place])
                self.set_words.append(boundaries[place + 1] - boundaries[place])
            else:
                self.threshold.append(float(_rounded_down(float(threshold))))
                self.set_start.append(0)
                self.set_words.append(0)

    def build(self, columns: int) -> Forest:
        return Forest(
            np.array(self.root, dtype=np.int32),
            np.array(self.nodes, dtype=np.int32),
            np.array(self.column, dtype=np.int32),
            np.array(self.feature, dtype=np.int32),
            np.array(self.threshold, dtype=np.float32),
            np.array(self.flags, dtype=np.uint8),
            np.array(self.left, dtype=np.int32),
            np.array(self.right, dtype=np.int32),
            np.array(self.set_start, dtype=np.int32),
            np.array(self.set_words, dtype=np.int32),
            np.array(self.bits, dtype=np.uint32),
            np.array(self.leaf, dtype=np.float64),
            columns,
        )


def _rounded_down(threshold: float) -> np.float32:
    """The largest float32 that is not above the threshold."""
    largest = np.finfo(np.float32).max
    if threshold >= largest:
        return largest
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


@numba.njit(cache=True, inline="always")
def _goes_left(value, threshold, flag, start, words, bits):  # type: ignore[no-untyped-def]
    if flag & 1:
        if np.isnan(value) or value < 0:
            return False
        code = np.int64(value)
        word = code >> 5
        return word < words and (bits[start + word] >> np.uint32(code & 31)) & 1 == 1
    if np.isnan(value):
        if flag & 4:
            return flag & 2 != 0
        value = np.float32(0.0)
    if flag & 8 and abs(value) <= 1e-35:
        return flag & 2 != 0
    return value <= threshold


@numba.njit(cache=True, inline="always")
def _select(  # type: ignore[no-untyped-def]
    partial, place, values, threshold, flag, left, right, set_start, set_words, bits, leaf, start,
    size,
):  # fmt: skip
    out = partial[place]
    yes = leaf[~left] if left < 0 else 0.0
    no = leaf[~right] if right < 0 else 0.0
    lefts = partial[left - start] if left >= 0 else out
    rights = partial[right - start] if right >= 0 else out
    if flag & 9:
        for i in range(size):
            goes = _goes_left(values[i], threshold, flag, set_start, set_words, bits)
            if goes:
                out[i] = lefts[i] if left >= 0 else yes
            else:
                out[i] = rights[i] if right >= 0 else no
        return
    missing = flag & 2 != 0 if flag & 4 else np.float32(0.0) <= threshold
    if left < 0 and right < 0:
        for i in range(size):
            goes = (values[i] <= threshold) | ((values[i] != values[i]) & missing)
            out[i] = yes if goes else no
    elif left < 0:
        for i in range(size):
            goes = (values[i] <= threshold) | ((values[i] != values[i]) & missing)
            out[i] = yes if goes else rights[i]
    elif right < 0:
        for i in range(size):
            goes = (values[i] <= threshold) | ((values[i] != values[i]) & missing)
            out[i] = lefts[i] if goes else no
    else:
        for i in range(size):
            goes = (values[i] <= threshold) | ((values[i] != values[i]) & missing)
            out[i] = lefts[i] if goes else rights[i]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _score(  # type: ignore[no-untyped-def]
    matrix, root, nodes, column, feature, threshold, flags, left, right, set_start, set_words, bits,
    leaf, out,
):  # fmt: skip
    n, width = matrix.shape
    for block in range((n + BLOCK - 1) // BLOCK):
        first = block * BLOCK
        size = min(BLOCK, n - first)
        # Transposed, a block's values of one feature lie side by side: a tree reads few lines.
        values = np.empty((width, BLOCK), dtype=np.float32)
        for i in range(size):
            for j in range(width):
                values[j, i] = matrix[first + i, j]
        sums = np.zeros((out.shape[1], BLOCK))
        partial = np.empty((SMALL, BLOCK))
        for tree in range(len(root)):
            total = sums[column[tree]]
            start = root[tree]
            if start < 0:
                for i in range(size):
                    total[i] += leaf[~start]
                continue
            if nodes[tree] <= SMALL:
                # Node by node from the last, so that children come before their parent: each is
                # one pass of compares and selects over the block, which the compiler vectorises.
                for node in range(start + nodes[tree] - 1, start - 1, -1):
                    _select(
                        partial, node - start, values[feature[node]], threshold[node],
                        flags[node], left[node], right[node], set_start[node], set_words[node],
                        bits, leaf, start, size,
                    )  # fmt: skip
                top = partial[0]
                for i in range(size):
                    total[i] += top[i]
                continue
            for i in range(size):
                node = start
                while node >= 0:
                    goes = _goes_left(
                        values[feature[node], i], threshold[node], flags[node],
                        set_start[node], set_words[node], bits,
                    )  # fmt: skip
                    node = left[node] if goes else right[node]
                total[i] += leaf[~node]
        for c in range(out.shape[1]):
            for i in range(size):
                out[first + i, c] = sums[c, i]
