"""The number of customers, and the best so many percent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.criteria import Condition, Op
from domain.customer import Schema
from interpreter.offline.budget import ALONE_AFTER, ALONE_BEFORE
from interpreter.offline.fields import field_patterns
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import who, words
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value

_PEOPLE_BEFORE = words(
    r"(?:limit(?:ed|ing)?(?: \w+){0,4}? to|cap(?:ped|ping)?(?: \w+){0,4}? (?:at|to)|restrict(?:ed)?(?: \w+){0,4}? to|top|best|first|maximum(?: of)?|max\.?|at most|no more than|up to|only|just|"
    r"pick(?: out)?|choose|select|target(?:ing)?|contact|reach|address|write to|send (?:it |this )?to|mail|approach|take|include|stop (?:at|after)|audience(?: size)?(?: of| is| at|:)?|group of|sample of|"
    r"begrenzt auf|hochstens|maximal|auf|limite\w* a|maximum|au plus|limitad\w* a|maximo|como maximo|hasta)\s(?:the |our |these |those |about |den |die |les |los |las )*(?:top |best |most valuable |first |highest[- ]value |most loyal |besten |meilleurs? |mejores )?"
)
_PEOPLE_AFTER = words(
    r"\s(?:of (?:our|the|these|those|them) )?(?:(?:most|best|top|very|highest|valuable|loyal|active|engaged|inactive|promising|different|such|more|lapsed|dormant|other|new|high-value|vip|recent|random\w*|eligible|suitable|total|existing|price-sensitive|at-risk|meilleurs?|besten|wertvollsten|mejores|treuesten)[ -]){0,4}(?:customers?|clients?|people|ppl|peeps|folks?|persons?|heads|souls|readers?|visitors?|consumers?|accounts?|recipients?|contacts?|buyers?|shoppers?|users?|subscribers?|members?|profiles?|addressees|households?|addresses|openers|abandoners|invitations|invites|kunden|leute|gens|personen|empfanger|personnes|client(?:e|es|s)|destinataires|destinatarios|personas|spenders|individuals)"
)
_CROWD = re.compile(
    r"\s?(?:\w+ ){0,2}(?:have |has |already |also )*(?:bought|buy|love|loved|chose|chosen|like|trust|reviewed|rated|recommend|say|agree|swear|own|use|gave|think)\b"
)
_TOP = words(
    r"(?P<way>top|best|highest|upper|most valuable|highest[- ]spending|best[- ]spending|biggest[- ]spending|leading|bottom|lowest|worst|least active|least valuable|obersten|besten|untersten|meilleurs?|mejores|premiers?)[ -](?:scoring |ranking |ranked |spending )?(?P<share><percent>|decile|quintile|quartile|quarter|third|half|dezil|quartil)(?: (?:der|des|de los|de las|von))?"
    r"|(?P<cue3>(?:lifetime value|ltv|aov|average order value|churn probability|clv score|open rate|spend|order value|\w+ score))(?: is| lies| are)? (?:in|within|among) the (?P<way3>top|bottom|highest|lowest|upper) (?P<share3><percent>)|(?:the )?(?P<share2><percent>)(?: of)?(?: \w+){0,3}?(?: who| that)?(?: with| have| having)?(?: the)? (?P<way2>highest|lowest|most|best|biggest|largest|top|fewest|smallest)"
)
_SHARES = {
    "decile": 10.0,
    "dezil": 10.0,
    "quintile": 20.0,
    "quartile": 25.0,
    "quarter": 25.0,
    "quartil": 25.0,
    "third": 33.0,
    "half": 50.0,
}
_BOTTOM = (
    "bottom",
    "lowest",
    "worst",
    "least active",
    "least valuable",
    "untersten",
    "fewest",
    "smallest",
)
_BY = re.compile(
    r"[\s,]*(?:of )?(?:(?:all |our |the |these |active )*(?:WHO|base))?[\s,(]*(?:when )?(?:(?:ranked|measured|sorted|ordered|judged|rated|going|in terms|according|with respect|based|as measured|when sorted|spenders?)\s)*(?:by|of|on|to|in|for|regarding|with the (?:highest|lowest|best|most)|nach|beim|par|selon|en|segun|por)?\s?(?:the |their |highest |ihrem |leur )*".replace(
        "WHO", who()
    )
)


_RANKED_TRAIT = words(
    r"[\s,]*(?:of |by |in |for )?(?:the |our |most )*(?:(?P<discount_sensitivity_score>(?:discount|price|deal)[- ]?sensitive)|(?P<free_shipping_sensitivity_score>(?:shipping|delivery|postage)[- ]?sensitive)|(?P<churn_probability_score>(?:most )?(?:likely to (?:leave|churn|quit)|at risk))|(?P<session_count>frequent visitors|active visitors))"
)
_NAMED_BEFORE = re.compile(
    r"(?P<who>(?:\bones |\bpeople |\bcustomers )?(?:who are |who're )?(?:most |the most )?likely to (?:leave|churn|quit|go)(?: us)?)\b[^.;]{0,20}[.?;!,]\s?(?:\w+ ){0,2}(?:the )?$"
)


def read_max_customers(
    canvas: Canvas, values: Iterable[Value]
) -> tuple[int | None, int, int, bool]:
    """How many customers at most, its span, and whether "the best" of them are meant."""
    for value in values:
        if value.kind != "number" or value.is_range or not canvas.is_open(value.start, value.end):
            continue
        if value.low_open or (value.low is not None and not value.exact):
            continue
        number = value.amount
        if number < 2 or not float(number).is_integer() or number > 10**12:
            continue
        if _CROWD.match(canvas.open, value.end):
            continue
        before = None
        for m in _PEOPLE_BEFORE.finditer(canvas.open, max(0, value.start - 60), value.start):
            if m.end() == value.start:
                before = m
        after = _PEOPLE_AFTER.match(canvas.open, value.end)
        alone = before is not None and re.match(
            r"\s*(?:$|[.,;:!?)]|\b(?:by|in|from|who|with|for|among|of|and|get|are|should|may|will|to|can)\b)",
            canvas.open[value.end :],
        )
        strong = before is not None and re.search(
            r"limit|cap|restrict|top|best|first|max|audience|most valuable|besten|meilleurs|mejores|stop|begrenzt",
            before.group(),
        )
        if after is not None and _CROWD.match(canvas.open, after.end()):
            continue
        if after is None and not (alone and strong) and not _bound_alone(canvas, value):
            continue
        if (
            after is not None
            and re.search(
                r"(?:how many|sell|sold|win|gain|acquire|by|than|with|of)\s$",
                canvas.open[: value.start],
            )
            and before is None
            and value.high is None
        ):
            continue
        start = value.start
        best = before is not None and re.search(
            r"(?:top|best|most valuable|besten|meilleurs?|mejores|highest[- ]value)\s(?:the |den |die |les |los )*$",
            before.group(),
        )
        if before is not None and best:
            start = before.start() + best.start()
        canvas.take(start, value.end)
        return int(number), start, value.end, bool(best)
    return None, 0, 0, False


_SIZE = re.compile(
    r"(?:\b(?:n|cap|limit|max|maximum|volume|reach|numbering|counting|amounting to|recipients|contacts|audience size|size|sample(?: size)?)\s?(?:max\.?|is|of)?\s?[:=]?\s?)$"
)


_OF_THEM = re.compile(r"\sof (?:them|these|those)\s*(?:$|[.;:!?\n,)])")


def _bound_alone(canvas: Canvas, value: Value) -> bool:
    """A bare bound in notes: "max 2000", "cap: 3k", "n = 500"."""
    alone = _OF_THEM.match(canvas.folded, value.end) or ALONE_AFTER.match(canvas.folded, value.end)
    if value.amount < 20 or alone is None:
        return False
    before = canvas.folded[: value.start]
    if _SIZE.search(before) is not None:
        return True
    bounded = value.high is not None and value.low is None
    if bounded and _OF_THEM.match(canvas.folded, value.end):
        return True
    return bounded and ALONE_BEFORE.search(before) is not None


def read_top_percent(canvas: Canvas, values: Iterable[Value], schema: Schema) -> list[Finding]:
    """ "The top 20 % by lifetime value"; without a measure it is the predicted value."""
    findings = []
    by_start = {value.start: value for value in values}
    for m in list(canvas.find(_TOP)):
        share_group = next(g for g in ("share", "share2", "share3") if m[g])
        value = by_start.get(m.start(share_group))
        share = value.amount if value else _SHARES.get(m[share_group] or "")
        if share is None or not 0 < share < 100:
            continue
        way = m["way"] or m["way2"] or m["way3"]
        bottom = way in _BOTTOM
        end, field, note = m.end(), None, None
        by = _BY.match(canvas.open, end)
        position = m.start("cue3") if m["cue3"] else by.end() if by else end
        for name, pattern in sorted(field_patterns(schema), key=lambda p: p[0]):
            if schema[name].type.value not in ("int", "float"):
                continue
            for at in {position} if m["cue3"] else {position, end + 1, end}:
                cue = pattern.match(canvas.open, at)
                if cue and (field is None or cue.end() > end):
                    field, end = name, max(end, cue.end())
        if field is None and (trait := _RANKED_TRAIT.match(canvas.open, m.end())) is not None:
            field, end = str(trait.lastgroup), trait.end()
        if field is None and (named := _NAMED_BEFORE.search(canvas.open[: m.start()])) is not None:
            field = "churn_probability_score"
            canvas.take(named.start("who"), named.end("who"))
        if field is None and "spending" in way:
            field = "lifetime_value"
        if field is None and re.match(
            r"\s?(?:of )?(?:\w+ )?(?:spenders|spending)|.{0,40}\bspen[dt]", canvas.open[m.end() :]
        ):
            field = "lifetime_value"
        if field is None:
            field = "clv_score"
            note = f"{canvas.raw[m.start() : m.end()]}: ranked by the predicted value (clv_score)"
        if field not in schema:
            continue
        op = Op.BOTTOM_PERCENT if bottom else Op.TOP_PERCENT
        number = int(share) if float(share).is_integer() else share
        canvas.take(m.start(), end)
        findings.append(
            Finding(m.start(), end, Condition(field=field, op=op, value=number), assumption=note)
        )
    return findings
