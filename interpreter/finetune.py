"""Labelled briefs as chat fine-tuning lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_SYSTEM = "You read marketing briefs into campaign objectives. Answer with JSON only."


def export_finetune(labelled: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON line a labelled brief: system, user (the brief) and assistant (its objective)."""
    for row in labelled:
        answer = json.dumps(row["gold"], ensure_ascii=False, sort_keys=True)
        turns = (("system", _SYSTEM), ("user", row["brief"]), ("assistant", answer))
        messages = [{"role": role, "content": content} for role, content in turns]
        yield json.dumps({"messages": messages}, ensure_ascii=False)
