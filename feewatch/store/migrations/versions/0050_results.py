"""Results that are pushed: documents, and to whom each is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "result_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_document")),
        sa.UniqueConstraint("district", "number", name=op.f("uq_result_document_district_number")),
    )
    op.create_table(
        "result_parcel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_document_id", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.String(length=32), nullable=False),
        sa.Column("claimed_until", sa.String(length=32), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["result_document_id"],
            ["result_document.id"],
            name=op.f("fk_result_parcel_result_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_parcel")),
        sa.UniqueConstraint(
            "result_document_id",
            "subscriber",
            name=op.f("uq_result_parcel_result_document_id_subscriber"),
        ),
    )
