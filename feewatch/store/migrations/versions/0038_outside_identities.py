"""As whom an identity provider knows people."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "outside_identity",
        sa.Column("user_id", sa.Integer(), nullable=False),
        _text("issuer", 200),
        _text("subject", 255),
        _text("linked_at", 32),
        _text("linked_by", 60),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_outside_identity_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_outside_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_outside_identity_issuer_subject")),
    )
