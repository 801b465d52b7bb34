"""What a webhook may be told of."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """Messages name segments and campaigns by id and count customers; they hold no person."""

    VERSION_CREATED = "segment.version.created"
    MEMBERS_CHANGED = "segment.members.changed"
    RESULTS_UPDATED = "campaign.results.updated"
