"""Lines of arithmetic of earlier releases named the other side in clear: masked as new ones."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

_RULES = ("OUT-PERSON", "ACC-SELF")
_ZH = re.compile("([向与]“)([^”])[^”]*(”划出|”在)")
_EN = re.compile(
    r"(yuan to |to and in from )(.).*?( on \d{4}-\d\d-\d\d| within \d+ days)", re.DOTALL
)
_ALERT = sa.table("alert", sa.column("id"), sa.column("rule"), sa.column("frozen", sa.JSON))
_EVENT = sa.table(
    "alert_event", sa.column("id"), sa.column("alert_id"), sa.column("detail", sa.JSON)
)


def upgrade() -> None:
    """Mask the name in what alerts of these rules keep."""
    bind = op.get_bind()
    alerts = bind.execute(sa.select(_ALERT).where(_ALERT.c.rule.in_(_RULES))).all()
    for row in alerts:
        bind.execute(
            sa.update(_ALERT).where(_ALERT.c.id == row.id).values(frozen=_masked(row.frozen))
        )
    events = sa.select(_EVENT).join(_ALERT, _ALERT.c.id == _EVENT.c.alert_id)
    for row in bind.execute(events.where(_ALERT.c.rule.in_(_RULES))).all():
        if isinstance(row.detail, dict) and "calculation" in row.detail:
            bind.execute(
                sa.update(_EVENT).where(_EVENT.c.id == row.id).values(detail=_masked(row.detail))
            )


def _masked(kept: dict[str, Any]) -> dict[str, Any]:
    line = kept["calculation"]
    masked = {"zh": _ZH.sub(r"\1\2**\3", line["zh"]), "en": _EN.sub(r"\1\2**\3", line["en"])}
    return kept | {"calculation": line | masked}
