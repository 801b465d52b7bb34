"""Whether a text speaks of a campaign at all: of customers, offers or sales."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.criteria import conditions
from interpreter.offline.finding import Finding

_CAMPAIGN = re.compile(
    r"\b(?:(?:tell|remind|write to|e-?mail|text|ping|reach|show|give|get|win|bring|make|let|have|sell) (?:\w+ ){0,2}?(?:them|'?em)\b|(?:for|to) all|prices?|shelves|warehouse|leftovers?|clearance|shipping|delivery|coupons?|vouchers?|livraison|versand|envio|sconti?|klanten|women|men|launch\w*|conversions?|revenue|turnover|customers?|clients?|buyers?|shoppers?|subscribers?|campaign\w*|audience|target|offer\w*|discount\w*|promot\w*|kund\w+|client\w*|kampagne|angebot\w*|rabatt\w*|campa\w+|oferta\w*|descuento\w*|segment\w*|users?|members?|people|everyone|visitors?|folks|anyone|anybody|everybody|nobody|whoever|crowd|owners?|viewers?|readers?|openers?|regulars|lapsed|carts?|baskets?|buy(?:ing)?|bought|orders?|ordered|ordering|sell|sold|stock|shop|store|pairs|pieces|units|visit\w*|clicks?|sessions?|suscriptor\w*|compr\w+|pedid\w*|achat\w*|achet\w+|abonn\w+|command\w+|paniers?|bestell\w+|\w*kauf\w*|leser\w*|tienda|boutique|carritos?|warenk\w+|goal|objective|kpi|ziel|objectif|objetivo)\b"
)


def speaks_of_campaign(folded: str, findings: Iterable[Finding]) -> bool:
    """True with a word of the trade or with a condition; a place alone is none."""
    return _CAMPAIGN.search(folded) is not None or any(
        not leaf.field.startswith("location_")
        for finding in findings
        for leaf in conditions(finding.expression)
    )
