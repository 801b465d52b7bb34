"""The embedded reader: one pass over the brief, from the most specific words to the vaguest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.criteria import EVERYONE, Expression, conditions, to_json
from domain.customer import Schema
from domain.errors import AetherError
from domain.objective import (
    METRIC_OUTCOMES,
    USUAL,
    CampaignGoal,
    CampaignObjective,
    Direction,
    Metric,
    MetricTarget,
)
from domain.parsing import parse
from domain.triggers import TriggerCatalogue
from interpreter.offline.alternatives import with_alternatives
from interpreter.offline.audience import compose
from interpreter.offline.budget import read_budget
from interpreter.offline.categories import read_categories
from interpreter.offline.channel import read_channel
from interpreter.offline.consents import read_consents
from interpreter.offline.denial import excepted
from interpreter.offline.doubt import Doubt, once
from interpreter.offline.doubts import doubts, injected, refused_people
from interpreter.offline.fields import read_fields
from interpreter.offline.finding import Finding
from interpreter.offline.glossary import assumption, glossary, read_glossary
from interpreter.offline.goal import USUAL_OF_TRIGGER, behaviour, goal_scores
from interpreter.offline.language import language_of
from interpreter.offline.limits import read_max_customers, read_top_percent
from interpreter.offline.meaning import clauses, read_meaning
from interpreter.offline.meant import with_meaning
from interpreter.offline.own_fields import read_known_values, segment_names
from interpreter.offline.places import read_places
from interpreter.offline.recency import read_recency
from interpreter.offline.sources import read_sources
from interpreter.offline.spoken import speaks_of_campaign
from interpreter.offline.stated import read_stated
from interpreter.offline.target import read_target
from interpreter.offline.text import Canvas, Span, fold, quotations, sentences
from interpreter.offline.triggers import read_triggers
from interpreter.offline.unknown import read_unknown
from interpreter.offline.values.reading import read_values
from interpreter.offline.values.value import mask
from interpreter.offline.whom import unknown_people

LONGEST = 4_000
"""How many characters are read. A longer text is no brief, and the marketer is told so."""


_EVERYONE = re.compile(
    r"\b(?:every\w*|all|any\w*|each|whoever|whole|entire|complete|alle[nrsm]?|jede\w*|gesamte\w*|tous|toutes|chaque|tod[oa]s|cada|cualquier\w*)\b"
)
"""Words that say that everyone is meant. Without one, an empty audience is asked about."""

BEST = "high-value"
"""The glossary's term for the best customers, which \"the best 5,000\" means as well."""

GOAL_LEAST = 0.6
"""Evidence below this leaves the goal open, and the marketer is asked."""


@dataclass(frozen=True)
class Evidence:
    """A part of the brief and what it was read as."""

    start: int
    end: int
    what: str


@dataclass(frozen=True)
class OfflineReading:
    objective: CampaignObjective
    evidence: tuple[Evidence, ...]
    doubts: tuple[Doubt, ...]


def read_offline(
    brief: str,
    schema: Schema,
    catalogue: TriggerCatalogue,
    *,
    currency: str | None = None,
    outcomes: frozenset[str] | None = None,
    known: Mapping[str, tuple[str, ...]] | None = None,
    terms: Mapping[str, Expression] | None = None,
) -> OfflineReading:
    """The objective that the brief states, with evidence for each part and what is doubtful."""
    text = brief[:LONGEST]
    questions: list[Doubt] = []
    folded = fold(text)
    language = language_of(folded)
    values = read_values(text, language)
    canvas = Canvas(text, mask(folded, values))
    for span in injected(folded, sentences(folded)):
        canvas.take(span.start, span.end)
        questions.append(
            Doubt(span.start, span.end, "A part of the brief is no description of a campaign and was not read: what should the campaign do?", "brief", 100)
        )  # fmt: skip
    if len(brief) > LONGEST:
        questions.append(
            Doubt(0, 0, f"Only the first {LONGEST:,} characters were read. What is the campaign, in a few sentences?", "brief", 90)
        )  # fmt: skip
    evidence: list[Evidence] = []

    # The name of a segment may hold a metric's words ("Low usual basket"), so it is read first.
    findings: list[Finding] = read_known_values(canvas, schema, segment_names(schema, known or {}))
    target = read_target(canvas, values)
    evidence += [Evidence(start, end, "metric_target") for start, end in target.spans]
    if target.question:
        start, end = target.spans[0]
        questions.append(Doubt(start, end, target.question, "metric_target", 40))
    budget, start, end = read_budget(canvas, values, currency)
    if budget is not None:
        evidence.append(Evidence(start, end, "budget"))

    quoted = [q for q in quotations(folded) if canvas.is_open(q.start, q.end)]
    for span in quoted:
        canvas.take(span.start, span.end)
    commanded = any(question.weight == 100 for question in questions)
    findings += read_top_percent(canvas, values, schema)
    findings += read_known_values(canvas, schema, known or {})
    findings += read_unknown(canvas, schema)
    findings += read_consents(canvas, schema)
    findings += read_fields(canvas, values, schema)
    if "acquisition_source" in schema:
        findings += read_sources(canvas)
    findings += read_recency(canvas, values, schema)
    max_customers, start, end, best = read_max_customers(canvas, values)
    if max_customers is not None:
        evidence.append(Evidence(start, end, "max_customers"))
    findings += read_stated(canvas, values, schema)
    glossary_terms = glossary(schema, terms or {})
    findings += read_glossary(canvas, glossary_terms)
    if best and not any(f.term == BEST for f in findings):
        findings += [
            Finding(start, end, t.meaning, t.name) for t in glossary_terms if t.name == BEST
        ]
    findings += read_places(canvas, known or {})
    findings += read_categories(canvas)
    refused = refused_people(canvas)
    findings = [f for f in findings if not _hangs_on(canvas, f, refused)]
    audience = _checked(compose(canvas, findings), schema, questions)

    for span in quoted:
        canvas.give_back(span.start, span.end)
    triggers = read_triggers(canvas, catalogue)
    if not commanded:
        triggers = with_alternatives(canvas, triggers, catalogue)
    read_terms = [f.term for f in findings if f.term is not None]
    channel = read_channel(canvas)
    spoken = speaks_of_campaign(folded, findings)
    meaning = read_meaning(
        [c for c in clauses(canvas, triggers.told) if not any(map(c.span.overlaps, refused))]
        if spoken and not commanded
        else (),
        open_trigger=not (triggers.proposed or triggers.allowed),
    )
    scores = goal_scores(
        canvas, target.target.metric, read_terms, list(conditions(audience)), meaning.goals
    )
    if triggers.question:
        questions.append(Doubt(0, 0, triggers.question, "proposed_intervention", 65))
    if channel.question:
        questions.append(Doubt(0, 0, channel.question, "channel", 45))
    evidence += [Evidence(s, e, what) for s, e, what in triggers.spans + channel.spans]

    assumptions: list[str] = []
    triggers = with_meaning(triggers, meaning, catalogue, assumptions)
    if triggers.proposed in USUAL_OF_TRIGGER:
        usual = USUAL_OF_TRIGGER[triggers.proposed]
        scores[usual] = scores.get(usual, 0.0) + 0.3
    goal = max(scores, key=lambda g: scores[g]) if scores else None
    if goal is not None and scores[goal] < GOAL_LEAST:
        goal = None
    named = triggers.proposed is not None or triggers.allowed
    if goal is None and named and (spoken or findings):
        goal = CampaignGoal.INCREASE_CONVERSION
        assumptions.append("goal: increase_conversion, as the brief names none")
    metric = target.target
    behave = None
    if goal is not None:
        behave = behaviour(goal, metric.metric, folded)
        if metric.metric is None:
            metric = _usual(goal, behave, metric)
            assumptions.append(f"metric: {metric.metric}, the usual one of {goal}")
    else:
        questions.append(
            Doubt(
                0,
                0,
                "What should the campaign achieve?",
                "campaign_goal",
                85,
                tuple(g.value for g in CampaignGoal),
            )
        )
    if goal is None and not spoken:
        audience = EVERYONE
        findings = []
    for span in quoted:
        canvas.take(span.start, span.end)
    groups = unknown_people(canvas)
    strangers = groups.traits + (() if findings else groups.interests)
    questions += doubts(canvas, values, meaning.offers, strangers)
    for group in groups.interests if findings else ():
        called = canvas.raw[group.start : group.end]
        assumptions.append(f"{called}: a name for these customers, no condition of its own")
    if not findings and not questions and not _EVERYONE.search(folded) and max_customers is None:
        assumptions.append("audience: all customers, as the brief names none")
    evidence += [Evidence(f.start, f.end, "audience") for f in findings]
    for finding in findings:
        if finding.term is not None:
            said = next(t.meaning for t in glossary_terms if t.name == finding.term)
            assumptions.append(assumption(finding.term, said, schema))
        if finding.assumption:
            assumptions.append(finding.assumption)
        if finding.question:
            questions.append(Doubt(finding.start, finding.end, finding.question, "audience", 50))
    if outcomes is not None and target.target.metric is not None:
        questions += _unmeasured(target.target.metric, outcomes)
    ordered = tuple(once(sorted(questions, key=lambda q: -q.weight)))
    proposed = triggers.proposed
    objective = CampaignObjective(
        campaign_goal=goal,
        target_behavior=behave,
        metric_target=metric,
        proposed_intervention=proposed,
        intervention_type=catalogue[proposed].type if proposed else None,
        allowed_interventions=triggers.allowed,
        excluded_interventions=triggers.excluded,
        audience=audience,
        channel=channel.channel,
        budget=None if commanded else budget,
        max_customers=None if commanded else max_customers,
        brief=brief[:20_000],
        assumptions=tuple(dict.fromkeys(assumptions)),
        clarifications=tuple(q.text for q in ordered),
    )
    return OfflineReading(objective, tuple(sorted(evidence, key=lambda e: e.start)), ordered)


_OF_THEM = re.compile(r"\W*(?:(?:who|that|are|live|living|based|in|from|of|the)\b\W*)*")


def _hangs_on(canvas: Canvas, finding: Finding, people: tuple[Span, ...]) -> bool:
    """Whether a condition only says which of the people are meant that nobody may exclude."""
    return any(
        span.end <= finding.end
        and excepted(canvas, span.start)
        and _OF_THEM.fullmatch(canvas.folded[span.end : max(finding.start, span.end)])
        for span in people
    )


def _usual(goal: CampaignGoal, behave: object, given: MetricTarget) -> MetricTarget:
    metric = USUAL[goal][1]
    if goal is CampaignGoal.DEEPEN_ENGAGEMENT and behave == "click":
        metric = Metric.CLICK_THROUGH_RATE
    direction = Direction.DECREASE if metric is Metric.CHURN_RATE else Direction.INCREASE
    return MetricTarget(metric=metric, direction=direction, horizon_days=given.horizon_days)


def _checked(audience: Expression, schema: Schema, questions: list[Doubt]) -> Expression:
    """The audience as the schema allows it; a part that it refuses becomes a question."""
    try:
        return parse(to_json(audience), schema)
    except AetherError as error:
        questions.append(Doubt(0, 0, str(error), "audience", 75))
        return EVERYONE


def _unmeasured(metric: Metric, outcomes: frozenset[str]) -> list[Doubt]:
    if set(METRIC_OUTCOMES[metric]) & outcomes:
        return []
    measured = tuple(m.value for m in Metric if set(METRIC_OUTCOMES[m]) & outcomes)
    name = metric.value.replace("_", " ")
    return [
        Doubt(
            0,
            0,
            f"The {name} was never measured here. Which metric instead?",
            "metric_target",
            42,
            measured,
        )
    ]
