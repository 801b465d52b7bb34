"""Briefs to begin with, that fit what the workspace knows of its customers."""

from __future__ import annotations

from domain.criteria import Condition, Op, conditions
from domain.customer import FieldGroup, FieldType
from storage.population import Population
from workflows.briefs import read_brief
from workflows.workspace import Workspace

MOST = 4
_STANDARD = (
    "Win back customers who have not purchased in 60 days",
    "Get customers who left a cart in the last 14 days to finish their order",
    "Raise the order value of customers with at least 3 orders by e-mail",
    "A second order from first-time buyers, no discounts",
    "Keep customers who are about to churn, budget 2,000",
)


def example_briefs(workspace: Workspace) -> tuple[str, ...]:
    """Up to `MOST` briefs that are read without a question here and have somebody to address."""
    found: list[str] = []
    with Population(workspace.schema(), workspace.people()) as people:
        for brief in (*_STANDARD, *_own(workspace, people)):
            objective = read_brief(brief, workspace).objective
            if objective.clarifications or not any(conditions(objective.audience)):
                continue
            if people.count(people.resolve(objective.audience)):
                found.append(brief)
            if len(found) == MOST:
                break
    return tuple(found)


def _own(workspace: Workspace, people: Population) -> list[str]:
    """Briefs about the company's own numbers: on those with much, and on those with little."""
    briefs = []
    for field in workspace.schema().values():
        own = field.group is FieldGroup.CUSTOM and field.name in people.columns
        if not own or field.type not in (FieldType.INT, FieldType.FLOAT):
            continue
        middle = people.resolve(Condition(field=field.name, op=Op.TOP_PERCENT, value=50))
        if isinstance(middle, Condition) and isinstance(middle.value, (int, float)):
            border = f"{middle.value:.2g}"
            briefs += [
                f"More purchases from customers with {field.text} of at least {border}",
                f"Win back customers whose {field.text} is at most {border}",
            ]
    return briefs
