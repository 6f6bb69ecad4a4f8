"""decisions are proposed, reviewed and approved; class and days follow from the sanction."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_LIVE = sa.text("status IN ('proposed', 'reviewed', 'in_force')")


def upgrade() -> None:
    """Apply."""
    history = _set_history_aside()
    with op.batch_alter_table("decision") as batch:
        batch.drop_constraint("uq_decision_document_list_uscc_name", type_="unique")
        # of before: what was imposed was not recorded, and one person entered it
        batch.add_column(sa.Column("sanctions", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("why_necessary", sa.Text(), nullable=False, server_default=""))
        batch.add_column(
            sa.Column("imported", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.add_column(sa.Column("form", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("file_name", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("file_sha256", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("notice_name", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("notice_sha256", sa.String(length=64), nullable=True))
        batch.add_column(
            sa.Column("proposed_by", sa.String(length=60), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("reviewed_by", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("approved_by", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("repair_number", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("reported_on", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("decision") as batch:
        for name in ("sanctions", "why_necessary", "imported", "form", "proposed_by"):
            batch.alter_column(name, server_default=None)
    _put_history_back(history)
    op.execute(
        "UPDATE decision SET proposed_by = coalesce((SELECT min(actor) FROM decision_event "
        "WHERE decision_event.decision_id = decision.id AND change = 'added'), '')"
    )
    op.create_index(
        "ix_decision_live",
        "decision",
        ["document", "list", "uscc", "name"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_table(
        "decision_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_correction_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_correction")),
    )
    op.create_index(
        op.f("ix_decision_correction_decision_id"), "decision_correction", ["decision_id"]
    )


def _set_history_aside() -> list[dict[str, Any]]:
    """The history of decisions: SQLite makes their table anew, and no row may point at one gone."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.execute(sa.text("SELECT * FROM decision_event ORDER BY id")).mappings()
    history = [dict(row) for row in rows]
    connection.execute(sa.text("DELETE FROM decision_event"))
    return history


def _put_history_back(history: list[dict[str, Any]]) -> None:
    if history:
        names = list(history[0])
        columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
        op.get_bind().execute(
            sa.text(f"INSERT INTO decision_event ({columns}) VALUES ({values})"), history
        )
