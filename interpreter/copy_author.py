"""An LLM as an author of copy: drafts in, its own texts out, nothing of the brief in the prompt."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from interpreter.completion import LlmFailed
from interpreter.copywriting import Draft

Complete = Callable[[str, str], str]
"""A system and a user prompt in, a text out; raises LlmFailed where there is none."""

_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_SYSTEM = """You write marketing copy in {language}. You get drafts as a JSON object: each has a text
and a limit in characters. Write each anew, livelier and warmer, in {language}, with the same meaning.
Keep everything in square brackets exactly as it is. Add no fact: no number, price, date, product,
discount or promise that the draft does not state. Keep within the limit. Answer with one JSON object
that has the same names, each with your text as a string, and nothing else."""


class LlmAuthor:
    """Writes drafts anew by an LLM, all of them by one question."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def __call__(self, language: str, drafts: Mapping[str, Draft]) -> Mapping[str, str]:
        """Texts by the drafts' names. Raises LlmFailed where the answer is none or no such object."""
        asked = {name: {"text": one.text, "limit": one.limit} for name, one in drafts.items()}
        answer = self._complete(
            _SYSTEM.format(language=_LANGUAGES[language]), json.dumps(asked, ensure_ascii=False)
        )
        try:
            made = json.loads(answer)
        except json.JSONDecodeError:
            made = None
        if not isinstance(made, dict):
            raise LlmFailed("The LLM's answer is not what was asked for.")
        return {name: text for name, text in made.items() if isinstance(text, str)}
