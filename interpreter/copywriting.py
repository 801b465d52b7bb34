"""Suggested copy for a campaign: templates by trigger, goal, channel and language.

No fact is stated that nobody gave: stock numbers, dates, products and discounts stand as
placeholders in square brackets, listed with the copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.errors import AetherError
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

_PLACEHOLDER = re.compile(r"\[[^\[\]]+\]")
_DISCOUNT = re.compile(
    r"\b(?P<amount>\d{1,2}(?:[.,]\d)?)\s?(?:%|percent|prozent|pour cent|por ciento)"
    r"(?=[^.;]{0,24}\b(?:off|discounts?|coupons?|vouchers?|rabatt|nachlass|remise|reduction|descuento|cupon))"
    r"|(?:\b(?:discount|coupon|voucher|rabatt|remise|descuento)s? (?:of|von|de|del) )"
    r"(?P<amount2>\d{1,2}(?:[.,]\d)?)\s?(?:%|percent|prozent)"
)

VARIANTS = 3
"""How many variants are shown together; they share no wording."""


@dataclass(frozen=True)
class Draft:
    """A text to be written anew, and the most characters it may have."""

    text: str
    limit: int


Author = Callable[[str, Mapping[str, Draft]], Mapping[str, str]]
"""Another author (such as an LLM): it is given the language and the drafts by name, and returns its
own texts by the same names. It may raise an AetherError, which says why there are none."""


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
    author: Author | None = None,
    variant: int = 0,
) -> tuple[Copy, ...]:
    """Copy for the objective's channel, or for every channel where it names none.

    `trigger` is the one that the segment gets where the brief left the choice open, `variant`
    which of the wordings is taken (any number from 0). The texts of `author` are taken for a
    channel only if all of them keep their limit and every placeholder, and state no number that
    the template does not; otherwise the template stands and `reason` says so.
    """
    key = trigger or objective.proposed_intervention
    language = language_of(fold(objective.brief))
    channels = [objective.channel] if objective.channel else list(LIMITS)
    copies = tuple(
        _for_channel(objective, catalogue, key, channel, language, variant) for channel in channels
    )
    return copies if author is None else _written_by(author, language, copies)


def _for_channel(
    objective: CampaignObjective,
    catalogue: TriggerCatalogue,
    key: str | None,
    channel: Channel,
    language: str,
    variant: int,
) -> Copy:
    missing: dict[str, None] = {}
    known = _known(objective.brief)

    def fact(name: str) -> str:
        if name in known:
            return known[name]
        missing[f"[{name}]"] = None
        return f"[{name}]"

    texts = _templates()[language]

    def fill(wordings: Sequence[str], later: int = 0) -> str:
        """One of the wordings: those of a round differ, and each round combines them anew."""
        turn, place = divmod(variant, VARIANTS)
        template = wordings[(place + turn * later) % len(wordings)]
        return _compiled(template).render(fact=fact)

    said = texts["triggers"].get(key) or _own_trigger(catalogue, key)
    goal = fill(texts["goals"][objective.campaign_goal], 2) if objective.campaign_goal else ""
    short = fill(said["short"]) if said else goal
    long = fill(said["long"], 1) if said else ""
    call = fill(texts["call"], 2)
    letter = channel in (Channel.EMAIL, Channel.DIRECT_MAIL)
    if letter:
        # The first comes to the offer by way of the goal, the second at once, the third ends so.
        opening = ((goal, long), (long,), (long, goal))[variant % VARIANTS]
        body = [fill(texts["greeting"], 1), *opening, call]
    else:
        body = [long or goal, call]
    joint = "\n\n" if letter else " "
    parts = dict.fromkeys(LIMITS[channel], short) | {
        "body": joint.join(part for part in body if part)
    }
    parts = {name: shortened(text, LIMITS[channel][name]) for name, text in parts.items()}
    notes = (SCARCITY_NOTE,) if key == "scarcity_message" else ()
    used = tuple(name for name in missing if any(name in text for text in parts.values()))
    return Copy(channel, language, parts, used, notes)


def _own_trigger(catalogue: TriggerCatalogue, key: str | None) -> dict[str, list[str]] | None:
    if key is None or key not in catalogue:
        return None
    name = catalogue[key].name.replace("{", "").replace("}", "")
    detail = "{{ fact('DETAILS') }}"
    return {
        "short": [name, f"{name}, for you", f"Now: {name}"],
        "long": [f"{name}: {detail}.", f"{detail}: {name}.", f"This is for you: {name}, {detail}."],
    }


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


def _written_by(author: Author, language: str, copies: Sequence[Copy]) -> tuple[Copy, ...]:
    """The copies as the author writes them, all asked for at once."""
    drafts = {
        _named(copy, part): Draft(text, LIMITS[copy.channel][part])
        for copy in copies
        for part, text in copy.parts.items()
    }
    try:
        made = author(language, drafts)
    except AetherError as error:
        return tuple(replace(copy, reason=error.message) for copy in copies)
    return tuple(_taken(copy, made) for copy in copies)


def _named(copy: Copy, part: str) -> str:
    return f"{copy.channel.value} {part}"


def _taken(copy: Copy, made: Mapping[str, str]) -> Copy:
    """The copy with the author's texts, or as it was where one of them may not be taken."""
    parts: dict[str, str] = {}
    for part, text in copy.parts.items():
        mine = made.get(_named(copy, part), "").strip()
        wrong = _wrong(mine, text, LIMITS[copy.channel][part])
        if wrong:
            return replace(copy, reason=f"The {part.replace('_', ' ')} it wrote {wrong}.")
        parts[part] = mine
    return replace(copy, parts=parts, source="llm")


def _wrong(mine: str, draft: str, limit: int) -> str | None:
    """What forbids a text in place of its draft."""
    if not mine:
        return "is missing"
    if len(mine) > limit:
        return f"has {len(mine)} characters, more than {limit}"
    before, after = (set(_PLACEHOLDER.findall(text)) for text in (draft, mine))
    if before - after:
        return f"leaves out {', '.join(sorted(before - after))}"
    if after - before or set(re.findall(r"\d+", mine)) - set(re.findall(r"\d+", draft)):
        return "states what nobody said"
    return None


@cache
def _templates() -> Any:
    text = resources.files("interpreter").joinpath("copy_templates.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=2_000)
def _compiled(template: str) -> Template:
    """Compiling takes far longer than filling."""
    return _environment().from_string(template)
