"""Where customers came from: `acquisition_source`."""

from __future__ import annotations

import re

from domain.criteria import Condition, Op
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas

_SOURCES = {
    "organic_search": r"(?:a )?google(?: search)?(?! ads)|bing|organic(?:ally)?(?:[ _]search(?:es)?)?|seo|search engines?|natural search|organische[rn]? suche|recherche organique|busqueda organica",
    "paid_search": r"(?:paid|sponsored)[ _]search(?:es)?(?: ads)?|google ads|search (?:ads|engine ads|advertising)|sem\b|ppc|adwords|bezahlte[rn]? suche|recherche payante|busqueda (?:de pago|pagada)",
    "paid_social": r"paid[ _]social(?: media)?(?: ads)?|(?:facebook|fb|instagram|insta|ig|tiktok|meta|pinterest|snapchat|social(?: media| network)?) (?:ads?|adverts?|advertis\w+|campaigns?|anzeigen)|bezahlte soziale medien|social payant|redes sociales de pago",
    "referral": r"(?:a |the |our )?referrals?(?: programme?s?)?|(?:a |the |their )?(?:friends?|colleagues?|acquaintances?)(?: referrals?)?|refer-a-friend|word of mouth|recommendations? (?:of|from|by) (?:a )?friends?|empfehlung(?:en)?|parrainage|recomendacion(?:es)?|referidos",
    "email": r"(?:an? )?e-?mails?(?: campaigns?| marketing)?|newsletters?|correo(?: electronico)?",
    "affiliate": r"(?:an? |our )?affiliates?(?:[ _](?:links?|partners?|sites?|programme?|marketing|network))?|partner (?:sites?|links?|programme?s?)|(?:influencer|comparison|coupon) (?:links?|sites?)|partnerlinks?|affiliation|afiliad[oa]s|afiliacion",
    "direct": r"direct(?:ly)?(?: traffic| visits?| access)?|typing (?:in )?(?:our|the) (?:url|address)|direkt\w*|directo|en direct",
}
_ANY = "|".join(f"(?:{pattern})" for pattern in _SOURCES.values())
_LIST = rf"(?P<list>(?:{_ANY})(?:(?:,| or| and|, or|, and| oder| und| ou| et| o| y| via| from| by| through)+ (?:{_ANY}))*)"
_LEAD = (
    r"(?P<neg>(?:not|never|n't) (?:\w+ )?)?(?:acquired|won|recruited|gained|sourced|brought in|attracted|arrived|arriving|c[oa]me|coming|landed|reached us|found us|find us|discovered us|joined(?: us)?|signed up|"
    r"acquisition[_ ](?:source|channel)s?|source|origin|gewonnen|kamen|gekommen|acquis\w*|venus?|arrives?|captad[oa]s|adquirid[oa]s|llegaron|llegad[oa]s)"
    r"(?: (?:to us|us|here|in|to (?:our|the) (?:shop|site|store)))?(?: (?:was|is|are|were|either|being|equals|of|not|ist|est|es))*(?: (?:by|via|through|from|over|using|with|off|on|uber|durch|von|par|de|por|mediante|a traves de|trough|thanks to|=))*[ :=]*(?:the |either |a |an |la |el )?"
)
_BROUGHT = words(
    rf"(?:<who>)(?: that| who| whom| which)? {_LIST} (?:has |have |had )?(?:brought|sent|got|won|delivered|found|attracted|gave)(?: (?:to )?us| in)?"
)
_PATTERN = words(_LEAD + _LIST)
_SHORT = words(
    rf"(?P<list>(?:organic[ _]search|paid[ _]search|paid[ _]social|affiliate|referral|referred|organic|direct[ -]traffic)(?:(?:,| or| and)+ (?:organic[ _]search|paid[ _]search|paid[ _]social|affiliate|referral))*)[ -](?:acquired )?(?:<who>)|(?:<who>) (?:from) (?:the )?(?P<list3>{_LIST.replace('?P<list>', '?:')})(?! of)|(?P<ref>referred by (?:a )?(?:friends?|others?|someone|another \w+|existing \w+))|from (?P<list2>{_LIST.replace('?P<list>', '?:')})(?= (?:as (?:their )?acquisition|source))"
)


def read_sources(canvas: Canvas) -> list[Finding]:
    """One source is an equality, several are a list."""
    findings = []
    for pattern in (_PATTERN, _BROUGHT, _SHORT):
        for m in list(canvas.find(pattern)):
            groups = m.groupdict()
            listed = (
                groups.get("list")
                or groups.get("list2")
                or groups.get("list3")
                or groups.get("ref")
                or ""
            )
            sources = _named(listed)
            if not sources:
                continue
            negated = (
                bool(groups.get("neg"))
                or re.search(r"\b(?:not|n't|except|excluding|other than)\b", m.group()) is not None
            )
            negated = (
                negated
                or re.search(
                    r"\b(?:not|n't|never|weren't)\s(?:\w+ )?$",
                    canvas.folded[max(0, m.start() - 14) : m.start()],
                )
                is not None
            )
            one = len(sources) == 1
            op = (Op.NE if negated else Op.EQ) if one else (Op.NOT_IN if negated else Op.IN)
            canvas.take(m.start(), m.end())
            findings.append(
                Finding(m.start(), m.end(), Condition(field="acquisition_source", op=op, value=sources[0] if one else sources))
            )  # fmt: skip
    return findings


def _named(text: str) -> tuple[str, ...]:
    if text.startswith("referred"):
        return ("referral",)
    hits: list[tuple[int, int, str]] = []
    for key, pattern in _SOURCES.items():
        for m in words(pattern).finditer(text):
            if m.group() and not any(m.start() < end and start < m.end() for start, end, _ in hits):
                hits.append((m.start(), m.end(), key))
    return tuple(dict.fromkeys(key for *_, key in sorted(hits)))
