"""which charge a receipt pays, and who holds contracts on which days."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_FIRST, _LAST = -25567, 2932896


def upgrade() -> None:
    """Apply."""
    op.add_column("match", sa.Column("charge_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "holding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["institution.id"], name=op.f("fk_holding_holder_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_holding_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
        sa.UniqueConstraint(
            "institution_id", "from_day", name=op.f("uq_holding_institution_id_from_day")
        ),
    )
    op.create_index(op.f("ix_holding_holder_id"), "holding", ["holder_id"], unique=False)
    connection = op.get_bind()
    query = (
        "SELECT institution_id, to_institution_id, on_day FROM succession ORDER BY on_day, to_uscc"
    )
    changes = [tuple(row) for row in connection.execute(sa.text(query))]
    for register in sorted({old for old, _, _ in changes}):
        holder, since = register, _FIRST
        for old, new, day in [*changes, (None, None, _LAST + 1)]:
            if day > _LAST or (old == holder and day >= since):
                if day > since:
                    connection.execute(
                        sa.text(
                            "INSERT INTO holding (institution_id, holder_id, from_day, to_day) "
                            "VALUES (:register, :holder, :since, :until)"
                        ),
                        {"register": register, "holder": holder, "since": since, "until": day - 1},
                    )
                holder, since = new, day
    # what was matched and judged before knew neither charges nor successions
    concerned = (
        "SELECT institution_id FROM charge UNION SELECT institution_id FROM succession "
        "UNION SELECT to_institution_id FROM succession"
    )
    true = "1" if connection.dialect.name == "sqlite" else "TRUE"
    op.execute(
        f"UPDATE institution_state SET to_match = {true}, to_check = {true} "
        f"WHERE institution_id IN ({concerned})"
    )
