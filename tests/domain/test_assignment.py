"""Chance by hashing: fixed, uniform, and independent between salts."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy import stats

from domain.assignment import uniforms

IDS = [f"cust_{i:06d}" for i in range(20_000)]


def test_it_is_a_keyed_hash_of_the_id_alone() -> None:
    key = hashlib.blake2b(b"salt", digest_size=32).digest()
    slow = [
        (
            int.from_bytes(hashlib.blake2b(i.encode(), key=key, digest_size=8).digest(), "little")
            >> 11
        )
        / 2**53
        for i in IDS[:50]
    ]
    assert uniforms(IDS[:50], "salt").tolist() == slow
    assert uniforms(reversed(IDS[:50]), "salt").tolist() == slow[::-1]
    assert len(uniforms([], "salt")) == 0


def test_it_is_uniform_and_another_salt_tells_nothing() -> None:
    first, second = uniforms(IDS, "a"), uniforms(IDS, "b")
    assert stats.kstest(first, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    both = np.mean((first < 0.1) & (second < 0.1))
    assert abs(both - 0.01) < 0.003
    assert first.min() >= 0
    assert first.max() < 1
