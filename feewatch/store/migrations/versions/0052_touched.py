"""What of an institution's data changed since its last check, and when each rule is due again."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Apply: all rules judge every institution once more, as nothing is known of what changed."""
    op.add_column("check_result", sa.Column("due_on", sa.BigInteger(), nullable=True))
    op.add_column("check_result", sa.Column("settled", sa.JSON(), nullable=True))
    with op.batch_alter_table("institution_state") as batch:
        batch.add_column(sa.Column("touched", sa.Integer(), nullable=False, server_default="7"))
        batch.add_column(
            sa.Column("touched_from", sa.BigInteger(), nullable=False, server_default="-25567")
        )
        batch.add_column(sa.Column("all_due_on", sa.BigInteger(), nullable=True))
