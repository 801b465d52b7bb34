"""Suggested copy for a campaign: templates by trigger, goal, channel and language.

No fact is stated that nobody gave: stock numbers, dates, products and discounts stand as
placeholders in square brackets, listed with the copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.objective import CampaignObjective
from domain.triggers import CATALOGUE, Channel, TriggerCatalogue
from interpreter.offline.language import language_of
from interpreter.offline.text import fold

LIMITS: Mapping[Channel, Mapping[str, int]] = {
    Channel.EMAIL: {"subject": 60, "body": 800},
    Channel.SMS: {"body": 160},
    Channel.PUSH: {"title": 50, "body": 120},
    Channel.WEB: {"headline": 50, "body": 150},
    Channel.ADS: {"headline": 40, "body": 90},
    Channel.DIRECT_MAIL: {"headline": 60, "body": 800},
}
"""The most characters of each part, by channel."""

SCARCITY_NOTE = "A scarcity claim must be true: fill in the real number or date, or leave it out."

_DISCOUNT = re.compile(
    r"\b(?P<amount>\d{1,2}(?:[.,]\d)?)\s?(?:%|percent|prozent|pour cent|por ciento)"
    r"(?=[^.;]{0,24}\b(?:off|discounts?|coupons?|vouchers?|rabatt|nachlass|remise|reduction|descuento|cupon))"
    r"|(?:\b(?:discount|coupon|voucher|rabatt|remise|descuento)s? (?:of|von|de|del) )"
    r"(?P<amount2>\d{1,2}(?:[.,]\d)?)\s?(?:%|percent|prozent)"
)

Rewriter = Callable[[str, int], str]
"""Another author (such as an LLM): it is given a text and its limit, and returns its own."""


@dataclass(frozen=True)
class Copy:
    """Copy for one channel. `placeholders` are what a person must fill in, `notes` what a person
    must heed; `source` is `template` or `llm`, `reason` why an author was not used."""

    channel: Channel
    language: str
    parts: Mapping[str, str]
    placeholders: tuple[str, ...]
    notes: tuple[str, ...] = ()
    source: str = "template"
    reason: str | None = None


def write_copy(
    objective: CampaignObjective,
    catalogue: TriggerCatalogue = CATALOGUE,
    *,
    trigger: str | None = None,
    rewrite: Rewriter | None = None,
) -> tuple[Copy, ...]:
    """Copy for the objective's channel, or for every channel where it names none.

    `trigger` is the one that the segment gets where the brief left the choice open. A text of
    `rewrite` is taken only if it keeps the limit and every placeholder and states no number that
    the template does not; otherwise the template stands and `reason` says so.
    """
    key = trigger or objective.proposed_intervention
    language = language_of(fold(objective.brief))
    channels = [objective.channel] if objective.channel else list(LIMITS)
    return tuple(
        _for_channel(objective, catalogue, key, channel, language, rewrite) for channel in channels
    )


def _for_channel(
    objective: CampaignObjective,
    catalogue: TriggerCatalogue,
    key: str | None,
    channel: Channel,
    language: str,
    rewrite: Rewriter | None,
) -> Copy:
    missing: dict[str, None] = {}
    known = _known(objective.brief)

    def fact(name: str) -> str:
        if name in known:
            return known[name]
        missing[f"[{name}]"] = None
        return f"[{name}]"

    texts = _templates()[language]

    def fill(template: str) -> str:
        return _environment().from_string(template).render(fact=fact)

    said = texts["triggers"].get(key) or _own_trigger(catalogue, key)
    goal = fill(texts["goals"][objective.campaign_goal]) if objective.campaign_goal else ""
    short = fill(said["short"]) if said else goal
    long = fill(said["long"]) if said else ""
    call = fill(texts["call"])
    letter = channel in (Channel.EMAIL, Channel.DIRECT_MAIL)
    body = [fill(texts["greeting"]), goal, long, call] if letter else [long or goal, call]
    joint = "\n\n" if letter else " "
    parts = dict.fromkeys(LIMITS[channel], short) | {
        "body": joint.join(part for part in body if part)
    }
    parts = {name: shortened(text, LIMITS[channel][name]) for name, text in parts.items()}
    notes = (SCARCITY_NOTE,) if key == "scarcity_message" else ()
    used = tuple(name for name in missing if any(name in text for text in parts.values()))
    copy = Copy(channel, language, parts, used, notes)
    return _rewritten(copy, rewrite) if rewrite else copy


def _own_trigger(catalogue: TriggerCatalogue, key: str | None) -> dict[str, str] | None:
    if key is None or key not in catalogue:
        return None
    name = catalogue[key].name.replace("{", "").replace("}", "")
    return {"short": name, "long": f"{name}: {{{{ fact('DETAILS') }}}}."}


def _known(brief: str) -> dict[str, str]:
    """Facts that the brief itself gives."""
    match = _DISCOUNT.search(fold(brief))
    amount = match and (match["amount"] or match["amount2"])
    return {"DISCOUNT": f"{amount} %"} if amount else {}


def shortened(text: str, limit: int) -> str:
    """The text cut at a word, never inside a placeholder."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if cut.rfind("[") > cut.rfind("]"):
        cut = cut[: cut.rfind("[")]
    elif " " in cut:
        cut = cut[: cut.rfind(" ")]
    return cut.rstrip(" ,;:") + "…"


def _rewritten(copy: Copy, rewrite: Rewriter) -> Copy:
    parts: dict[str, str] = {}
    for name, text in copy.parts.items():
        limit = LIMITS[copy.channel][name]
        made = rewrite(text, limit).strip()
        lost = [p for p in copy.placeholders if p in text and p not in made]
        numbers = set(re.findall(r"\d+", made)) - set(re.findall(r"\d+", text))
        if not made or len(made) > limit or lost or numbers:
            why = "is too long" if len(made) > limit else "changes the facts"
            reason = f"the rewritten {name} {why}"
            return Copy(
                copy.channel, copy.language, copy.parts, copy.placeholders, copy.notes,
                reason=reason,
            )  # fmt: skip
        parts[name] = made
    return Copy(copy.channel, copy.language, parts, copy.placeholders, copy.notes, source="llm")


@cache
def _templates() -> Any:
    text = resources.files("interpreter").joinpath("copy_templates.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
