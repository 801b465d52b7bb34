"""A workspace in one file, and back: `aether backup`, `aether restore`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from domain.errors import AetherError
from storage.dump import dump, load, referenced
from storage.erasing import LEFTOVER
from workflows.auditing import AUDIT_LOCK, keep_head
from workflows.doctor import Examined, examine
from workflows.workspace import AUDIT_HEAD, SETTINGS_FILE, Workspace

FORMAT = 1
_ROWS, _CONTENTS = "control.jsonl", "backup.json"
_APART = ("control.db", "control.db-wal", "control.db-shm", AUDIT_HEAD, AUDIT_LOCK)
"""What is not copied as a file: the control plane is dumped, and the audit's head follows from it:
the file may be ahead of the dump."""
_NOT_KEPT = ("jobs",)
_PIECE = 1 << 20
Progress = Callable[[float, str], None]


class BadBackup(AetherError):
    """A file that is no backup, or not as it was written."""


@dataclass(frozen=True)
class BackedUp:
    path: Path
    files: int
    rows: int
    bytes: int


@dataclass(frozen=True)
class Restored:
    root: Path
    files: int
    rows: int
    examined: Examined


def back_up(
    workspace: Workspace, out: Path, *, progress: Progress = lambda share, words: None
) -> BackedUp:
    """Write the control plane as of one moment, every snapshot that it keeps, and the workspace's
    other files, as a tar archive whose last member says what each must hash to. Servers may go on
    meanwhile. It holds personal data and the workspace's secret: keep it as you keep those."""
    temporary = out.with_name(f".{out.name}-{secrets.token_hex(4)}")
    digests: dict[str, str] = {}
    try:
        with temporary.open("wb") as raw:
            temporary.chmod(0o600)
            with tarfile.open(fileobj=raw, mode="w") as archive:
                with workspace.control.read_one_moment() as session:
                    lines = "".join(line + "\n" for line in dump(session)).encode()
                    kept = referenced(session)
                _add(archive, _ROWS, io.BytesIO(lines), len(lines), digests)
                paths = sorted(_files(workspace.root, kept))
                for place, path in enumerate(paths):
                    progress(place / len(paths), f"{place} of {len(paths)} files")
                    with path.open("rb") as stream:
                        name = str(path.relative_to(workspace.root))
                        _add(archive, name, stream, os.fstat(stream.fileno()).st_size, digests)
                contents = {
                    "format": FORMAT,
                    "workspace": workspace.settings.name,
                    "at": workspace.now().isoformat(),
                    "files": dict(digests),
                }
                body = json.dumps(contents, indent=1).encode()
                _add(archive, _CONTENTS, io.BytesIO(body), len(body), {})
            raw.flush()
            os.fsync(raw.fileno())
        temporary.rename(out)
        progress(1.0, f"{len(paths)} files")
    finally:
        temporary.unlink(missing_ok=True)
    return BackedUp(out, len(digests), lines.count(b"\n"), out.stat().st_size)


def restore(
    archive: Path,
    root: Path,
    *,
    database_url: str | None = None,
    progress: Progress = lambda share, words: None,
) -> Restored:
    """Make a workspace of a backup, check it, and only then give it its name: a folder that is not
    there yet, and an empty database."""
    if root.exists():
        raise BadBackup(f"{root} is there already.", remedy="Choose another folder.")
    root.parent.mkdir(parents=True, exist_ok=True)
    temporary = root.with_name(f".restoring-{root.name}-{secrets.token_hex(4)}")
    try:
        temporary.mkdir()
        found = _unpacked(archive, temporary, progress)
        rows_file = temporary / _ROWS
        workspace = Workspace.open(temporary, database_url=database_url)
        try:
            with workspace.control.write() as session, rows_file.open(encoding="utf-8") as lines:
                rows = load(session, lines)
            keep_head(workspace)
            rows_file.unlink()
            (temporary / _CONTENTS).unlink()
            examined = examine(workspace, deep=True, progress=progress)
            workspace.control.checkpoint()
        finally:
            workspace.close()
        if not examined.is_whole:
            worst = next(one for one in examined.findings)
            raise BadBackup(f"What was restored is not whole: {worst.subject}: {worst.words}")
        temporary.rename(root)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Restored(root, found, rows, examined)


def _files(root: Path, kept: set[str]) -> Iterator[Path]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if not path.is_file() or parts[0] in _APART or parts[0] in _NOT_KEPT:
            continue
        if parts[0] == "snapshots" and (parts[2] not in kept or parts[-1].startswith(LEFTOVER)):
            continue
        yield path


def _add(
    archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int, digests: dict[str, str]
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    hashing = _Hashing(stream)
    archive.addfile(info, hashing)
    digests[name] = hashing.digest.hexdigest()


class _Hashing(io.RawIOBase):
    """A stream that is hashed while it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self.digest.update(content)
        return content


def _unpacked(archive: Path, folder: Path, progress: Progress) -> int:
    """Unpack into a folder and compare every file with its digest; how many there were."""
    digests: dict[str, str] = {}
    try:
        size = max(1, archive.stat().st_size)
        with archive.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|") as packed:
            for member in packed:
                if not member.isreg():
                    raise BadBackup(f"{archive} holds {member.name!r}, which is no plain file.")
                # Refuses names that lead out of the folder.
                packed.extract(member, folder, filter="data")
                digests[member.name] = _digest(folder / member.name)
                progress(raw.tell() / size, member.name)
        contents = json.loads((folder / _CONTENTS).read_text("utf-8"))
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BadBackup(f"{archive} can't be read as a backup: {error}") from None
    del digests[_CONTENTS]
    if contents.get("format") != FORMAT:
        raise BadBackup(f"{archive} is of format {contents.get('format')!r}, not {FORMAT}.")
    expected = contents["files"]
    for name in sorted({*digests, *expected}):
        if digests.get(name) != expected.get(name):
            raise BadBackup(f"{archive}: {name} is not as it was written.")
    if SETTINGS_FILE not in expected:
        raise BadBackup(f"{archive} holds no {SETTINGS_FILE}.")
    return len(digests)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
