"""The trigger that a brief means without naming it."""

from __future__ import annotations

from dataclasses import replace

from domain.triggers import TriggerCatalogue
from interpreter.offline.meaning import Meaning
from interpreter.offline.triggers import Triggers

SURE_BESIDE_REFUSALS = 0.8
"""The probability from which a trigger is taken where the brief refuses others: such briefs mostly
say what they do not want and leave the choice open."""


def with_meaning(
    triggers: Triggers, meaning: Meaning, catalogue: TriggerCatalogue, assumptions: list[str]
) -> Triggers:
    """The triggers with those that the wording refuses, and the one that it means where no cue
    word names one, if the model is sure."""
    named = {triggers.proposed, *triggers.allowed, *triggers.excluded}
    refused = tuple(k for k in sorted(meaning.refused) if k in catalogue and k not in named)
    triggers = replace(triggers, excluded=triggers.excluded + refused)
    if triggers.proposed or triggers.allowed or not meaning.triggers:
        return triggers
    possible = {
        key: meaning.triggers[key]
        for key in meaning.sure
        if key in catalogue and key not in triggers.excluded
        if not triggers.excluded or meaning.triggers[key] >= SURE_BESIDE_REFUSALS
    }
    if not possible:
        return triggers
    key = max(possible, key=lambda k: possible[k])
    assumptions.append(f"trigger: {key}, by the meaning of the words ({possible[key]:.0%})")
    return replace(triggers, proposed=key)
