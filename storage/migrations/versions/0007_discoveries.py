"""discoveries, and the qualification rules made from them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discoveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("members_id", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "qualification_rules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    with op.batch_alter_table("qualification_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualification_rules_name"), ["name"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("qualification_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualification_rules_name"))
    op.drop_table("qualification_rules")
    op.drop_table("discoveries")
