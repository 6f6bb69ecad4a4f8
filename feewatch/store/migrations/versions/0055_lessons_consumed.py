"""What each contract of an institution has consumed is read from an index alone."""

from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Apply."""
    columns = ["institution_id", "contract_id", "held_on", "lessons"]
    op.create_index("ix_lesson_consumed", "lesson", columns)
    op.drop_index("ix_lesson_institution_id", table_name="lesson")
