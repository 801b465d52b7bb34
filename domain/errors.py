"""What a person can cause: every such error names the value at fault and the way out."""

from __future__ import annotations


class AetherError(Exception):
    """A fault a person can cause and mend.

    `message` says what is wrong and names the value; `remedy` says what to do about it;
    `field` names the column, key or parameter at fault, where there is one.
    """

    def __init__(self, message: str, *, remedy: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UnknownField(AetherError):
    """A criteria expression or mapping names a field that the schema does not have."""


class WrongType(AetherError):
    """A value does not fit the type of its field."""


class BadExpression(AetherError):
    """A criteria expression is not of the closed form."""


class BadObjective(AetherError):
    """A campaign objective is not of the contract's form."""


class BadMapping(AetherError):
    """An import mapping is incomplete or contradicts itself."""


class BadData(AetherError):
    """A file's rows or columns contradict their mapping."""


class BadRequest(AetherError):
    """A request's parameter can't be read."""


class NotFound(AetherError):
    """Something was asked for by an id that does not exist."""


class Conflict(AetherError):
    """What was asked for does not fit the present state."""


class Unavailable(AetherError):
    """What was asked for can't be done now: a disk is full, or a file is damaged."""


class NoEvidence(AetherError):
    """There is no data from which the question could be answered."""
