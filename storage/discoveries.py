"""Discoveries, as they were found."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.discovery import Discovery
from domain.errors import NotFound
from storage.tables import DiscoveryRow


def add(session: Session, found: Discovery) -> None:
    session.add(
        DiscoveryRow(
            id=found.discovery_id,
            created_at=found.created_at,
            members_id=found.members_id,
            payload=found.model_dump(mode="json", by_alias=True),
        )
    )
    session.flush()


def get(session: Session, identity: str) -> Discovery:
    row = session.get(DiscoveryRow, identity)
    if row is None:
        raise NotFound(
            f"There is no discovery {identity!r}.",
            remedy="See the list of discoveries.",
            field="discovery_id",
        )
    return Discovery.model_validate(row.payload)


def listed(session: Session) -> list[Discovery]:
    """Every discovery, the newest first."""
    query = select(DiscoveryRow).order_by(DiscoveryRow.created_at.desc(), DiscoveryRow.id)
    return [Discovery.model_validate(row.payload) for row in session.scalars(query)]
