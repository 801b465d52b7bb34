"""What the campaign wants and does: goal, behaviour, triggers, channel, by cue words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.criteria import Condition, Op
from domain.objective import CampaignGoal, Metric, TargetBehavior
from domain.triggers import Channel, TriggerCatalogue, TriggerType
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas, fold

_GOAL_OF_METRIC: Mapping[Metric, tuple[CampaignGoal, float]] = {
    Metric.CONVERSION_RATE: (CampaignGoal.INCREASE_CONVERSION, 2.5),
    Metric.REVENUE: (CampaignGoal.INCREASE_CONVERSION, 1.0),
    Metric.AVERAGE_ORDER_VALUE: (CampaignGoal.INCREASE_ORDER_VALUE, 3.0),
    Metric.PURCHASE_FREQUENCY: (CampaignGoal.REPEAT_PURCHASE, 3.0),
    Metric.RETENTION_RATE: (CampaignGoal.REDUCE_CHURN, 2.5),
    Metric.CHURN_RATE: (CampaignGoal.REDUCE_CHURN, 3.0),
    Metric.CART_RECOVERY_RATE: (CampaignGoal.RECOVER_CARTS, 4.0),
    Metric.REACTIVATION_RATE: (CampaignGoal.WIN_BACK, 4.0),
    Metric.CLICK_THROUGH_RATE: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.OPEN_RATE: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.SESSION_COUNT: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.UNITS_SOLD: (CampaignGoal.CLEAR_INVENTORY, 1.0),
    Metric.LIFETIME_VALUE: (CampaignGoal.REPEAT_PURCHASE, 1.5),
}
_GOAL_OF_TERM = {
    "lapsed": (CampaignGoal.WIN_BACK, 2.0),
    "at risk": (CampaignGoal.REDUCE_CHURN, 0.5),
    "cart abandoners": (CampaignGoal.RECOVER_CARTS, 0.5),
    "one-time buyers": (CampaignGoal.REPEAT_PURCHASE, 0.8),
    "window shoppers": (CampaignGoal.INCREASE_CONVERSION, 0.8),
}
_GOAL_OF_FIELD = {
    "abandoned_cart_value": (CampaignGoal.RECOVER_CARTS, 2.0),
    "days_since_cart_abandoned": (CampaignGoal.RECOVER_CARTS, 2.0),
    "carts_abandoned": (CampaignGoal.RECOVER_CARTS, 1.5),
    "carts_abandoned_at_shipping": (CampaignGoal.RECOVER_CARTS, 1.5),
    "churn_probability_score": (CampaignGoal.REDUCE_CHURN, 1.5),
}


def _hints(leaves: list[Condition]) -> Iterable[tuple[CampaignGoal, float]]:
    """What a whole condition says of the goal, where its field alone says nothing."""
    bought = {leaf.op for leaf in leaves if leaf.field == "product_categories_purchased"}
    if Op.NOT_CONTAINS in bought:
        yield CampaignGoal.CROSS_SELL, 2.0
    for leaf in leaves:
        if leaf.field == "days_since_last_purchase" and leaf.op in (Op.GT, Op.GTE):
            yield CampaignGoal.WIN_BACK, 1.8 if _at_least(leaf, 75) else 0.5
        if leaf.field == "average_order_value" and leaf.op in (Op.LT, Op.LTE):
            yield CampaignGoal.INCREASE_ORDER_VALUE, 1.2
        if leaf.field == "lifetime_orders" and leaf.op is Op.EQ and leaf.value == 0:
            yield CampaignGoal.INCREASE_CONVERSION, 1.0
        if leaf.field == "viewed_products":
            yield CampaignGoal.INCREASE_CONVERSION, 0.8


def _at_least(leaf: Condition, amount: float) -> bool:
    return isinstance(leaf.value, (int, float)) and leaf.value >= amount


_LABEL = re.compile(
    r"\b(?:goals?|objectives?|aims?|targets?|purpose|the point|we (?:want|wish|hope|intend|would like|need)|in order to|so that|should|so they|ziel(?: ist)?|damit|um|objectif|afin|pour que|objetivo|para que|para)\b[^.;!?]{0,40}$"
)


def goal_scores(
    canvas: Canvas, metric: Metric | None, terms: Iterable[str], leaves: list[Condition]
) -> dict[CampaignGoal, float]:
    """Evidence for each goal: what the words say, what the metric and the audience hint at."""
    scores: defaultdict[CampaignGoal, float] = defaultdict(float)
    for name, levels in data("goals").items():
        for level, patterns in levels.items():
            for pattern in patterns:
                if "<lapsed>" in pattern or "<atrisk>" in pattern:
                    continue
                for m in canvas.find(words(pattern)):
                    if not m.group().strip("\x00 "):
                        continue
                    labelled = _LABEL.search(canvas.folded[max(0, m.start() - 70) : m.start()])
                    weight = level + (0.5 if labelled else 0.0) + min(len(m.group()), 40) / 100
                    scores[CampaignGoal(name)] = max(scores[CampaignGoal(name)], weight)
    if metric is not None:
        goal, weight = _GOAL_OF_METRIC[metric]
        scores[goal] = max(scores[goal] + 0.5, weight)
    fields = [leaf.field for leaf in leaves]
    for goal, weight in _hints(leaves):
        scores[goal] += weight
    for hints, keys in ((_GOAL_OF_TERM, terms), (_GOAL_OF_FIELD, fields)):
        for key in set(keys) & set(hints):
            goal, weight = hints[key]
            scores[goal] += weight
    return dict(scores)


_BEHAVIOUR_CLICK = re.compile(
    r"\b(?:open|opens|opening|click\w*|ctr|read(?:ing)?|e-?mails? more|offnen|klick\w*|ouv\w+|cliqu\w+|abr\w+|clic\w*)\b"
)


def behaviour(goal: CampaignGoal, metric: Metric | None, folded: str) -> TargetBehavior:
    """What one customer should do: the goal's usual behaviour; a click where opens are meant."""
    from domain.objective import USUAL

    if goal is CampaignGoal.DEEPEN_ENGAGEMENT:
        if metric in (Metric.OPEN_RATE, Metric.CLICK_THROUGH_RATE):
            return TargetBehavior.CLICK
        if metric is None and _BEHAVIOUR_CLICK.search(folded):
            return TargetBehavior.CLICK
    return USUAL[goal][0]


@dataclass(frozen=True)
class Mention:
    """A trigger named in the brief, and in what way."""

    start: int
    end: int
    key: str
    excluded: bool


@dataclass(frozen=True)
class Triggers:
    proposed: str | None
    allowed: tuple[str, ...]
    excluded: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]
    question: str | None = None


_TYPES = {
    TriggerType.MONETARY: (
        r"(?:monetary|financial|money-related|price-based|cash|economic) (?:triggers?|incentives?|rewards?|offers?|means|perks?|benefits?|measures?|inducements?|interventions?)|incentives?|give-?aways?|(?:anything|nothing|something) (?:monetary|financial|that costs (?:us )?(?:money|margin))|"
        r"monetary|(?:costly|expensive) (?:offers?|incentives?)|(?:eat(?:s|ing)? into|hurt(?:s|ing)?|cost(?:s|ing)?|touch(?:es|ing)?|sacrific\w+|giv(?:e|ing) away|dilut\w+|erod\w+) (?:the |our |any )?margins?|monetare[nrs]? (?:anreize?|massnahmen|maßnahmen)|finanzielle[nr]? anreize?|anreize|incitations?(?: (?:financieres?|monetaires?))?|incentivos?(?: (?:economicos?|monetarios?))?"
    ),
    TriggerType.PSYCHOLOGICAL: r"psychological (?:triggers?|incentives?|messages?|means|nudges?|interventions?|tactics?)|psychological(?: ones)?|pressure tactics",
    TriggerType.INFORMATIONAL: r"informational (?:triggers?|content|messages?|means|interventions?)|informational(?: ones)?",
}
_PROTECT = re.compile(
    r"\b(?:protect(?:ing)?|keep(?:ing)?|preserv(?:e|ing)|safeguard(?:ing)?|guard|defend|maintain(?:ing)?|(?:without|not) (?:hurting|touching|sacrificing|eroding|losing|giving up|diluting)|must not (?:hurt|touch|cost)|schutz\w*|proteger|preserver) (?:the |our |any |die |unsere |la |les |nos |nuestros? |el |los )?(?:profit )?(?:margins?|marge\w*|margen(?:es)?)(?: intact)?|margins? (?:must|should|has to|have to|needs? to) (?:be protected|stay|remain|not)\w*"
)
_NOT_BEFORE = re.compile(
    r"(?:(?:\b(?:no|not|without|never|excluding|exclude[sd]?|except(?: for)?|avoid(?:ing)?|skip(?:ping)?|refrain(?:ing)? from|rather than|instead of|leave out|leaving out|omit|stay away from|"
    r"steer clear of|forbid(?:den)?|nothing|neither|nor|drop|ban|banned|don't (?:want|use|offer|give|send)|do not (?:want|use|offer|give|send|include)|under no circumstances|don't|do not|can't|cannot|must not|may not|should not|shouldn't|won't|we can't (?:offer|afford)|any|anything but|"
    r"kein\w*|ohne|nicht|auf|verzicht\w*|sans|pas|aucune?|ni|eviter|sin|ningun\w*|nada de|evitar|no)\b)[\s\"':]+(?:(?:any|a|an|the|kind|kinds|form|forms|type|types|sort|of|use|using|offer|offering|offers|give|giving|send|sending|more|further|additional|include|including|be|please|to|want|de|d'|des|du|con|our|usual|another|single|resort|resorting|rely|relying|on|with|by|propose|grant|run|do|apply|fall|back|falling)[\s\"']+){0,5}?)$"
)
_NOT_AFTER = re.compile(
    r"\s?(?:(?:offers?|messages?|codes?|campaigns?|incentives?|deals?|this time|here|itself)\s)*(?:is|are|must be|should be|shall be|was|were|will be|remains?|stays?|sind|ist|sont|est|estan?|quedan?)?\s?(?:all |both |strictly |explicitly |not an option|ruled out|out of the question|off the table|off limits|off-limits|excluded|prohibited|forbidden|banned|not (?:allowed|permitted|wanted|an option|available|possible|welcome|used|to be used|part)|not\b|taboo|unwanted|ausgeschlossen|nicht (?:erlaubt|erwunscht|moglich)|verboten|exclue?s?|interdite?s?|excluid[oa]s?|prohibid[oa]s?|descartad[oa]s?|no-?go|is out|are out|out\b(?! of stock)|(?:must|should|may|can|shall|will|do) not\b|mustn't|shouldn't|cannot|can't|won't)(?:\s|$|[.,;!?)])"
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively (?:use|with|by)|nothing (?:but|other than|except|else)|limit(?:ed)? (?:yourself |ourselves |the choice |it )?to|restrict(?:ed)?(?: \w+)? to|just (?:use|the)|stick to|allowed(?: are| is|:)?|permitted(?: are| is|:)?|choose (?:between|from|among)|pick (?:between|from|one of)|select (?:between|from)|either|whether|compar\w*|test(?:ing|en|er)?|versus|vs\.?|against|a/b|ab-?test|nur|ausschlie\w+|erlaubt|entweder|vergleich\w*|seulement|uniquement|soit|comparer|tester|solo|solamente|unicamente|comparar|probar|decide between|try both|may be (?:used|chosen)|options?|candidates?|alternatives?|possible|acceptable|or|oder|ou|o)\b"
)


def read_triggers(canvas: Canvas, catalogue: TriggerCatalogue) -> Triggers:
    """The triggers that the brief names: proposed, excluded, or the list it allows."""
    mentions: list[Mention] = []
    for key, pattern in _trigger_patterns(catalogue):
        for m in canvas.find(pattern):
            if not m.group().strip():
                continue
            if any(
                m.start() < o.end
                and o.start < m.end()
                and (o.end - o.start) >= (m.end() - m.start())
                for o in mentions
            ):
                continue
            mentions = [o for o in mentions if not (m.start() <= o.start and o.end <= m.end())]
            mentions.append(Mention(m.start(), m.end(), key, False))
    mentions.sort(key=lambda o: o.start)
    typed = _typed(canvas, catalogue, mentions)
    mentions = [_polarised(canvas, mentions, i) for i in range(len(mentions))]
    excluded = dict.fromkeys(o.key for o in mentions if o.excluded)
    positive = dict.fromkeys(o.key for o in mentions if not o.excluded)
    allowed: tuple[str, ...] = ()
    for keys, negative in typed:
        if negative:
            excluded.update(dict.fromkeys(keys))
        elif not positive:
            allowed = tuple(keys)
    question = None
    clash = [key for key in positive if key in excluded]
    for key in clash:
        named = [o for o in mentions if o.key == key]
        if any(o.excluded for o in named) and len({o.excluded for o in named}) > 1:
            question = f"The brief both asks for and excludes {catalogue[key].name.lower()}: which is meant?"
            del excluded[key]
        else:
            del positive[key]
    proposed: str | None = None
    if len(positive) == 1:
        key = next(iter(positive))
        mention = next(o for o in mentions if o.key == key and not o.excluded)
        proposed, allowed = _single(canvas, mention)
    elif len(positive) > 1:
        allowed = tuple(positive)
    for o in mentions:
        canvas.take(o.start, o.end)
    allowed = tuple(key for key in allowed if key not in excluded)
    return Triggers(
        proposed,
        allowed,
        tuple(excluded),
        tuple((o.start, o.end, ("not " if o.excluded else "") + o.key) for o in mentions),
        question,
    )


def _single(canvas: Canvas, mention: Mention) -> tuple[str | None, tuple[str, ...]]:
    lead = canvas.folded[max(0, mention.start - 30) : mention.start]
    after = canvas.folded[mention.end : mention.end + 12]
    only = re.search(
        r"\b(?:only|solely|exclusively|nothing but|nur|uniquement|seulement|solo|solamente)\s(?:use |with |by |the |a |an |offer |via |mit |einen? |un |una |une |des |de |la |con |utiliser )*$",
        lead,
    )
    follows = re.match(
        r"\s(?:messages? |offers? )?only\b(?! for| to)",
        after + canvas.folded[mention.end + 12 : mention.end + 20],
    )
    if (only and not re.search(r"\bnot only\b", lead)) or follows:
        return None, (mention.key,)
    return mention.key, ()


def _trigger_patterns(catalogue: TriggerCatalogue) -> Iterable[tuple[str, re.Pattern[str]]]:
    lexicon = data("triggers")
    for key, trigger in catalogue.items():
        for pattern in lexicon.get(key, ()):
            yield key, words(pattern)
        yield key, words(re.escape(fold(key)) + "|" + re.escape(fold(trigger.name)))


def _typed(
    canvas: Canvas, catalogue: TriggerCatalogue, mentions: list[Mention]
) -> list[tuple[tuple[str, ...], bool]]:
    """Whole types of triggers that are excluded, or the only ones allowed."""
    found = []
    monetary = catalogue.of_type(TriggerType.MONETARY)
    for m in list(canvas.find(_PROTECT)):
        found.append((monetary, True))
        canvas.take(m.start(), m.end())
    for kind, pattern in _TYPES.items():
        for m in list(canvas.find(words(pattern))):
            if any(m.start() < o.end and o.start < m.end() for o in mentions):
                continue
            before = canvas.folded[max(0, m.start() - 45) : m.start()]
            negative = (
                _NOT_BEFORE.search(before)
                or _NOT_AFTER.match(canvas.folded, m.end())
                or m.group().startswith("nothing")
            )
            only = re.search(
                r"\b(?:only|solely|exclusively|limit\w*|restrict\w*|stick to)\b", before
            ) or re.match(r"\s(?:\w+ )?only\b", canvas.folded[m.end() :])
            if negative or only:
                found.append((catalogue.of_type(kind), bool(negative)))
                canvas.take(m.start(), m.end())
    return found


def _polarised(canvas: Canvas, mentions: list[Mention], i: int) -> Mention:
    """A mention is denied by a word before or after it, or as part of a denied list."""
    o = mentions[i]
    lead = canvas.folded[max(0, o.start - 60) : o.start]
    denied = _NOT_BEFORE.search(lead) is not None and not re.search(
        r"\bnot only\s(?:\w+ )?$|\bno (?:doubt|problem)\b", lead
    )
    if not denied and _NOT_AFTER.match(canvas.folded, o.end):
        denied = True
    j = i
    while not denied and j > 0:
        gap = canvas.folded[mentions[j - 1].end : mentions[j].start]
        if not re.fullmatch(
            r"\s?(?:,|and|or|nor|und|oder|noch|et|ou|ni|y|o|/|, and|, or|any|a|an|the|of|\s)*\s?",
            gap,
        ):
            break
        j -= 1
        lead = canvas.folded[max(0, mentions[j].start - 60) : mentions[j].start]
        denied = _NOT_BEFORE.search(lead) is not None
    k = i
    while not denied and k + 1 < len(mentions):
        gap = canvas.folded[mentions[k].end : mentions[k + 1].start]
        if not re.fullmatch(r"\s?(?:,|and|or|nor|und|oder|et|ou|y|o|/|, and|\s)*\s?", gap):
            break
        k += 1
        denied = _NOT_AFTER.match(canvas.folded, mentions[k].end) is not None
    return Mention(o.start, o.end, o.key, denied)


@dataclass(frozen=True)
class ChannelReading:
    channel: Channel | None
    spans: tuple[tuple[int, int, str], ...]
    question: str | None = None


_UNDECIDED = re.compile(
    r"\b(?:channel|medium)\b[^.;]{0,30}\b(?:undecided|not (?:yet )?(?:decided|fixed|clear|chosen|settled)|open|tbd|unclear|to be (?:decided|defined|determined))|(?:undecided|not sure|unsure|don't know|no decision)[^.;]{0,30}\b(?:channel|medium)\b|which(?:ever)? channel[^.;]{0,30}(?:open|unclear|undecided)"
)


_GOING = {
    "email": re.compile(
        r"\b(?:open\w*|reads?|reading|look(?:ing)? at|click\w*|of|rate|more of)\s(?:more |of |our |the |my |these |all |on |through |up )*$"
    ),
    "web": re.compile(
        r"\b(?:visit\w*|back|traffic|sessions?|com(?:e|ing)|return\w*|bring|want them|want people|see them|browse|spend time|time|activity|be|look around|active|seen)\s?(?:more |again |often |\\w+ )?$"
    ),
}
_AGAIN = re.compile(r"\s(?:more|again|often|regularly|is read|are read)\b")


def _visited(channel: str, before: str, after: str) -> bool:
    """Whether customers go there ("open our e-mails", "back to the site"): a goal, no channel."""
    going = _GOING.get(channel)
    return going is not None and bool(going.search(before) or _AGAIN.match(after))


def read_channel(canvas: Canvas) -> ChannelReading:
    """The channel, where exactly one is named; of several the marketer is asked."""
    found: dict[Channel, tuple[int, int, str]] = {}
    denied = set()
    for name, pattern in data("channels").items():
        for m in canvas.find(words(pattern)):
            if not m.group().strip():
                continue
            before = canvas.folded[max(0, m.start() - 25) : m.start()]
            if _visited(name, before, canvas.folded[m.end() : m.end() + 14]):
                continue
            if re.search(
                r"\b(?:no|not|without|never|instead of|rather than|except|don't|kein\w*|ohne|pas|sans|sin|nicht)\s(?:\w+ ){0,2}$",
                before,
            ) or re.match(r"\s?(?:no|not)\b", m.group()):
                denied.add(Channel(name))
                continue
            found.setdefault(Channel(name), (m.start(), m.end(), name))
    undecided = _UNDECIDED.search(canvas.folded)
    if Channel.DIRECT_MAIL in found and Channel.EMAIL in found:
        a, b = found[Channel.DIRECT_MAIL], found[Channel.EMAIL]
        if a[0] < b[1] and b[0] < a[1]:
            del found[Channel.EMAIL if (a[1] - a[0]) >= (b[1] - b[0]) else Channel.DIRECT_MAIL]
    spans = tuple(found.values())
    for start, end, _ in spans:
        canvas.take(start, end)
    if undecided:
        return ChannelReading(None, spans, "Which channel should be used?")
    if len(found) > 1:
        names = " or ".join(channel.value.replace("_", " ") for channel in found)
        return ChannelReading(None, spans, f"Several channels are named: {names}?")
    return ChannelReading(next(iter(found), None), spans)
