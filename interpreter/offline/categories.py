"""Products and categories: who bought what, who looked at what, who will buy what next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.criteria import AllOf, AnyOf, Condition, Expression, Op
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas

_BOUGHT = r"(?:bought|purchased|ordered|shopped(?: for)?|acquired|buying|purchase[sd]?(?! (?:frequency|rate|value|histor|categor))|(?:regularly |usually |often |who )buy)"
_VIEWED = (
    r"(?:viewed|(?:looked|looking|been looking) (?:at|for|into)|browsed|browsing|checked out|clicked (?:on|through)|"
    r"visited|viewing|explored|seen|saw|view|look at|browse|searched(?: for)?|inspected)"
)


def _word_set(name: str) -> frozenset[str]:
    return frozenset(str(data("phrase_words")[name]).split())


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
        r"(?:viewers|browsers) of|interested in|showed? (?:an )?interest in|(?:ont |a )?(?:consulte|regarde|vu)|(?:han? |hayan )?(?:visto|visitado|mirado|consultado)|"
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
_NOT_BUYERS = _word_set("not_buyers")
_STOP = _word_set("stop")
_NOTHING = _word_set("nothing")
_DETERMINERS = _word_set("determiners")
_TAIL_NOUNS = _word_set("tail_nouns")
_TOKEN = re.compile(r"[^\W\d_][\w'&/-]*")
_NEGATION = re.compile(
    r"(?:\b(?:not|never|no|without|nicht|nie|kein\w*|ohne|pas|jamais|nunca|sin|haven't|hasn't|didn't|don't|havent|hasnt|didnt|did not|"
    r"yet to|n'ont|n'a)\s(?:\S+\s){0,2}?)$|n't\s(?:\w+\s)?$"
)
_CONNECT = re.compile(
    r"\s?(?P<comma>,\s?)?(?P<word>but (?:not|no|never|without|have never|have not|haven't|did not|didn't)(?: yet)?(?: (?:any|bought|purchased))?|and (?:not|no|never)|yet (?:not|no|never)|"
    r"or|and|nor|not|never|aber (?:nicht|keine?n?)|oder|und|mais pas(?: de)?|ou|et|pero no|o|y|no|sowie|/)?(?!\w)\s?"
)


@dataclass(frozen=True)
class _Item:
    start: int
    end: int
    text: str
    negated: bool
    by_or: bool


_VERB = re.compile(r"\w{3,}(?<!s)(?<!r)(?<!b)ed|wrote|left|spent|gave|written|given|gone|kept|seen")


def read_categories(canvas: Canvas) -> list[Finding]:
    """Conditions that contain, or do not contain, a product or category."""
    findings = []
    for field, pattern in _LEADS:
        for m in list(canvas.find(pattern)):
            if m.group().strip() and not _others(canvas, m):
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
        finding = _buyers(canvas, m)
        if finding is not None:
            canvas.take(finding.start, finding.end)
            findings.append(finding)
    return findings


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
    items = list(_items(canvas, m.end(), False))
    if not items:
        return None
    start = m.start()
    lead = _NEGATION.search(canvas.open[max(0, start - 32) : start])
    if lead is not None:
        start = max(0, start - 32) + lead.start()
    flipped = lead is not None
    return Finding(start, items[-1].end, _expression(field, items, flipped))


def _expression(field: str, items: list[_Item], flipped: bool) -> Expression:
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


def _items(canvas: Canvas, position: int, negated: bool) -> Iterator[_Item]:
    """The list of noun phrases from `position` on."""
    by_or = False
    first = True
    while True:
        phrase = _phrase(canvas, position)
        if phrase is None:
            return
        start, end, text = phrase
        if not first and len(text.split()) > 3:
            return
        if not first and re.match(r"\s?[\ue000-\ue006]", canvas.open[end:]):
            return  # "and hold at least two" is another condition, no product
        connect = _CONNECT.match(canvas.open, end)
        word = (connect["word"] if connect else None) or ""
        upcoming_or = word in ("or", "oder", "ou", "o", "nor", "/") or (
            not word
            and connect is not None
            and connect["comma"] is not None
            and re.match(r"[^.;]{0,40}?\b(?:or|oder|ou|o)\b", canvas.open[connect.end() :])
            is not None
            and not re.match(r"[^.;]{0,40}?\band\b", canvas.open[connect.end() :])
        )
        yield _Item(start, end, text, negated, by_or or upcoming_or)
        first = False
        if connect is None or connect.end() == end:
            return
        if not word and connect["comma"] is None:
            return
        if not word and not _list_goes_on(canvas, connect.end()):
            return
        if word in ("not", "never", "no") and connect["comma"] is None:
            return
        negated = bool(
            re.search(r"\b(?:not|no|never|nor|nicht|keine?n?|pas|without|haven't|didn't)\b", word)
        ) or (negated and bool(word))
        by_or = upcoming_or
        position = connect.end()


def _list_goes_on(canvas: Canvas, position: int) -> bool:
    """After a bare comma a list goes on only where "and" or "or" is still to come."""
    phrase = _phrase(canvas, position)
    if phrase is None or len(phrase[2].split()) > 2:
        return False
    return re.match(r",? (?:and|or|und|oder|et|ou|y|o) |, ", canvas.open[phrase[1] :]) is not None


def _phrase(canvas: Canvas, position: int) -> tuple[int, int, str] | None:
    """The noun phrase at `position`: up to four words before a word that can't be part of one."""
    tokens: list[re.Match[str]] = []
    i = position
    quoted = re.match(
        r"\s*(?:the |our |category |products )*[\"']([\w &-]{2,40})[\"']", canvas.open[i:]
    )
    if quoted:
        return (
            i + quoted.start(1),
            i + quoted.end(),
            canvas.raw[i + quoted.start(1) : i + quoted.end(1)].lower(),
        )
    while len(tokens) < 4:
        gap = re.compile(r"[ ]?(?:')?").match(canvas.open, i)
        i = gap.end() if gap else i
        token = _TOKEN.match(canvas.open, i)
        if token is None:
            break
        word = token.group()
        if not tokens and (word in _DETERMINERS or (word.endswith("'") and len(word) <= 2)):
            i = token.end()
            continue
        if re.match(r"[ld]'\w", word) and not tokens:
            token = re.compile(r"\w[\w-]*").match(canvas.open, i + 2)
            assert token is not None
            word = token.group()
        if not tokens and (word in _NOTHING or _VERB.fullmatch(word)):
            return None
        if word in _STOP or (
            tokens
            and re.search(r"(?:ed|n't)$", word)
            and word not in ("bed", "red", "seed", "feed")
        ):
            break
        if tokens and word in _NOTHING | {"least"} and word not in _TAIL_NOUNS:
            break
        if tokens and word == "of" and len(tokens) > 2:
            break
        tokens.append(token)
        i = token.end()
    while tokens and tokens[-1].group() in ("of", "the", "a", "an", "i", "usually", "de"):
        tokens.pop()
    end = tokens[-1].end() if tokens else position
    if len(tokens) > 1 and tokens[-1].group() in _TAIL_NOUNS:
        tokens.pop()
    if not tokens:
        return None
    text = canvas.raw[tokens[0].start() : tokens[-1].end()].lower().strip("'\"")
    return (tokens[0].start(), end, text) if re.search(r"\w\w", text) else None


def _before_trail(canvas: Canvas, m: re.Match[str], field: str) -> Finding | None:
    lead = canvas.open[: m.start()]
    found = re.search(
        r"(?:\b(?:have|has|having|with|had|die|der|welche|either|list|und|lists|likely to buy|expected to buy|likely to purchase|will buy|buy|purchase)\s)"
        r"(?P<neg>(?:(?:not|never|no|noch nie|nie|keine?n?|nicht)\s)?)(?P<adverb>(?:bereits|schon|sich|already|either|einmal|etwas|some|any|the|zuletzt|ein|eine|einen)\s)*"
        r"(?P<what>[^.,;:!?\x00\ue000-\ue006]{2,40}?)(?P<tail>(?:,? but (?:not|no|never) (?P<denied>[^.,;:!?\x00]{2,30}?))?)\s$",
        lead,
    )
    if found is None:
        return None
    names = re.split(r"\s(?:and|und|or|oder)\s", found["what"])
    if any(
        len(name.split()) > 3 or name.split()[0] in _NOTHING or name.split()[-1] in _STOP
        for name in names
    ):
        return None
    either = re.search(r"\s(?:or|oder)\s", found["what"]) is not None
    start, end = found.start(), m.end()
    base = found.start("what")
    items = [
        _Item(
            base,
            end,
            canvas.raw[base : base + len(found["what"])].lower() if len(names) == 1 else name,
            bool(found["neg"]),
            either and len(names) > 1,
        )
        for name in names
    ]
    if found["denied"]:
        items.append(_Item(base, end, found["denied"], True, False))
    rest = re.match(r",? (?:but|yet|and) (?:not|no|never) ", canvas.open[end:])
    if rest is not None and (phrase := _phrase(canvas, end + rest.end())) is not None:
        items.append(_Item(phrase[0], phrase[1], phrase[2], True, False))
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
    if not tokens or any(t in _NOT_BUYERS or t in _STOP for t in tokens):
        tokens = tokens[-1:]
    if (
        not tokens
        or tokens[-1] in _NOT_BUYERS
        or tokens[-1] in _STOP
        or tokens[-1].endswith(("-time", "ly"))
    ):
        return None
    text = " ".join(tokens)
    start = m.start() + m["what"].rfind(text)
    viewed = m["who"] in ("viewers", "browsers")
    field = "viewed_products" if viewed else "product_categories_purchased"
    return Finding(start, m.end(), Condition(field=field, op=Op.CONTAINS, value=text))
