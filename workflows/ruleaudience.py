"""Approved rules as audiences of briefs: "customers of <rule name>"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.criteria import NOBODY, both
from domain.discovery import QualificationRule, RuleStatus
from interpreter.reader import Question, Reading
from storage import qualification
from workflows.workspace import Workspace

_WHO = r"(?P<who>\b(?:customers?|people|members?|those|everyone|everybody|buyers?|shoppers?))"
_LINK = r"\s+(?:of|in|from|matching|who match)\s+(?:the\s+)?(?:(?:rule|segment)\s+)?"
_OPEN, _CLOSE = "[\"'“‘«]?", "[\"'”’»]?"


@dataclass(frozen=True)
class Named:
    """A brief without the rules it names, blanks in their place, and these rules. `drafts` are
    those of which no version is approved."""

    rest: str
    approved: tuple[QualificationRule, ...]
    drafts: tuple[QualificationRule, ...]


def named_rules(workspace: Workspace, brief: str) -> Named:
    """The workspace's rules that a brief names; a longer name is read before a shorter one."""
    with workspace.control.read() as session:
        approved = qualification.approved(session)
        every = qualification.listed(session)
    newest = {rule.name: rule for rule in reversed(every)}
    return take_rules(brief, [approved.get(name, newest[name]) for name in newest])


def take_rules(brief: str, rules: Sequence[QualificationRule]) -> Named:
    """As `named_rules`, among the given rules of different names."""
    rest = brief
    found: list[QualificationRule] = []
    for rule in sorted(rules, key=lambda rule: -len(rule.name)):
        words = r"\s+".join(map(re.escape, rule.name.split()))
        pattern = f"{_WHO}{_LINK}{_OPEN}{words}{_CLOSE}(?!\\w)"
        for match in re.finditer(pattern, rest, flags=re.IGNORECASE):
            gap = match.end() - match.end("who")
            rest = rest[: match.end("who")] + " " * gap + rest[match.end() :]
            if rule not in found:
                found.append(rule)
    return Named(
        rest,
        tuple(rule for rule in found if rule.status is RuleStatus.APPROVED),
        tuple(rule for rule in found if rule.status is not RuleStatus.APPROVED),
    )


def with_rules(reading: Reading, brief: str, named: Named) -> Reading:
    """What was read of the rest, for the customers of the rules alone. A draft is nobody's
    audience: it is asked for, and until then nobody is eligible."""
    if not named.approved and not named.drafts:
        return reading
    objective = reading.objective
    told = tuple(
        f"customers of {rule.name}: {rule.criteria_text} (version {rule.version}, approved by "
        f"{rule.approved_by})"
        for rule in named.approved
    )
    asked = tuple(
        Question(
            f"The rule {rule.name!r} is a draft: who approves it? Then give the brief again.",
            (),
            "audience",
        )
        for rule in named.drafts
    )
    narrowed = [rule.criteria for rule in named.approved] + [NOBODY for _ in named.drafts]
    questions = (*reading.questions, *asked)
    return replace(
        reading,
        questions=questions,
        objective=objective.model_copy(
            update={
                "brief": brief,
                "audience": both(objective.audience, *narrowed),
                "assumptions": (*objective.assumptions, *told),
                "clarifications": tuple(question.text for question in questions),
            }
        ),
    )
