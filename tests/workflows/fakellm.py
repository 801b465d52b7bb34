"""An LLM for discoveries that answers the same each time, and remembers what it was asked."""

from __future__ import annotations

import json

from interpreter.completion import Completer, LlmFailed
from interpreter.llm import LlmSettings
from interpreter.reader import TokenUse

SEGMENTS = [
    {"name": "Readers", "criteria": {"field": "newsletter", "op": "eq", "value": True}},
    {"name": "Large baskets", "criteria": {"field": "basket", "op": "gte", "value": 50}},
]


class FakeCompleter(Completer):
    def __init__(self, answer: object = None, *, fails: bool = False) -> None:
        super().__init__(LlmSettings("http://127.0.0.1:9/v1", "fake", "none"))
        self.answer = {"segments": SEGMENTS} if answer is None else answer
        self.fails = fails
        self.asked: list[str] = []

    def __call__(self, system: str, user: str) -> str:
        self.asked.append(user)
        if self.fails:
            raise LlmFailed("The LLM can't be reached.", field="tier")
        self.used = TokenUse(self.used.prompt + 100, self.used.completion + 10, None)
        return json.dumps(self.answer)
