"""A conversation about one brief: what was said, and what was understood after each turn."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.objective import CampaignObjective


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TurnKind(StrEnum):
    BRIEF = "brief"
    ANSWER = "answer"
    EDIT = "edit"
    """Somebody changed what was understood by hand; the text says what."""


class Asked(_Frozen):
    """An open question, with `choices` where there are few; `about` is a field of the objective,
    or `brief`."""

    text: str
    choices: tuple[str, ...] = ()
    about: str = "brief"


class Quoted(_Frozen):
    """Words of the brief, and which field of the objective they were read as."""

    start: int
    end: int
    text: str
    what: str


class Turn(_Frozen):
    """One thing that was said, and all that was understood once it was. `reason` says why another
    reader than the LLM read it, where one was meant to."""

    kind: TurnKind
    text: str
    at: datetime
    objective: CampaignObjective
    questions: tuple[Asked, ...] = ()
    source: str = "offline"
    reason: str | None = None


class Conversation(_Frozen):
    """A brief and all turns since. `quotes` are of the brief, whatever was said later."""

    conversation_id: str
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]
    quotes: tuple[Quoted, ...] = ()
    branched_from: str | None = None

    @property
    def brief(self) -> str:
        return self.turns[0].text

    @property
    def latest(self) -> Turn:
        return self.turns[-1]

    @property
    def began_at(self) -> datetime:
        return self.turns[0].at

    @property
    def objective(self) -> CampaignObjective:
        return self.latest.objective

    @property
    def title(self) -> str:
        """The first words of the brief."""
        words = " ".join(self.brief.split())
        return words if len(words) <= 80 else words[:77].rsplit(" ", 1)[0] + "..."
