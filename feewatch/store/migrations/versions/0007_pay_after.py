"""pay-after contracts are found without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_PAY_AFTER = sa.text("payment = 'pay_after'")


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_contract_pay_after",
        "contract",
        ["institution_id"],
        sqlite_where=_PAY_AFTER,
        postgresql_where=_PAY_AFTER,
    )
