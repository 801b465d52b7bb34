"""promotions of models

Until now each training made its model current, so that the promotions of an outcome are its models
in the order in which they were made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("model_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rolled_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promotions_outcome"), ["outcome"], unique=False)
    op.execute(
        "INSERT INTO promotions (outcome, model_id, at) "
        "SELECT outcome, id, created_at FROM models ORDER BY current, created_at"
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policy_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("ruling", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("tracking", sa.Text(), server_default="", nullable=False))
        batch_op.drop_column("current")
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.alter_column("tracking", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("current", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.execute(
        "UPDATE models SET current = (id IN (SELECT model_id FROM promotions WHERE id IN ("
        "SELECT max(id) FROM promotions WHERE rolled_back_at IS NULL GROUP BY outcome)))"
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.alter_column("current", server_default=None)
        batch_op.drop_column("policy_id")
        batch_op.drop_column("ruling")
        batch_op.drop_column("tracking")
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_promotions_outcome"))
    op.drop_table("promotions")
