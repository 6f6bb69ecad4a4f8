"""The audit trail is a chain: number, hash of the row before, own hash, hashes of what it covers.

The rows of before are linked by ``store.migrations.applying.upgrade`` once all tables are as they are now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("way", sa.String(length=12), nullable=True))
        batch.add_column(sa.Column("origin", sa.String(length=120), nullable=True))
        batch.add_column(sa.Column("covers", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("previous", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
        batch.create_unique_constraint(batch.f("uq_audit_number"), ["number"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute(f"INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '{'0' * 64}')")
    op.create_table(
        "record_pass",
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_record_pass")),
    )
