"""Briefs, answers and copy over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from activation_api.schemas import EXAMPLE_BRIEF
from domain.objective import CampaignObjective
from workflows.briefs import Copy, Reading


class BriefIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"brief": EXAMPLE_BRIEF}]}
    )

    brief: str = Field(min_length=1, max_length=10_000)


class QuestionOut(BaseModel):
    text: str
    choices: list[str]
    about: str


class TokensOut(BaseModel):
    """What reading one brief by an LLM took."""

    prompt: int = Field(examples=[1830])
    completion: int = Field(examples=[210])
    cost: float | None = Field(None, examples=[0.0012])


class ReadingOut(BaseModel):
    objective: CampaignObjective
    questions: list[QuestionOut]
    source: Literal["offline", "llm"]
    reason: str | None = Field(None, description="Why another reader than asked read the brief.")
    tokens: TokensOut | None = None

    @classmethod
    def of(cls, reading: Reading) -> Self:
        used = reading.tokens
        return cls(
            objective=reading.objective,
            questions=[
                QuestionOut(text=q.text, choices=list(q.choices), about=q.about)
                for q in reading.questions
            ],
            source=reading.source,
            reason=reading.reason,
            tokens=None if used is None else TokensOut(**asdict(used)),
        )


class AnswerIn(BaseModel):
    """An answer in plain words to the open questions of an objective."""

    model_config = ConfigDict(extra="forbid")

    objective: dict[str, Any]
    answer: str = Field(min_length=1, max_length=2_000, examples=["the last 60 days, only UK"])


class CopyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    objective: dict[str, Any]
    trigger: str | None = Field(
        None, description="The segment's trigger, where the objective leaves it open."
    )


class CopyOut(BaseModel):
    """Copy for one channel; `placeholders` are what a person must fill in."""

    channel: str = Field(examples=["email"])
    language: str = Field(examples=["en"])
    parts: dict[str, str] = Field(examples=[{"subject": "Free shipping for you", "body": "Hi!"}])
    placeholders: list[str] = Field(examples=[["[DATE]"]])
    notes: list[str]

    @classmethod
    def of(cls, copy: Copy) -> Self:
        return cls(
            channel=copy.channel.value,
            language=copy.language,
            parts=dict(copy.parts),
            placeholders=list(copy.placeholders),
            notes=list(copy.notes),
        )


class CopyList(BaseModel):
    copies: list[CopyOut]
