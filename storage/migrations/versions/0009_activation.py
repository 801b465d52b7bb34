"""segments can be archived; campaigns, deliveries and outcomes"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("segments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "activations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assignments_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_activations_segment_id", "activations", ["segment_id"])
    op.create_table(
        "deliveries",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("deliveries_by_campaign", "deliveries", ["campaign_id"])
    op.create_index("deliveries_by_customer", "deliveries", ["customer_id", "at"])
    op.create_table(
        "outcome_messages",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "name"),
    )
    op.create_index("outcome_messages_by_name", "outcome_messages", ["name", "at"])
    op.create_index("outcome_messages_by_customer", "outcome_messages", ["customer_id"])


def downgrade() -> None:
    op.drop_table("outcome_messages")
    op.drop_table("deliveries")
    op.drop_table("activations")
    with op.batch_alter_table("segments", schema=None) as batch_op:
        batch_op.drop_column("archived_at")
