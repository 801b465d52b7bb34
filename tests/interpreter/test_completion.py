"""An LLM as a callable: its use is counted, and a failure is one clear error."""

from __future__ import annotations

import json

import httpx
import openai
import pytest

from interpreter.completion import Completer, LlmFailed
from interpreter.llm import LlmSettings

SETTINGS = LlmSettings(
    "http://127.0.0.1:9/v1",
    "small",
    "secret",
    retries=0,
    max_tokens=50,
    token_budget=1_000,
    price_prompt=2.0,
    price_completion=10.0,
)


def completer(
    status: int = 200, content: str | None = '{"a": 1}', tokens: tuple[int, int] = (700, 400)
) -> tuple[Completer, list[dict[str, object]]]:
    asked: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        body = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "small",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
            "usage": {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
            },
        }
        return httpx.Response(status, json=body)

    client = openai.OpenAI(
        base_url=SETTINGS.base_url,
        api_key="secret",
        max_retries=0,
        http_client=httpx.Client(transport=httpx.MockTransport(answer)),
    )
    return Completer(SETTINGS, client), asked


def test_an_answer_is_its_text_and_its_use_is_counted() -> None:
    ask, asked = completer(tokens=(300, 100))
    assert ask("be brief", "hello") == '{"a": 1}'
    ask("be brief", "again")
    assert (ask.used.prompt, ask.used.completion) == (600, 200)
    assert ask.used.cost == pytest.approx((600 * 2 + 200 * 10) / 1e6)
    assert asked[0]["model"] == "small"
    assert asked[0]["max_tokens"] == 50


def test_a_used_up_budget_ends_it() -> None:
    ask, asked = completer()
    ask("", "")
    with pytest.raises(LlmFailed, match="budget"):
        ask("", "")
    assert len(asked) == 1


def test_a_failure_says_what_failed() -> None:
    ask, _ = completer(status=500)
    with pytest.raises(LlmFailed, match="status 500") as error:
        ask("", "")
    assert error.value.field == "tier"
    assert completer(content=None)[0]("", "") == ""


def test_what_it_may_cost_is_said_before() -> None:
    ask, asked = completer()
    expected = ask.expected("x" * 400, "y" * 400)
    assert (expected.prompt, expected.completion) == (200, 50)
    assert expected.cost == pytest.approx((200 * 2 + 50 * 10) / 1e6)
    assert asked == []
