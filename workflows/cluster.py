"""A Dask cluster, reached by its scheduler's address (extra `[scale]`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.errors import AetherError

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 10


class NoCluster(AetherError):
    """There is no cluster to be reached at an address."""


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the cluster; what it holds there is let go of at the end."""
    try:
        from distributed import Client
    except ImportError as error:
        raise NoCluster(
            f"A cluster needs Dask, which is not installed ({error}).",
            remedy="pip install 'aethersegment[scale]', here and on the workers.",
        ) from None
    try:
        client = Client(address, timeout=PATIENCE_SECONDS)
    except (OSError, ValueError):
        raise NoCluster(
            f"No Dask scheduler answers at {address}.",
            remedy="Start one (`dask scheduler`), or give its address as tcp://HOST:8786.",
            field="cluster",
        ) from None
    with client:
        yield client
