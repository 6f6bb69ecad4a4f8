"""the desk counts, groups and searches matters by indexes that hold what it reads."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_matter_by_rule", "matter",
        ["historic", "status", "rule", "severity", "authority", "district", "owner",
         "institution_id", "uscc", "sum_fen", "opened_at"],
    )  # fmt: skip
    op.create_index(
        "ix_matter_by_institution", "matter",
        ["historic", "status", "uscc", "severity", "sum_fen", "opened_at", "district",
         "institution_id"],
    )  # fmt: skip
    op.create_index(
        "ix_matter_waiting", "matter",
        ["historic", "status", "severity", "opened_at", "district", "institution_id", "owner",
         "last_day", "sum_fen", "alerts"],
    )  # fmt: skip
    op.drop_index("ix_matter_owner", "matter")
    op.create_index(
        "ix_matter_owner", "matter",
        ["owner", "historic", "status", "severity", "district", "institution_id", "uscc", "rule",
         "authority", "sum_fen", "opened_at"],
    )  # fmt: skip
    op.create_index("ix_statement_status_institution_id", "statement", ["status", "institution_id"])
    op.create_index("ix_alert_subject_id", "alert", ["subject_id"])
