"""Lines of arithmetic of earlier releases named the other side in clear: masked as new ones."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from feewatch.store import chain, covering

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
    """Mask the name in what alerts of these rules keep; where a chain vouched for them, anew."""
    bind = op.get_bind()
    masked: dict[str, list[Any]] = {"alert": [], "alert_event": []}
    alerts = bind.execute(sa.select(_ALERT).where(_ALERT.c.rule.in_(_RULES))).all()
    for row in alerts:
        bind.execute(
            sa.update(_ALERT).where(_ALERT.c.id == row.id).values(frozen=_masked(row.frozen))
        )
        masked["alert"].append(row.id)
    events = sa.select(_EVENT).join(_ALERT, _ALERT.c.id == _EVENT.c.alert_id)
    for row in bind.execute(events.where(_ALERT.c.rule.in_(_RULES))).all():
        if isinstance(row.detail, dict) and "calculation" in row.detail:
            bind.execute(
                sa.update(_EVENT).where(_EVENT.c.id == row.id).values(detail=_masked(row.detail))
            )
            masked["alert_event"].append(row.id)
    if bind.scalar(sa.text("SELECT number FROM audit_head")):
        for name, keys in masked.items():
            _vouch(bind, name, keys)


def _vouch(bind: sa.Connection, name: str, keys: list[Any]) -> None:
    """Let the chain say how these rows stand now, by the columns that they have by now."""
    table = sa.Table(name, sa.MetaData(), autoload_with=bind)
    told = ("id", *covering.KEPT[name].columns) if name in covering.KEPT else table.c.keys()
    columns = [table.c[each] for each in told]
    covers = {}
    for key in keys:
        row = bind.execute(sa.select(*columns).where(table.c.id == key)).mappings().one()
        covers[str(key)] = covering.hash_of(name, {**row})
    if covers:
        chain.link_covers(bind, "record.masked", name, {name: covers})


def _masked(kept: dict[str, Any]) -> dict[str, Any]:
    line = kept["calculation"]
    masked = {"zh": _ZH.sub(r"\1\2**\3", line["zh"]), "en": _EN.sub(r"\1\2**\3", line["en"])}
    return kept | {"calculation": line | masked}
