"""The audit log's head kept outside the database, so that a log cut off at its end is found."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from domain.errors import BadData
from storage.audit import Head


class HeadFile:
    """A small file that only ever moves on to a later row, whichever server writes it last."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, head: Head) -> None:
        """Remember a committed row. After a crash in between, the file is behind by a few rows, and
        never ahead."""
        lock = self._path.with_suffix(".lock")
        with lock.open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            known = self.read()
            if known is not None and known.id >= head.id:
                return
            temporary = self._path.with_suffix(".writing")
            with temporary.open("w", encoding="utf-8") as written:
                json.dump({"id": head.id, "hash": head.hash}, written)
                written.flush()
                os.fsync(written.fileno())
            temporary.replace(self._path)

    def read(self) -> Head | None:
        """The newest row that is known, None where none was kept yet."""
        if not self._path.is_file():
            return None
        try:
            stated = json.loads(self._path.read_text("utf-8"))
            return Head(int(stated["id"]), str(stated["hash"]))
        except (ValueError, TypeError, KeyError):
            raise BadData(
                f"{self._path} does not hold the audit log's head.",
                remedy="Put it back from a copy: it was changed by other hands.",
            ) from None
