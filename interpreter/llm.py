"""The LLM reader: any OpenAI-compatible endpoint, with the embedded reader to fall back on.

No customer data goes into a prompt: only the brief, names and types of fields, and a few known
values of text fields. A failure of any kind ends in the embedded reader's answer, and the
reading says so (`source: offline`, `reason`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import instructor
import openai
from instructor.core.exceptions import (
    IncompleteOutputException,
    InstructorError,
    InstructorRetryException,
)
from pydantic import ValidationError

from interpreter.llm_prompt import messages
from interpreter.llm_schema import LlmObjective
from interpreter.offline.doubts import injected
from interpreter.offline.reading import LONGEST
from interpreter.offline.text import fold, sentences
from interpreter.question import Question
from interpreter.reader import ReaderContext, Reading, ReadSpan, TokenUse, read_embedded
from interpreter.review import review, said


@dataclass(frozen=True)
class LlmSettings:
    """Where the model is and what it may cost. `timeout` is in seconds, `token_budget` the most
    tokens that this reader may use in all (None: no limit), prices are a million tokens'."""

    base_url: str
    model: str
    api_key: str
    timeout: float = 20.0
    retries: int = 1
    max_tokens: int = 1_200
    token_budget: int | None = None
    price_prompt: float | None = None
    price_completion: float | None = None


class LlmReader:
    """Reads briefs by an LLM. `used` counts the tokens of all briefs so far."""

    def __init__(self, settings: LlmSettings, client: openai.OpenAI | None = None) -> None:
        self.settings = settings
        self.used = 0
        plain = client or openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key,
            timeout=settings.timeout,
            max_retries=settings.retries,
        )
        self._client = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)

    def read(self, brief: str, context: ReaderContext) -> Reading:
        """The brief as the model reads it, reviewed; the embedded reading where it fails."""
        embedded = replace(context, llm=None)
        if not brief.strip():
            return self._fallback(brief, embedded, "the brief is empty", None)
        budget = self.settings.token_budget
        if budget is not None and self.used >= budget:
            return self._fallback(brief, embedded, "the token budget is used up", None)
        try:
            answer, completion = self._client.create_with_completion(
                messages=messages(brief[:LONGEST], context),
                response_model=LlmObjective,
                max_retries=self.settings.retries,
                model=self.settings.model,
                max_tokens=self.settings.max_tokens,
                temperature=0.0,
            )
        except (openai.OpenAIError, InstructorError, ValidationError) as error:
            use = self._count(getattr(error, "total_usage", None))
            return self._fallback(brief, embedded, why_failed(error), use)
        use = self._count(getattr(completion, "usage", None))
        return _reading(answer, brief, context, use)

    def _count(self, usage: Any) -> TokenUse | None:
        if usage is None:
            return None
        prompt = int(getattr(usage, "prompt_tokens", 0) or 0)
        completion = int(getattr(usage, "completion_tokens", 0) or 0)
        self.used += prompt + completion
        in_price, out_price = self.settings.price_prompt, self.settings.price_completion
        cost = None
        if in_price is not None and out_price is not None:
            cost = (prompt * in_price + completion * out_price) / 1e6
        return TokenUse(prompt, completion, cost)

    def _fallback(
        self, brief: str, context: ReaderContext, reason: str, use: TokenUse | None
    ) -> Reading:
        return replace(read_embedded(brief, context), reason=reason, tokens=use)


def _reading(
    answer: LlmObjective, brief: str, context: ReaderContext, use: TokenUse | None
) -> Reading:
    folded = fold(brief)
    commands = injected(folded, sentences(folded))
    trusted = "".join(
        " " if any(span.start <= i < span.end for span in commands) else character
        for i, character in enumerate(brief)
    )
    questions = [Question(text) for text in answer.clarifications if text.strip()]
    if commands:
        text = "A part of the brief is no description of a campaign and was not read: what should"
        questions.insert(0, Question(f"{text} the campaign do?"))
    raw = answer.raw(brief)
    if commands:
        raw |= {"budget": None, "max_customers": None}
    if raw["budget"] is not None and raw["budget"]["currency"] is None:
        raw["budget"]["currency"] = context.currency
    evidence = [words if said(words, trusted) else None for words in answer.evidence()]
    if raw["campaign_goal"] is None:
        questions.append(Question("What should the campaign achieve?", (), "campaign_goal"))
    checked = review(raw, context.schema, context.catalogue, questions=questions, evidence=evidence)
    spans = tuple(
        ReadSpan(start, start + len(words), brief[start : start + len(words)], "audience")
        for words in evidence
        if words is not None and (start := folded.find(fold(words))) >= 0
    )
    return Reading(checked.objective, spans, checked.questions, source="llm", tokens=use)


def why_failed(error: Exception) -> str:
    """Why the model was no help, in a few words and without its text."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case openai.APITimeoutError():
                return "the LLM did not answer in time"
            case openai.APIConnectionError():
                return "the LLM can't be reached"
            case openai.APIStatusError():
                return f"the LLM answered with status {cause.status_code}"
        failed = getattr(cause, "failed_attempts", None)
        inner = failed[-1].exception if failed else None
        cause = inner or cause.__cause__
    if isinstance(error, (InstructorRetryException, IncompleteOutputException, ValidationError)):
        return "the LLM's answer was cut off or does not fit the schema"
    return f"the LLM failed: {type(error).__name__}"
