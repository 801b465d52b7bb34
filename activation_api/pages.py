"""One page of members as JSON, without building what is already rendered."""

from __future__ import annotations

import orjson

from workflows.activation import Pull


def page_json(pull: Pull, following: str | None) -> bytes:
    """The body that `schemas.CustomerPage` describes; the members are spliced in as they are."""
    version = pull.version
    head = orjson.dumps(
        {
            "segment_id": version.segment_id,
            "version": version.version,
            "recommended_trigger": version.recommended_trigger,
            "criteria": version.model_dump(mode="json", include={"criteria"})["criteria"],
            "explanation": version.explanation.text,
            "outcome": version.outcome,
            "value_unit": version.value_unit,
            "size": version.size,
            "channel": pull.channel,
            "excluded": dict(pull.excluded),
        }
    )
    links = orjson.dumps({"next": following})
    parts = (head[:-1], b',"customer_profiles":', pull.members_json, b',"links":', links, b"}")
    return b"".join(parts)
