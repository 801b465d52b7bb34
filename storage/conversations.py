"""Conversations about briefs, kept whole."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.conversation import Conversation
from domain.errors import NotFound
from storage.tables import ConversationRow


def put(session: Session, conversation: Conversation) -> None:
    """Keep a conversation as it is now, new or not."""
    payload = conversation.model_dump(mode="json", by_alias=True)
    row = session.get(ConversationRow, conversation.conversation_id)
    if row is None:
        row = ConversationRow(id=conversation.conversation_id, created_at=conversation.began_at)
        session.add(row)
    row.changed_at = conversation.latest.at
    row.payload = payload
    session.flush()


def get(session: Session, identity: str, *, lock: bool = False) -> Conversation:
    row = session.get(ConversationRow, identity, with_for_update=lock or None)
    if row is None:
        raise NotFound(
            f"There is no conversation {identity!r}.",
            remedy="See the list of conversations.",
            field="conversation_id",
        )
    return Conversation.model_validate(row.payload)


def listed(session: Session, most: int) -> list[Conversation]:
    """The conversations that changed last, the newest first."""
    query = (
        select(ConversationRow)
        .order_by(ConversationRow.changed_at.desc(), ConversationRow.id)
        .limit(most)
    )
    return [Conversation.model_validate(row.payload) for row in session.scalars(query)]
