"""An LLM as a callable: a system and a user prompt in, a text out, its use counted."""

from __future__ import annotations

import openai

from domain.errors import AetherError
from interpreter.llm import LlmSettings, why_failed
from interpreter.reader import TokenUse


class LlmFailed(AetherError):
    """The LLM gave no answer."""


class Completer:
    """Asks an OpenAI-compatible endpoint for JSON. `used` counts the tokens of all answers."""

    def __init__(self, settings: LlmSettings, client: openai.OpenAI | None = None) -> None:
        self.settings = settings
        self.used = TokenUse(0, 0, self._cost(0, 0))
        self._client = client or openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key,
            timeout=settings.timeout,
            max_retries=settings.retries,
        )

    def __call__(self, system: str, user: str) -> str:
        """The answer's text. Raises LlmFailed with the reason where there is none."""
        budget = self.settings.token_budget
        if budget is not None and self.used.prompt + self.used.completion >= budget:
            raise LlmFailed("The token budget of the LLM is used up.", field="tier")
        try:
            answer = self._client.chat.completions.create(
                model=self.settings.model,
                messages=[
                    {"role": "system", "content": system},
                    {"role": "user", "content": user},
                ],
                max_tokens=self.settings.max_tokens,
                temperature=0.0,
                response_format={"type": "json_object"},
            )
        except openai.OpenAIError as error:
            reason = why_failed(error)
            raise LlmFailed(
                f"{reason[0].upper()}{reason[1:]}.",
                remedy="See AETHER_LLM_BASE_URL, or choose another tier.",
                field="tier",
            ) from None
        if answer.usage is not None:
            prompt = self.used.prompt + answer.usage.prompt_tokens
            completion = self.used.completion + answer.usage.completion_tokens
            self.used = TokenUse(prompt, completion, self._cost(prompt, completion))
        return (answer.choices[0].message.content if answer.choices else None) or ""

    def expected(self, system: str, user: str) -> TokenUse:
        """What an answer may use: about four characters a token, and the longest answer allowed."""
        prompt = (len(system) + len(user)) // 4
        return TokenUse(
            prompt, self.settings.max_tokens, self._cost(prompt, self.settings.max_tokens)
        )

    def _cost(self, prompt: int, completion: int) -> float | None:
        each, answered = self.settings.price_prompt, self.settings.price_completion
        if each is None or answered is None:
            return None
        return (prompt * each + completion * answered) / 1e6
