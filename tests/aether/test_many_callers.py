"""Two hundred marketing platforms pull one large segment at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import numpy as np
import orjson
import pyarrow as pa
import pytest

from storage import segments
from storage.members import write_members
from tests.activation_api.little import little, with_segment
from tests.aether.test_serving import serving
from workflows.keys import create_key

MEMBERS, CALLERS, LIMIT = 20_000, 200, 1_000
WHOLE = 5
"""So many callers ask for all fields: one process that reads all for 200 would be what is waited
for."""
IDS = [f"m{i:06d}" for i in range(MEMBERS)]


def large(root: Path) -> str:
    """A workspace with a large segment; the secret of a key to it."""
    workspace = little(root)
    version = with_segment(workspace)
    few = workspace.snapshots.open(version.members_id).table()
    many = few.take(pa.array([i % few.num_rows for i in range(MEMBERS)]))
    many = many.set_column(0, many.schema.field(0), pa.array(IDS))
    snapshot = write_members(workspace.snapshots, many, np.zeros(MEMBERS, dtype=bool))
    newer = version.model_copy(update={"version": 2, "members_id": snapshot.id, "size": MEMBERS})
    with workspace.control.write() as session:
        segments.add_version(session, newer)
    _, secret = create_key(workspace, "many")
    workspace.close()
    return secret


@pytest.mark.slow
def test_every_caller_gets_every_member_once(tmp_path: Path) -> None:
    secret = large(tmp_path / "shop")

    async def pull(address: str, number: int) -> bool:
        seen: list[str] = []
        link: str | None = f"/api/v1/segments/seg_little/customers?limit={LIMIT}"
        if number >= WHOLE:
            link += "&fields=customer_id"
        # A client of its own: one for all would look through all its connections at each request.
        async with httpx.AsyncClient(
            base_url=address, headers={"X-API-Key": secret}, timeout=600, verify=False
        ) as client:
            while link is not None:
                response = await client.get(link)
                assert response.status_code == 200, response.text
                page = orjson.loads(response.content)
                seen += [member["customer_id"] for member in page["customer_profiles"]]
                link = page["links"]["next"]
        return seen == IDS

    async def everybody(address: str) -> list[bool]:
        return await asyncio.gather(*(pull(address, number) for number in range(CALLERS)))

    with serving(tmp_path / "shop", "--workers", "2") as address:
        began = time.perf_counter()
        assert asyncio.run(everybody(address)) == [True] * CALLERS
    print(f"{CALLERS} callers, {MEMBERS:,} members each: {time.perf_counter() - began:.1f} s")  # noqa: T201
