"""A workspace: one folder with both stores, opened together."""

from __future__ import annotations

import hashlib
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.clusters import cluster_fields
from domain.customer import STANDARD, Schema, axis_fields
from domain.errors import AetherError, NotFound
from domain.experiment import Campaign, Outcome
from domain.triggers import CATALOGUE, TriggerCatalogue
from storage import axes as axis_versions
from storage import definitions
from storage.access import KeyReader
from storage.audithead import HeadFile
from storage.consents import ConsentReader
from storage.control import Control, sqlite_url
from storage.members import MemberReader
from storage.segments import VersionReader
from storage.snapshots import Snapshot, SnapshotStore
from storage.suppressionindex import SuppressionIndex
from workflows.toml import quoted

SETTINGS_FILE = "workspace.toml"
AUDIT_HEAD = "audit-head.json"
PROFILES = "profiles"
MEMBERSHIPS = "axes"

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class BadWorkspace(AetherError):
    """A folder that is no workspace, or one whose settings can't be read."""


class FrequencyCap(BaseModel):
    """At most so many messages to one customer within so many days, over all campaigns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: Annotated[int, Field(ge=1)]
    days: Annotated[int, Field(ge=1, le=366)]


class WorkspaceSettings(BaseModel):
    """What a company states of itself, kept in `workspace.toml` for people to edit.

    `salt` keys the split of customers into learning and reporting, so it must never change; it
    is made from the workspace's name, so that the same data in a workspace of the same name give
    the same numbers. `secret` signs cursors. `margin_rate` is the share of revenue that is left
    before campaign costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    salt: Annotated[str, Field(min_length=16)]
    secret: Annotated[str, Field(min_length=32, repr=False)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    margin_rate: Annotated[float, Field(gt=0, le=1)] | None = None
    buckets: Annotated[int, Field(ge=1, le=4096)] = 8
    frequency_cap: FrequencyCap | None = None
    global_holdout: Annotated[float, Field(ge=0, le=0.5)] = 0.02


@dataclass
class Workspace:
    root: Path
    settings: WorkspaceSettings
    control: Control
    snapshots: SnapshotStore
    members: MemberReader
    consents: ConsentReader
    suppressions: SuppressionIndex
    keys: KeyReader
    versions: VersionReader
    now: Clock = field(default=utc_now)

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        currency: str = "EUR",
        margin_rate: float | None = None,
        buckets: int = 8,
        database_url: str | None = None,
        now: Clock = utc_now,
    ) -> Workspace:
        """A new, empty workspace in a folder that does not hold one yet."""
        if (root / SETTINGS_FILE).exists():
            raise BadWorkspace(f"{root} is a workspace already.", remedy="Choose another folder.")
        name = root.resolve().name
        settings = WorkspaceSettings(
            name=name,
            salt=hashlib.sha256(f"split of {name}".encode()).hexdigest()[:32],
            secret=secrets.token_hex(32),
            currency=currency,
            margin_rate=margin_rate,
            buckets=buckets,
        )
        root.mkdir(parents=True, exist_ok=True)
        workspace = cls._assemble(root, settings, database_url, now)
        (root / SETTINGS_FILE).write_text(_settings_text(settings), encoding="utf-8")
        return workspace

    @classmethod
    def open(
        cls, root: Path, *, database_url: str | None = None, now: Clock = utc_now
    ) -> Workspace:
        path = root / SETTINGS_FILE
        if not path.is_file():
            raise BadWorkspace(
                f"{root} is not a workspace.",
                remedy="`aether import FILE --mapping MAP.toml --workspace W` makes one.",
            )
        try:
            settings = WorkspaceSettings.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise BadWorkspace(f"{path} can't be read: {error}") from None
        return cls._assemble(root, settings, database_url, now)

    @classmethod
    def _assemble(
        cls, root: Path, settings: WorkspaceSettings, database_url: str | None, now: Clock
    ) -> Workspace:
        head = HeadFile(root.absolute() / AUDIT_HEAD)
        control = Control(database_url or sqlite_url(root / "control.db"), head.keep)
        control.migrate()
        # Workers of a cluster open the same files from a folder of their own.
        snapshots = SnapshotStore(root.absolute() / "snapshots")
        return cls(
            root,
            settings,
            control,
            snapshots,
            MemberReader(snapshots),
            ConsentReader(snapshots),
            SuppressionIndex(),
            KeyReader(control),
            VersionReader(control),
            now,
        )

    def close(self) -> None:
        self.control.close()

    def catalogue(self) -> TriggerCatalogue:
        """The standard triggers and the workspace's own."""
        with self.control.read() as session:
            return CATALOGUE.with_triggers(definitions.triggers(session))

    def schema(self) -> Schema:
        """The standard fields, the workspace's custom ones, the uplift fields of triggers, the
        behavioural axes that have segments, and the kept discoveries."""
        with self.control.read() as session:
            custom = definitions.fields(session)
            axes = axis_fields(axis_versions.assigned(session))
            clusters = cluster_fields(definitions.clusterings(session))
        own = STANDARD.with_fields(custom).with_triggers(self.catalogue())
        return own.with_fields((*axes, *clusters))

    def outcomes(self) -> dict[str, Outcome]:
        with self.control.read() as session:
            return {outcome.name: outcome for outcome in definitions.outcomes(session)}

    def campaigns(self) -> tuple[Campaign, ...]:
        with self.control.read() as session:
            return definitions.campaigns(session)

    def people(self) -> list[Snapshot]:
        """Today's customers: their profiles, and beside them their axis memberships, if any."""
        with self.control.read() as session:
            axes = definitions.current(session).get(MEMBERSHIPS)
        beside = [] if axes is None else [self.snapshots.open(axes)]
        return [self.current(PROFILES), *beside]

    def current(self, name: str) -> Snapshot:
        """The current snapshot of a name: `profiles` (the newest), `profiles@<campaign>` (as of
        its start), `exposures@<campaign>`, or a raw table."""
        with self.control.read() as session:
            identity = definitions.current(session).get(name)
        if identity is None:
            raise NotFound(
                f"The workspace {self.root} holds no {name} yet.",
                remedy="Import data first: `aether import FILE --mapping MAP.toml`.",
            )
        return self.snapshots.open(identity)


def _settings_text(settings: WorkspaceSettings) -> str:
    margin = (
        "# margin_rate = 0.35  # share of revenue left before campaign costs"
        if settings.margin_rate is None
        else f"margin_rate = {settings.margin_rate}"
    )
    return (
        f"name = {quoted(settings.name)}\n"
        f"currency = {quoted(settings.currency)}\n"
        f"{margin}\n"
        "# Share of customers whom no campaign ever addresses: what all campaigns are judged by.\n"
        f"global_holdout = {settings.global_holdout}\n"
        "# These two must never change: they key the split of customers and the files.\n"
        f"salt = {quoted(settings.salt)}\n"
        f"buckets = {settings.buckets}\n"
        "# Signs the cursors of pages.\n"
        f"secret = {quoted(settings.secret)}\n"
        "# At most so many messages to one customer within so many days:\n"
        "# frequency_cap = { messages = 3, days = 7 }\n"
    )
