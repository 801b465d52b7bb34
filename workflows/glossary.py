"""A workspace's own meanings of vague words, kept in `glossary.toml` for people to edit.

    loyal = { all = [{ field = "purchase_frequency", op = "gte", value = 6 }] }
    "night owls" = { all = [{ field = "session_count", op = "gte", value = 20 }] }

A name of the product's glossary changes its meaning; another is a new word that briefs may use.
"""

from __future__ import annotations

import tomllib

from domain.criteria import Expression
from domain.errors import AetherError
from domain.parsing import parse
from workflows.workspace import BadWorkspace, Workspace

GLOSSARY_FILE = "glossary.toml"


def own_glossary(workspace: Workspace) -> dict[str, Expression]:
    """Each word and what it means here. Raises BadWorkspace where the file can't be read."""
    path = workspace.root / GLOSSARY_FILE
    if not path.is_file():
        return {}
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadWorkspace(f"{path} can't be read: {error}") from None
    schema, meanings = workspace.schema(), {}
    for word, meaning in written.items():
        try:
            meanings[word] = parse(meaning, schema)
        except AetherError as error:
            raise BadWorkspace(f"{word!r} in {path}: {error}", field=word) from None
    return meanings
