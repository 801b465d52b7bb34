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
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.add_column(sa.Column("promotion", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("policy_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("ruling", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("tracking", sa.Text(), server_default="", nullable=False))
    models = sa.table(
        "models",
        sa.column("id", sa.String),
        sa.column("outcome", sa.String),
        sa.column("created_at", sa.DateTime),
        sa.column("current", sa.Boolean),
        sa.column("promotion", sa.Integer),
    )
    connection = op.get_bind()
    made = sa.select(models.c.id, models.c.outcome).order_by(models.c.current, models.c.created_at)
    promotions: dict[str, int] = {}
    for identity, outcome in connection.execute(made).all():
        promotions[outcome] = promotions.get(outcome, 0) + 1
        connection.execute(
            sa.update(models).where(models.c.id == identity).values(promotion=promotions[outcome])
        )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.drop_column("current")
        batch_op.alter_column("tracking", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("current", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.execute(
        "UPDATE models SET current = (promotion IS NOT NULL AND promotion = ("
        "SELECT max(other.promotion) FROM models AS other WHERE other.outcome = models.outcome))"
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.alter_column("current", server_default=None)
        batch_op.drop_column("promotion")
        batch_op.drop_column("policy_id")
        batch_op.drop_column("ruling")
        batch_op.drop_column("tracking")
