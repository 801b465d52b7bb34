"""Consent to channels, in lists and with exceptions: "to push but not to email"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.criteria import Condition, Op
from domain.customer import Schema
from interpreter.offline.finding import Finding, joined
from interpreter.offline.text import Canvas

_CHANNELS = {
    "email_consent": r"e-?mails?(?: marketing)?|newsletters?|correos?|courriels?|mails?",
    "sms_consent": r"sms|texts?(?: messages?)?",
    "push_consent": r"push(?:[- ](?:notifications?|messages?))?",
    "ads_consent": r"(?:personali[sz]ed |targeted )?(?:ads?|adverts?|advertising)",
}
_CHANNEL = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _CHANNELS.items())
_ONE = re.compile(rf"(?:{_CHANNEL})(?!\w)")
_LEAD = re.compile(
    r"(?<!\w)(?:(?P<no>not|never|n't|without|no|refused?|withdr\w+|revoked)\s(?:\w+\s){0,2}?)?"
    r"(?:(?:have |has |had |who )?(?:given|gave|granted)? ?(?:us )?(?:their |an? |valid |the )?(?:consent\w*|permission|opt(?:ed)?[- ]?ins?)|agreed|accept(?:ed|s)?|allow(?:ed|s)?|said yes|einwilligung\w*|zugestimmt|consent\w*|accepte|aceptan?|aceptado)"
    r"(?:\s(?:to|for|by|via|on|of|in|receiv\w+|get|getting|our|marketing|us|the|contact|being|contacted|fur|zu|a|de|recevoir|recibir))*\s$"
)
_NEXT = re.compile(
    r"\s?(?P<join>,?\s?(?:(?:and|or|but|yet|nor|und|aber|et|mais|y|pero|,|/|as well as)\s?)+)(?P<no>(?:not|never|no|nicht|pas|refused|without)\s)?(?:(?:to|for|by|via|on|receiv\w+|zu|fur|a|the|consent)\s)*"
)


def read_consents(canvas: Canvas, schema: Schema) -> Iterator[Finding]:
    """One finding a list of channels; what "but not" follows is refused."""
    for first in list(_ONE.finditer(canvas.open)):
        lead = _LEAD.search(canvas.open[: first.start()])
        if lead is None or not canvas.is_open(first.start(), first.end()):
            continue
        refused = lead["no"] is not None
        parts = [(str(first.lastgroup), not refused)]
        end = first.end()
        while (gap := _NEXT.match(canvas.open, end)) is not None:
            other = _ONE.match(canvas.open, gap.end())
            if other is None:
                break
            against = gap["no"] is not None or re.search(r"\bnor\b", gap["join"]) is not None
            parts.append((str(other.lastgroup), not against and not refused))
            end = other.end()
        known = [(name, given) for name, given in parts if name in schema]
        if len(parts) < 2 or len(known) < len(parts):
            continue  # a lone channel is read with the other flags
        canvas.take(lead.start(), end)
        leaves = [Condition(field=name, op=Op.EQ, value=given) for name, given in known]
        yield Finding(lead.start(), end, joined(leaves))
