"""What an alert is about is found by its first letters on PostgreSQL too, from an index."""

from alembic import op

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    """Apply; the ordinary index of SQLite serves both."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("ix_alert_subject_id", "alert")
    op.create_index(
        "ix_alert_subject_id",
        "alert",
        ["subject_id"],
        postgresql_ops={"subject_id": "varchar_pattern_ops"},
    )
