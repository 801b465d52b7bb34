"""What a DuckDB connection is told before anything else, so that no query leaves its files."""

from __future__ import annotations

from collections.abc import Sequence

SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
"""To connect with: no extension comes from anywhere."""


def lockdown(paths: Sequence[str] = ()) -> tuple[str, ...]:
    """Statements after which only these files (and DuckDB's own spill files) can be reached, and no
    setting can be changed any more."""
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return (
        f"SET allowed_paths = [{quoted}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    )
