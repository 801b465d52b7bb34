"""A server that answers as an OpenAI-compatible one does, in the way that a test sets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TIMEOUT = 2.0
"""Seconds that the server under test waits for an answer."""
OBJECTIVE = {
    "campaign_goal": "win_back",
    "target_behavior": "reactivate",
    "proposed_intervention": "free_shipping",
    "audience": [
        {
            "any_of": [
                {
                    "field": "basket",
                    "op": "lte",
                    "value": 60,
                    "evidence": "spend no more than sixty at a time",
                }
            ]
        }
    ],
}


@dataclass
class FakeLlm:
    """`way` is `good`, `error`, `nonsense` or `slow`."""

    address: str = ""
    way: str = "error"

    def answer(self, asked: dict[str, Any]) -> str:
        system, user = asked["messages"][0]["content"], asked["messages"][-1]["content"]
        if self.way == "nonsense":
            return "Certainly! I would be happy to help."
        if "marketing copy" in system:
            drafts = json.loads(user)
            # One text too long to be taken, so that its channel keeps the template.
            return json.dumps(
                {
                    name: "x" * 200 if name == "ads body" else f"✓ {one['text']}"
                    for name, one in drafts.items()
                }
            )
        return json.dumps(OBJECTIVE)


@contextmanager
def fake_llm() -> Iterator[FakeLlm]:
    """Served until the block ends."""
    fake = FakeLlm()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if fake.way == "slow":
                time.sleep(2 * TIMEOUT)
            body = json.dumps(_completion(fake.answer(asked))).encode()
            self.send_response(500 if fake.way == "error" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(content: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
    }
