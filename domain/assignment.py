"""Chance by hashing: who is held out, or given a trigger at random, is a salted hash of the id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BYTES = 8


def uniforms(customer_ids: Iterable[str], salt: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each customer (n,), the same whenever it is asked for.

    Uniform over customers, and independent between salts: it is 53 bits of a keyed BLAKE2b, whose
    key is a hash of the salt. Who knows no salt can't tell who is held out."""
    key = hashlib.blake2b(salt.encode(), digest_size=32).digest()
    seeded = hashlib.blake2b(key=key, digest_size=BYTES)

    def digest(customer_id: str) -> bytes:
        own = seeded.copy()
        own.update(customer_id.encode())
        return own.digest()

    raw = b"".join(map(digest, customer_ids))
    return (np.frombuffer(raw, dtype="<u8") >> np.uint64(11)).astype(np.float64) * 2.0**-53
