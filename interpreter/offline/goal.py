"""What the campaign wants and what a customer should do, by cue words and hints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from domain.criteria import Condition, Op
from domain.objective import CampaignGoal, Metric, TargetBehavior
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas

GOAL_WEIGHT = 6.0
"""How much the model's probability counts beside cue words, which weigh 1 to 4."""

_GOAL_OF_METRIC: Mapping[Metric, tuple[CampaignGoal, float]] = {
    Metric.CONVERSION_RATE: (CampaignGoal.INCREASE_CONVERSION, 2.5),
    Metric.REVENUE: (CampaignGoal.INCREASE_CONVERSION, 1.0),
    Metric.AVERAGE_ORDER_VALUE: (CampaignGoal.INCREASE_ORDER_VALUE, 4.2),
    Metric.PURCHASE_FREQUENCY: (CampaignGoal.REPEAT_PURCHASE, 3.0),
    Metric.RETENTION_RATE: (CampaignGoal.REDUCE_CHURN, 2.5),
    Metric.CHURN_RATE: (CampaignGoal.REDUCE_CHURN, 3.0),
    Metric.CART_RECOVERY_RATE: (CampaignGoal.RECOVER_CARTS, 4.0),
    Metric.REACTIVATION_RATE: (CampaignGoal.WIN_BACK, 4.0),
    Metric.CLICK_THROUGH_RATE: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.OPEN_RATE: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.SESSION_COUNT: (CampaignGoal.DEEPEN_ENGAGEMENT, 3.0),
    Metric.UNITS_SOLD: (CampaignGoal.CLEAR_INVENTORY, 1.6),
    Metric.LIFETIME_VALUE: (CampaignGoal.REPEAT_PURCHASE, 1.5),
}
_GOAL_OF_TERM = {
    "lapsed": (CampaignGoal.WIN_BACK, 2.0),
    "at risk": (CampaignGoal.REDUCE_CHURN, 0.5),
    "cart abandoners": (CampaignGoal.RECOVER_CARTS, 0.5),
    "window shoppers": (CampaignGoal.INCREASE_CONVERSION, 0.8),
}
_GOAL_OF_FIELD = {
    "abandoned_cart_value": (CampaignGoal.RECOVER_CARTS, 2.0),
    "days_since_cart_abandoned": (CampaignGoal.RECOVER_CARTS, 2.0),
    "carts_abandoned": (CampaignGoal.RECOVER_CARTS, 2.0),
    "carts_abandoned_at_shipping": (CampaignGoal.RECOVER_CARTS, 2.0),
    "churn_probability_score": (CampaignGoal.REDUCE_CHURN, 1.5),
}

USUAL_OF_TRIGGER = {
    "exclusivity_offer": CampaignGoal.LAUNCH_PRODUCT,
    "bundle_offer": CampaignGoal.INCREASE_ORDER_VALUE,
    "content_story": CampaignGoal.DEEPEN_ENGAGEMENT,
}
"""What a trigger is mostly for: decides where words and audience leave the goal open."""


def _hints(leaves: list[Condition]) -> Iterable[tuple[CampaignGoal, float]]:
    """What a whole condition says of the goal, where its field alone says nothing."""
    bought = {leaf.op for leaf in leaves if leaf.field == "product_categories_purchased"}
    if Op.NOT_CONTAINS in bought:
        yield CampaignGoal.CROSS_SELL, 2.0
    for leaf in leaves:
        if leaf.field == "days_since_last_purchase" and leaf.op in (Op.GT, Op.GTE):
            yield CampaignGoal.WIN_BACK, 1.8 if _at_least(leaf, 75) else 0.5
        if leaf.field == "days_since_last_seen" and leaf.op in (Op.GT, Op.GTE):
            yield CampaignGoal.WIN_BACK, 1.4 if _at_least(leaf, 60) else 0.3
        if leaf.field == "lifetime_orders" and leaf.op is Op.EQ and leaf.value == 1:
            yield CampaignGoal.REPEAT_PURCHASE, 1.4
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
    canvas: Canvas,
    metric: Metric | None,
    terms: Iterable[str],
    leaves: list[Condition],
    meant: Mapping[str, float],
) -> dict[CampaignGoal, float]:
    """Evidence for each goal: what the words say, what the metric and the audience hint at, and the
    model's probabilities (`meant`)."""
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
    for name, probability in meant.items():
        scores[CampaignGoal(name)] += GOAL_WEIGHT * probability
    win_back = scores.get(CampaignGoal.WIN_BACK, 0.0)
    if _CARTS & set(fields) and not _gone(leaves) and win_back:
        # Who left a cart is brought back to that cart.
        del scores[CampaignGoal.WIN_BACK]
        scores[CampaignGoal.RECOVER_CARTS] = max(scores[CampaignGoal.RECOVER_CARTS], win_back)
    if _long_gone(leaves) and _AGAIN.search(canvas.folded):
        scores[CampaignGoal.WIN_BACK] += 1.6  # "buy again" of those who stopped is a return
    return dict(scores)


_AGAIN = re.compile(
    r"\b(?:again|once more|another time|anew|wieder|erneut|noch einmal|de nouveau|a nouveau|otra vez|de nuevo|vuelv\w+ a)\b"
)


_CARTS = frozenset(("abandoned_cart_value", "days_since_cart_abandoned"))


def _gone(leaves: list[Condition]) -> bool:
    return any(
        leaf.field in ("days_since_last_purchase", "days_since_last_seen")
        and leaf.op in (Op.GT, Op.GTE)
        for leaf in leaves
    )


def _long_gone(leaves: list[Condition]) -> bool:
    return any(
        leaf.field == "days_since_last_purchase"
        and leaf.op in (Op.GT, Op.GTE)
        and _at_least(leaf, 75)
        for leaf in leaves
    )


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
