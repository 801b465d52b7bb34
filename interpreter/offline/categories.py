"""Products and categories: who bought what, who looked at what, who will buy what next."""

from __future__ import annotations

import re

from domain.criteria import AllOf, AnyOf, Condition, Expression, Op
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import words
from interpreter.offline.products import NOTHING, STOP, Item, listed_products, noun_phrase, word_set
from interpreter.offline.text import Canvas

_BOUGHT = r"(?:bought|purchased|ordered|shopped(?: for)?|acquired|buying|purchase[sd]?(?! (?:frequency|rate|value|histor|categor))|(?:regularly |usually |often |who )buy)"
_VIEWED = (
    r"(?:viewed|(?:(?:had|have|has|having|took|taken) (?:a |another )?(?:good |quick |close |long )?(?:look|peek|glance) (?:at|into)|glanced at|peeked at|eyed(?: up)?)|(?:looked|looking|been looking) (?:at|for|into)|browsed|browsing|checked out|clicked (?:on|through)|"
    r"visited|viewing|explored|seen|saw|view|look at|browse|searched(?: for)?|inspected)"
)


_LEADS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("predicted_next_purchase_category", words(
        r"(?:predicted|expected|likely|probable|forecast\w*)(?: to)? (?:next )?(?:buy|purchase|category|order)?(?: next)?(?: purchase)?(?: category)?(?: is| will be|:| of| from| being)+|"
        r"(?:next )?predicted (?:next )?(?:purchase )?category(?: is| will be|:| =)?|next (?:predicted |expected |likely )?(?:purchase |buy |order )?(?:category )?(?:is |will be |should be |is predicted to be |is likely to be |is expected to be |predicted as |be )+(?:predicted |likely |expected |to be )*(?:from |in )?|predicted_next_purchase_category(?: is| =|:)?|"
        r"vorhergesagte (?:nachste )?kategorie(?: ist)?|prochaine categorie(?: d'achat)?(?: predite| prevue)?(?: est)?|proxima categoria(?: de compra)?(?: prevista)?(?: es)?")),
    ("product_categories_purchased", words(
        r"(?:purchase|purchased|order|shopping|buying) (?:history|categories|record)s?(?: that)? (?:contains?|includes?|including|shows?|features?|has|have|with|are|containing)|"
        r"ont (?:deja )?achete|achet(?:e|ent|ant|eurs? de)|(?:han? |hayan )comprado|compraron|compradores de|"
        r"(?:buyers|purchasers|owners) of|who own|owning|own an?|customers of (?:the|our)|bought into|"
        + _BOUGHT)),
    ("viewed_products", words(
        r"(?:viewers|browsers) of|interested in|showed? (?:an )?interest in|(?:ont |a )?(?:consulte|regarde|vu)|(?:han? |hayan )?(?:visto|visitado|mirado|consultado)|miraron|vieron|visitaron|consultaron|buscaron|"
        + _VIEWED)),
)  # fmt: skip
_TRAILING: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("predicted_next_purchase_category", words(r"as (?:their|the) (?:predicted |expected |likely )?next (?:predicted |expected |likely )?(?:purchase )?(?:category|purchase)|next\b")),
    ("product_categories_purchased", words(
        r"(?:among|in) (?:their|the) (?:purchased |past |previous |bought )?(?:categories|purchases|purchase history|order history|orders|history)(?: purchased| bought)?|"
        r"gekauft|bestellt|erworben")),
    ("viewed_products", words(r"angesehen|angeschaut|betrachtet|among (?:their|the) viewed (?:products|categories)")),
)  # fmt: skip
_BUYERS = re.compile(
    r"(?<![\w\x00])(?P<what>[a-z][a-z'&-]*(?: [a-z][a-z'&-]*)?) (?P<who>buyers|purchasers|owners|viewers|browsers|drinkers|wearers)(?!\w)"
)
_NOT_BUYERS = word_set("not_buyers")


_NEGATION = re.compile(
    r"(?:\b(?:not|never|no|without|nicht|nie|kein\w*|ohne|pas|jamais|nunca|sin|haven't|hasn't|didn't|don't|havent|hasnt|didnt|did not|"
    r"yet to|n'ont|n'a)\s(?:\S+\s){0,2}?)$|n't\s(?:\w+\s)?$"
)


def read_categories(canvas: Canvas) -> list[Finding]:
    """Conditions that contain, or do not contain, a product or category."""
    findings = []
    for field, pattern in _LEADS:
        for m in list(canvas.find(pattern)):
            if m.group().strip() and not _others(canvas, m) and not _commanded(canvas, m):
                finding = _after_lead(canvas, m, field)
                if finding is not None:
                    canvas.take(finding.start, finding.end)
                    findings.append(finding)
    for field, pattern in _TRAILING:
        for m in list(canvas.find(pattern)):
            finding = _before_trail(canvas, m, field)
            if finding is not None:
                canvas.take(finding.start, finding.end)
                findings.append(finding)
    for m in list(canvas.find(_BUYERS)):
        finding = _lacking(canvas, _buyers(canvas, m))
        if finding is not None:
            canvas.take(finding.start, finding.end)
            findings.append(finding)
    return findings


_BASE_FORM = re.compile(r"(?:view|look at|browse)$")
_DOER = re.compile(
    r"\b(?:who|that|they|and|or|not|never|always|regularly|often|usually|sometimes|did|have|don't|didn't|only|just)\s$"
)


def _commanded(canvas: Canvas, m: re.Match[str]) -> bool:
    """ "Look at visitors who ..." is said to the reader of the brief and no condition."""
    return (
        _BASE_FORM.match(m.group()) is not None and _DOER.search(canvas.folded[: m.start()]) is None
    )


def _others(canvas: Canvas, m: re.Match[str]) -> bool:
    """Whether it is other people who bought: social proof, not a condition."""
    if re.match(r"(?:buyers|purchasers|owners|viewers|browsers|customers) of", m.group()):
        return False
    start = m.start()
    lead = canvas.folded[max(0, start - 40) : start]
    if re.search(r"\bwe(?: are|'re| were)?\s$", lead):
        return True
    if re.search(r"\bthey(?: have| had| ever| already| once)*\s$", lead):
        return re.search(r"(?:ed|ought|en|saw)$", m.group().split()[0]) is None
    return re.search(
        r"(?:\bothers?(?: \w+)?|fellow \w+|how many \w+|(?:most|often|frequently|best|products|items|what|things)|"
        r"\bto|should|will|would|can|could|they|must|please|let's|newly|recently launched|so that \w+|friends)"
        r"(?: (?:who|that|have|has|had|also|already|they|just|should|be|were|are))*\s$",
        lead,
    ) is not None  # fmt: skip


def _after_lead(canvas: Canvas, m: re.Match[str], field: str) -> Finding | None:
    items = list(listed_products(canvas, m.end(), False))
    if not items:
        return None
    start = m.start()
    lead = _NEGATION.search(canvas.open[max(0, start - 32) : start])
    if lead is not None:
        start = max(0, start - 32) + lead.start()
    flipped = lead is not None
    return Finding(start, items[-1].end, _expression(field, items, flipped))


def _expression(field: str, items: list[Item], flipped: bool) -> Expression:
    contains = (
        (Op.EQ, Op.NE)
        if field == "predicted_next_purchase_category"
        else (Op.CONTAINS, Op.NOT_CONTAINS)
    )
    leaves = [
        Condition(field=field, op=contains[item.negated != flipped], value=item.text)
        for item in items
    ]
    positive_or = any(item.by_or for item in items)
    if len(leaves) == 1:
        return leaves[0]
    if positive_or and not flipped:
        plain = [leaf for leaf, item in zip(leaves, items, strict=True) if not item.negated]
        denied = [leaf for leaf, item in zip(leaves, items, strict=True) if item.negated]
        either: Expression = AnyOf(any=tuple(plain)) if len(plain) > 1 else plain[0]
        return AllOf(all=(either, *denied)) if denied else either
    return AllOf(all=tuple(leaves))


def _before_trail(canvas: Canvas, m: re.Match[str], field: str) -> Finding | None:
    lead = canvas.open[: m.start()]
    found = re.search(
        r"(?:\b(?:have|has|having|with|had|wer|die|der|welche|either|list|und|lists|likely to buy|expected to buy|likely to purchase|will buy|buy|purchase)\s)"
        r"(?P<neg>(?:(?:not|never|no|noch nie|nie|keine?n?|nicht)\s)?)(?P<adverb>(?:bereits|schon|sich|already|either|einmal|etwas|some|any|the|zuletzt|ein|eine|einen)\s)*"
        r"(?P<what>[^.,;:!?\x00\ue000-\ue006]{2,40}?)(?P<tail>(?:,? but (?:not|no|never) (?P<denied>[^.,;:!?\x00]{2,30}?))?)\s$",
        lead,
    )
    if found is None:
        return None
    names = re.split(r"\s(?:and|und|or|oder)\s", found["what"])
    if any(
        len(name.split()) > 3 or name.split()[0] in NOTHING or name.split()[-1] in STOP
        for name in names
    ):
        return None
    either = re.search(r"\s(?:or|oder)\s", found["what"]) is not None
    start, end = found.start(), m.end()
    base = found.start("what")
    items = [
        Item(
            base,
            end,
            canvas.raw[base : base + len(found["what"])].lower() if len(names) == 1 else name,
            bool(found["neg"]),
            either and len(names) > 1,
        )
        for name in names
    ]
    if found["denied"]:
        items.append(Item(base, end, found["denied"], True, False))
    rest = re.match(r",? (?:but|yet|and) (?:not|no|never) ", canvas.open[end:])
    if rest is not None and (phrase := noun_phrase(canvas, end + rest.end())) is not None:
        items.append(Item(phrase[0], phrase[1], phrase[2], True, False))
        end = phrase[1]
    if (
        field == "predicted_next_purchase_category"
        and m.group() == "next"
        and not re.match(
            r".*(?:buy|purchase)\s$", found.group()[: found.start("what") - found.start()]
        )
    ):
        return None
    return Finding(start, end, _expression(field, items, False))


def _buyers(canvas: Canvas, m: re.Match[str]) -> Finding | None:
    tokens = [
        t
        for t in m["what"].split()
        if t not in ("our", "the", "all", "to", "for", "among", "of", "and", "those", "these")
    ]
    if not tokens or any(t in _NOT_BUYERS or t in STOP for t in tokens):
        tokens = tokens[-1:]
    if (
        not tokens
        or tokens[-1] in _NOT_BUYERS
        or tokens[-1] in STOP
        or tokens[-1].endswith(("-time", "ly"))
    ):
        return None
    text = " ".join(tokens)
    start = m.start() + m["what"].rfind(text)
    viewed = m["who"] in ("viewers", "browsers")
    field = "viewed_products" if viewed else "product_categories_purchased"
    return Finding(start, m.end(), Condition(field=field, op=Op.CONTAINS, value=text))


_LACKS = re.compile(
    r"\s(?:without|but no|but without|but not|with no|who lack|lacking)\s(?:any |an? |the )?(?!(?:discounts?|vouchers?|incentives?|coupons?|codes?|gifts?|offers?|shipping|delivery|postage|prices?|further|any|costs?|limits?|exceptions?|filters?|restrictions?)\b)"
)


def _lacking(canvas: Canvas, finding: Finding | None) -> Finding | None:
    """The condition with what those buyers have not bought: "tent buyers without a mat"."""
    said = _LACKS.match(canvas.open, finding.end) if finding is not None else None
    if finding is None or said is None:
        return finding
    phrase = noun_phrase(canvas, said.end())
    if phrase is None or not isinstance(finding.expression, Condition):
        return finding
    lacks = Condition(field=finding.expression.field, op=Op.NOT_CONTAINS, value=phrase[2])
    return Finding(finding.start, phrase[1], AllOf(all=(finding.expression, lacks)))
