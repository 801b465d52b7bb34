"""Approved rules as audiences of briefs: "customers of <rule name>"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.criteria import NOBODY, both
from domain.discovery import QualificationRule, RuleStatus
from interpreter.reader import Question, Reading
from storage import qualification
from workflows.workspace import Workspace

_WHO = r"(?P<who>\b(?:customers?|people|members?|those|everyone|everybody|buyers?|shoppers?))"
_LINK = r"\s+(?:of|in|from|matching|who match)\s+(?:the\s+)?(?:(?:rule|segment)\s+)?"
_LINK_OR_RULE = (
    r"\s+(?:(?P<of>of)|in|from|matching|who match)\s+(?:the\s+)?"
    # A quoted word after "in" or "from" may well be a place.
    r"(?:(?:(?:rule|segment)\s+|(?(of)|(?!)))[\"“«](?P<quoted>[^\"“”«»]{2,120})[\"”»]"
    r"|rule\s+(?P<called>[^\s.,;:!?]+)|)"
)
_OPEN, _CLOSE = "[\"'“‘«]?", "[\"'”’»]?"


_NEAR = 0.8


@dataclass(frozen=True)
class Named:
    """A brief without the rules it names, blanks in their place, and these rules. `drafts` are
    those of which no version is approved, `unknown` what is named like a rule and is none, with the
    nearest names."""

    rest: str
    approved: tuple[QualificationRule, ...]
    drafts: tuple[QualificationRule, ...]
    unknown: Mapping[str, tuple[str, ...]]


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
        _unknown(rest, [rule.name for rule in rules]),
    )


def _unknown(rest: str, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What stands where a rule's name would, in quotation marks or after the word "rule", or is
    written almost like one: read as everybody it would be a silent guess."""
    near = {name.casefold(): name for name in names}
    found: dict[str, tuple[str, ...]] = {}
    for match in re.finditer(_WHO + _LINK_OR_RULE, rest, flags=re.IGNORECASE):
        words = match["quoted"] or match["called"] or ""
        if words:
            alike = difflib.get_close_matches(words.casefold(), near, n=3, cutoff=0.4)
            found[" ".join(words.split())] = tuple(near[one] for one in alike)
            continue
        told = rest[match.end() :].split()
        for name in names:
            start = " ".join(told[: len(name.split())]).strip("\"'.,;:!?")
            alike = difflib.get_close_matches(start.casefold(), [name.casefold()], 1, _NEAR)
            if alike:
                found[start] = (name,)
    return found


def with_rules(reading: Reading, brief: str, named: Named) -> Reading:
    """What was read of the rest, for the customers of the rules alone. A draft is nobody's
    audience, and no more is a rule that is not there: it is asked for, and until then nobody is
    eligible."""
    if not named.approved and not named.drafts and not named.unknown:
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
    asked += tuple(
        Question(
            f"There is no rule {words!r}"
            + (f"; is {' or '.join(map(repr, near))} meant? " if near else ". ")
            + "Give the brief again.",
            near,
            "audience",
        )
        for words, near in named.unknown.items()
    )
    narrowed = [rule.criteria for rule in named.approved]
    if named.drafts or named.unknown:
        narrowed.append(NOBODY)
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
