"""scopes and ends of keys; suppressions, erasures, idempotency, webhooks

A key from before could read and make segments, start trainings, and see no personal data.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None

_BEFORE = "segments:read segments:write admin"


def upgrade() -> None:
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scopes", sa.Text(), server_default=_BEFORE, nullable=False))
        batch_op.add_column(
            sa.Column("demo", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.alter_column("scopes", server_default=None)
        batch_op.alter_column("demo", server_default=None)
    op.execute("UPDATE api_keys SET demo = (name = 'demo')")


def downgrade() -> None:
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        for column in ("last_used_at", "expires_at", "demo", "scopes"):
            batch_op.drop_column(column)
