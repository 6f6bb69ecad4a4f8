"""Where institutions stood at the last check stays until all that the next one keeps is there."""

from alembic import op

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("cover_standing") as table:
        table.drop_constraint("pk_cover_standing", type_="primary")
        table.create_primary_key("pk_cover_standing", ["institution_id", "check_run_id"])
