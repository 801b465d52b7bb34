"""Two hundred callers pull a large segment at once over real HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pyarrow as pa
import pytest
import uvicorn

from activation_api.app import create_app
from aether.serve import KEEP_ALIVE_SECONDS
from domain.objective import CampaignGoal, CampaignObjective
from storage import segments
from tests.workflows.company import built, copied
from workflows.campaign import build_segments
from workflows.keys import create_key

MEMBERS, CALLERS, LIMIT = 50_000, 200, 1_000


@pytest.fixture
def large(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> Iterator[tuple[str, str, list[str]]]:
    """A server's address with a segment, a key, and who is in it."""
    workspace = copied(built(tmp_path_factory.getbasetemp() / "company"), tmp_path)
    wanted = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    version = build_segments(workspace, wanted).segments[0]
    table = workspace.snapshots.open(version.members_id).table()
    ids = [f"m{i:06d}" for i in range(MEMBERS)]
    many = table.take(pa.array([i % table.num_rows for i in range(MEMBERS)]))
    many = many.set_column(0, many.schema.field(0), pa.array(ids))
    snapshot = workspace.snapshots.write("members", [(0, many)])
    newer = version.model_copy(update={"version": 2, "members_id": snapshot.id, "size": MEMBERS})
    with workspace.control.write() as session:
        segments.add_version(session, newer)
    _, secret = create_key(workspace, "many")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(workspace)
    config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=KEEP_ALIVE_SECONDS)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield f"{address}/api/v1/segments/{version.segment_id}/customers?limit={LIMIT}", secret, ids
    server.should_exit = True
    thread.join()
    workspace.close()


@pytest.mark.slow
def test_every_caller_gets_every_member_once(large: tuple[str, str, list[str]]) -> None:
    url, secret, ids = large
    origin = url[: url.index("/api")]

    async def pull(client: httpx.AsyncClient) -> bool:
        seen: list[str] = []
        link: str | None = url
        while link is not None:
            response = await client.get(link)
            assert response.status_code == 200, response.text
            page = orjson.loads(response.content)
            seen += [member["customer_id"] for member in page["customer_profiles"]]
            link = page["links"]["next"] and origin + page["links"]["next"]
        return seen == ids

    async def everybody() -> list[bool]:
        limits = httpx.Limits(max_connections=CALLERS)
        headers = {"X-API-Key": secret}
        async with httpx.AsyncClient(headers=headers, limits=limits, timeout=600) as client:
            return await asyncio.gather(*(pull(client) for _ in range(CALLERS)))

    began = time.perf_counter()
    assert asyncio.run(everybody()) == [True] * CALLERS
    print(f"{CALLERS} callers, {MEMBERS:,} members each: {time.perf_counter() - began:.1f} s")  # noqa: T201
