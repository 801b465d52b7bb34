"""A conversation: an answer to the open questions is merged into the objective."""

from __future__ import annotations

import re
from typing import Any

from domain.criteria import conditions, to_json
from domain.objective import USUAL, CampaignGoal, CampaignObjective, Direction, Metric
from interpreter.offline.language import language_of
from interpreter.offline.text import fold
from interpreter.offline.values.reading import read_values
from interpreter.question import Question
from interpreter.reader import ReaderContext, Reading, ReadSpan, read_embedded
from interpreter.review import as_json, review

_LEAVE = re.compile(
    r"\b(?:leave (?:it|that|them|this) out|skip(?: it| that)?|ignore (?:it|that)|drop (?:it|that)|forget (?:it|that)|without (?:it|that)|"
    r"never ?mind|doesn't matter|does not matter|no matter|not needed|don't care|egal|weglassen|laisse tomber|da igual|nothing|none|any)\b"
)  # fmt: skip
_EVERYONE = re.compile(
    r"\b(?:everyone|everybody|all (?:of them|customers)|no limit|anyone|alle|tous|todos)\b"
)
_PLACES = frozenset({"location_city", "location_country"})


def refine(objective: CampaignObjective, answer: str, context: ReaderContext) -> Reading:
    """The objective with what `answer` says, and everything else kept.

    The answer is read like a brief. What it states replaces what stood there: conditions on the
    same field ("no, only UK" replaces the country), metric, trigger, channel, budget. The most
    important open question counts as answered when the answer said something of use, and so do
    all questions about parts that it stated.
    """
    said = read_embedded(f"For customers: {answer}", context).objective
    open_questions = _open(objective, context)
    folded = fold(answer).strip(" .!?")
    first = open_questions[0] if open_questions else None
    raw = as_json(objective)
    stated: set[str] = set()

    chosen = _chosen(folded, open_questions)
    if chosen is not None:
        question, choice = chosen
        _set(raw, question.about, choice)
        stated.add(question.about)
    leaving = leaves_out(answer)
    stated |= _merge(raw, said, answer, chosen is not None or leaving)
    if first is not None and first.about == "audience" and "audience" not in stated:
        days = _days(answer)
        if days is not None:
            leaf = {"field": "days_since_last_purchase", "op": "lte", "value": days}
            raw["audience"] = _replaced(raw["audience"], {"all": [leaf]})
            stated.add("audience")
    if leaving:
        first = next((q for q in open_questions if q.about != "campaign_goal"), None)
    useful = bool(stated) or leaving
    if _EVERYONE.search(folded) and "audience" not in stated:
        raw["audience"], useful = {"all": []}, True
        stated.add("audience")
    left = [
        question
        for question in open_questions
        if question.about not in stated and not (useful and question is first)
    ]
    checked = review(raw, context.schema, context.catalogue, questions=left)
    spans = (ReadSpan(0, len(answer), answer, "answer"),) if useful else ()
    return Reading(checked.objective, spans, checked.questions)


def leaves_out(answer: str) -> bool:
    """Whether an answer says that what was asked about shall be left out."""
    return _LEAVE.search(fold(answer)) is not None


def _open(objective: CampaignObjective, context: ReaderContext) -> list[Question]:
    """The open questions with what they are about, which the objective keeps as texts only."""
    known = {q.text: q for q in read_embedded(objective.brief, context).questions}
    return [known.get(text, Question(text)) for text in objective.clarifications]


def _chosen(folded: str, questions: list[Question]) -> tuple[Question, str] | None:
    for question in questions:
        for choice in question.choices:
            if folded in (fold(choice), fold(choice).replace("_", " ")):
                return question, choice
    return None


def _set(raw: dict[str, Any], about: str, choice: str) -> None:
    if about == "metric_target":
        raw["metric_target"] = {**raw["metric_target"], "metric": choice}
    elif about in raw:
        raw[about] = choice
    if about == "campaign_goal":
        raw["target_behavior"], usual = USUAL[CampaignGoal(choice)]
        if raw["metric_target"]["metric"] is None:
            falls = usual is Metric.CHURN_RATE
            direction = Direction.DECREASE if falls else Direction.INCREASE
            raw["metric_target"] |= {"metric": usual, "direction": direction}


def _merge(raw: dict[str, Any], said: CampaignObjective, answer: str, chosen: bool) -> set[str]:
    """Puts what the answer states into `raw`; returns the parts it stated."""
    stated = set()
    part = as_json(said)
    assumed = " ".join(said.assumptions)
    for name in ("channel", "budget", "max_customers", "proposed_intervention"):
        guessed = name == "proposed_intervention" and "trigger:" in assumed
        if part[name] is not None and not guessed:
            raw[name] = part[name]
            stated.add(name)
    for name in ("allowed_interventions", "excluded_interventions"):
        if part[name]:
            raw[name] = part[name]
            stated.add(name)
    if part["proposed_intervention"] in raw["excluded_interventions"]:
        raw["excluded_interventions"] = [
            key for key in raw["excluded_interventions"] if key != part["proposed_intervention"]
        ]
    if raw["proposed_intervention"] in part["excluded_interventions"]:
        raw["proposed_intervention"] = None
    target = part["metric_target"]
    if target["metric"] is not None and "metric:" not in assumed:
        given = {name: value for name, value in target.items() if value is not None}
        raw["metric_target"] = {**raw["metric_target"], **given}
        stated.add("metric_target")
    goal_open = raw["campaign_goal"] is None
    named = part["campaign_goal"] is not None and "goal:" not in assumed
    if named and (goal_open or not list(conditions(said.audience))) and not chosen:
        replaced = goal_open or re.search(r"\b(?:goal|objective|aim|instead)\b", fold(answer))
        if replaced:
            raw["campaign_goal"] = part["campaign_goal"]
            raw["target_behavior"] = part["target_behavior"]
            if raw["metric_target"]["metric"] is None:
                raw["metric_target"] = target
            stated.add("campaign_goal")
    if list(conditions(said.audience)):
        raw["audience"] = _replaced(raw["audience"], to_json(said.audience))
        stated.add("audience")
    return stated


def _replaced(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The old conditions less those on fields that the new ones speak of, and the new ones."""
    fields = {field for member in new["all"] for field in _fields(member)}
    if fields & _PLACES:
        fields |= _PLACES
    members = old.get("all", [old])
    return {"all": [m for m in members if not _fields(m) & fields] + new["all"]}


def _fields(member: dict[str, Any]) -> set[str]:
    if "field" in member:
        return {member["field"]}
    nested = member.get("all") or member.get("any") or [member["not"]]
    return {field for inner in nested for field in _fields(inner)}


def _days(answer: str) -> int | None:
    """The days of an answer such as "last 60 days" or "two months"."""
    values = read_values(answer, language_of(fold(answer)))
    days = [value.amount for value in values if value.kind == "days"]
    return int(days[0]) if len(days) == 1 and days[0] >= 1 else None
