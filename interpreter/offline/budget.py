"""The budget of a campaign: by the word, by who grants it, or by the limit it is given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.objective import Budget
from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value

_BUDGET_BEFORE = words(
    r"(?:(?:total |overall |maximum |max\.? |campaign |available |media |marketing |a |the |our |its |with |fixed |small |entire )*(?:budget(?:s|ed)?|funds|funding|financial (?:frame|limit)|cost (?:ceiling|limit|frame)|kitty|pot|etat|kostenrahmen)(?: (?:is|of|at|for|the|this|campaign|limit|cap|stands|will|be|we|have|has|been|set|fixed|available|comes|amounts|to|limited|capped|ceiling|here|a|total|comprises|may|not|exceed|should|stay|a maximum of|around|under|we've|are|allowed))*|"
    r"(?:spend|spending|cost|costs|expenses?|expenditure|outlay|invest)(?: (?:is|are|may|must|should|can|not|no|to|be|limited|capped|cap|at|exceed|stay|altogether|in total|overall|on|this|the|it|campaign|we|of|a|for|want|don't|more|than|all|everything|whole|thing|limit))*|"
    r"(?:keep|hold)(?: (?:it|this|that|the costs?|costs?|spending|everything|the whole thing|at|to|below))+|we (?:can|may|want to|have|could|will|are allowed to)(?: \w+)? (?:spend|invest|pay|use)|(?:we )?have (?:a total of |about |only )?|(?:it|this|campaign|everything|whole thing)(?: \w+)? (?:cost|costs)(?: us)?|price tag|(?:spend|spending|costs?|investment|outlay|media|money|funds)(?=\s?[:=])|"
    r"(?:das |unser |ein |gesamt-?|mit )*budget(?: (?:ist|betragt|von|liegt|bei|auf|maximal|sind))*|ausgeben|kosten(?: (?:durfen|hochstens|maximal))*|"
    r"(?:le |notre |un |avec )*(?:budget|enveloppe)(?: (?:est|de|total|d'environ|maximal|maximum|s'eleve|a))*|depenser|(?:el |nuestro |un |con )*presupuesto(?: (?:es|de|total|maximo|asciende|a))*|gastar)[\s:=,-]*"
)
_BUDGET_AFTER = words(
    r"[\s-]?(?:(?:in|of|as|for|our|the|a|total|marketing|campaign|media) )*(?:budget|to spend|to invest|available for (?:this|it|the campaign)|in total for (?:this|the) campaign|is (?:all|what) (?:we|i) (?:have|can|could|may|want to)(?: (?:spend|put|invest|give|afford|use|in|it|into|for|this))*|(?:is|are|has been|have been|can be) (?:available|set aside|approved|granted|earmarked|reserved|planned|spent|foreseen)|(?:is |are )?at (?:our|my|your) disposal|media(?: budget| spend| money)?|to work with|left for (?:this|it|that|the campaign)|is the (?:limit|budget|ceiling|cap)|(?:to|in) (?:the |our )?(?:pot|kitty|purse)|to play with|for (?:the |our |this |some |all |\w+ )?(?:ads?|adverts|advertising|campaign|mailing|media|promotion|activity|whole thing|all of it|everything)|budgeted|budgetiert|stehen zur verfugung|zur verfugung|de budget|de presupuesto|disponibles)"
)
_GRANTED_BEFORE = re.compile(
    r"(?:\b(?:grants?|granted|allots?|allotted|allocates?|allocated|releases?|released|approves?|approved|signed off(?: on)?|signs off|agreed to|authoris\w+|authoriz\w+|earmark\w*|reserv(?:es?|ed)|provid(?:es?|ed)|concedes?|sets? aside|puts? up|chips? in|"
    r"(?:will |can |would |could )?allows?(?: us| me| for| it)?|(?:may|can|might) (?:lose|burn|use up|go up to)|"
    r"(?:i|we)(?:'ve| have)?(?: only| just)?(?: got)?(?= \S+[^.;]{0,20} (?:for (?:this|it|the|all)|to (?:spend|play|work)|in (?:the )?(?:pot|kitty|bank)|available|left))|(?:i|we) have(?: got)?|there (?:is|are)|"
    r"(?:put|invest|sink|stake)(?: up to)?)(?: us| me| them| you)?(?: a| an| some| about| around| up to| at most| roughly| the sum of| a sum of| no more than)*\s"
    r"|\b(?:overall |total |absolute |hard |spending |cost |upper |financial )*(?:ceiling|cap|allowance|purse|envelope|war chest|outlay|upper limit|spending limit|spend limit|max(?:imum)?\.? spend|spend max(?:imum)?\.?|plafond|obergrenze|hochstens|tope)(?: (?:is|of|at|for|us|here|it|this|campaign|stands|lies|sits|set|the))*\s?[:=-]?\s"
    r"|(?:^|[.;:,!?\n(-]\s?)(?:max(?:imum)?\.?|at most|no(?:t)? more than|not over|never more than|up to|under|below|within|for)?\s?)$"
)
_BOUND_AFTER = re.compile(
    r"\s?(?:,\s?)?(?:all[- ]in(?:clusive)?|at the (?:very )?most|in all|all told|in total|altogether|overall|tops|max(?:imum)?\b\.?|at (?:the )?most|for (?:the )?lot|"
    r"for (?:this|it|the (?:work|job|campaign|whole thing|thing|action|purpose)|all (?:of )?(?:this|it))|(?:in|into|behind|towards?|on) (?:it|this|the campaign)|to (?:achieve|do|reach|manage|accomplish) (?:it|this|that)|"
    r"is (?:the|our|my) (?:most|maximum|limit)|is (?:all|what) (?:we|i)|applies|apply|and not a (?:cent|penny|euro|dollar) more|can be spent|may be spent|insgesamt|en tout|au total|en total)"
)
_AUDIENCE = re.compile(
    r"\b(?:who|whose|that|with|having|spent|(?<!max )(?<!maximum )(?<!max. )spend|order(?:s|ed)?|basket|carts?|value|worth|revenue|sales|turnover|earned?|aov|average|customers?|people|buyers?|clients?|(?<!signed )off|discount|voucher|credit|price|left|abandoned)\b[^.;:!?]{0,24}$"
)


def read_budget(
    canvas: Canvas, values: Iterable[Value], currency: str | None
) -> tuple[Budget | None, int, int]:
    """The budget with its span; without a currency in the brief it is the shop's."""
    for value in values:
        if value.kind not in ("money", "number") or not canvas.is_open(value.start, value.end):
            continue
        span = _worded(canvas, value)
        if span is None and (_stands_alone(canvas, value) or _granted(canvas, value)):
            span = (value.start, value.end)
        if span is None:
            continue
        amount = value.high if value.high is not None and not value.is_range else value.amount
        if value.is_range:
            amount = value.second or value.amount
        canvas.take(*span)
        return Budget(amount=amount, currency=value.currency or currency), *span
    return None, 0, 0


def _worded(canvas: Canvas, value: Value) -> tuple[int, int] | None:
    """The span of a sum beside words for a budget or for spending."""
    before = None
    for m in _BUDGET_BEFORE.finditer(canvas.open, max(0, value.start - 70), value.start):
        if m.end() == value.start:
            before = m
    after = _BUDGET_AFTER.match(canvas.open, value.end)
    if before is None and after is None:
        return None
    if value.kind == "number" and value.low is not None and not value.is_range:
        return None  # "at least 2" is no sum to spend
    words_before = before.group() if before else ""
    said = words_before + (after.group() if after else "")
    if (
        value.kind == "number"
        and "budget" not in said
        and not re.search(r"[:=]\s?$", words_before)
        and not re.search(r"spend|cost|presupuesto|ausgeben|depenser|gastar|enveloppe", said)
    ):
        return None
    if (
        re.match(r"(?:we )?have", words_before.strip())
        and after is None
        and not (words_before.startswith("we ") and ALONE_AFTER.match(canvas.folded, value.end))
    ):
        return None
    start = before.start() if before else value.start
    of_people = re.search(
        r"(?:who|that|customers?|people|have|has|they)\s(?:\w+\s)?$",
        canvas.folded[max(0, start - 24) : start],
    )
    if of_people and "budget" not in words_before:
        return None
    spending = re.search(r"spend|cost|invest|keep|hold|ausgeben|gastar|depenser", words_before)
    labelled = re.search(r"[:=]\s?$", words_before) is not None
    if spending and not labelled and "budget" not in words_before and after is None:
        denied = re.search(
            r"(?:don't|do not|not|never|must not)\s(?:want to )?$",
            canvas.folded[: before.start()] if before else "",
        )
        ours = denied or re.search(r"\bwe\b|campaign|altogether|not", words_before)
        if value.high is None and not ours:
            return None
        if re.match(
            r"\s?(?:per|an|a|each|every) (?:order|purchase|customer|basket)",
            canvas.open[value.end :],
        ):
            return None
    purpose = after is not None and after.group().lstrip().startswith("for ")
    return start, after.end() if after is not None and not purpose else value.end


def _granted(canvas: Canvas, value: Value) -> bool:
    """A sum that somebody grants or a limit that is put on the whole: "the board grants NOK
    40,000", "we can put 2,000 EUR into it", "not more than 900 pounds all in"."""
    if value.kind != "money":
        return False
    sentence = canvas.sentence(value.start)
    lead = canvas.open[max(sentence.start, value.start - 60) : value.start]
    if _AUDIENCE.search(lead[-40:]):
        return False
    if value.low is not None and not value.is_range:
        return _NOT_OVER.search(lead) is not None
    granted = _GRANTED_BEFORE.search(lead)
    bound = _BOUND_AFTER.match(canvas.open, value.end)
    if bound is not None:
        return True
    if value.high is not None and ALONE_AFTER.match(canvas.folded, value.end):
        return True  # "not more than 900 pounds", and nothing else in the clause
    return (
        granted is not None
        and bool(granted.group().strip(" .;:,!?(-\n"))
        and not _MEANT.search(lead)
    )


_NOT_OVER = re.compile(r"\bnot (?:a|one) (?:single )?(?:cent|penny|euro|dollar|pound|franc)s?\s$")
_MEANT = re.compile(
    r"\b(?:give|send|offer|credit|reward|save|them|each|everyone|a voucher)\b[^.;]{0,30}$"
)
ALONE_BEFORE = re.compile(r"(?:^|[.;:!?\n,(])\s*(?:(?:and|with|about|around|for|ca\.?)\s)?$")
ALONE_AFTER = re.compile(r"\s*(?:$|[.;:!?\n,)])")


def _stands_alone(canvas: Canvas, value: Value) -> bool:
    """A sum that is a clause of its own, in notes: "SMS; 3.5k GBP; no incentives"."""
    return (
        value.kind == "money"
        and value.low is None
        and ALONE_BEFORE.search(canvas.folded[: value.start]) is not None
        and ALONE_AFTER.match(canvas.folded, value.end) is not None
    )
