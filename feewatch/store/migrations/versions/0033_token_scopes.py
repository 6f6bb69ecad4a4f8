"""Tokens have scopes, an end, and a last use."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
#: How long a token of before stays good: a new one is made in that time.
_DAYS = 180
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def _text(name: str, length: int, *, nullable: bool = True) -> sa.Column[str]:
    default = None if nullable else ""
    return sa.Column(name, sa.String(length=length), nullable=nullable, server_default=default)


def upgrade() -> None:
    """Apply; tokens of before may do what they could and end half a year from now."""
    op.add_column("api_token", _text("scopes", 60, nullable=False))
    op.add_column("api_token", _text("note", 100, nullable=False))
    op.add_column("api_token", _text("created_by", 60))
    op.add_column("api_token", _text("expires_at", 32, nullable=False))
    op.add_column("api_token", _text("used_at", 32))
    op.add_column("api_token", _text("used_from", 64))
    op.add_column("api_token", _text("revoked_by", 60))
    end = dt.datetime.now(_SHANGHAI) + dt.timedelta(days=_DAYS)
    op.execute(
        sa.text(
            "UPDATE api_token SET expires_at = :end, note = '升级前所建，到期前请更换', "
            "scopes = CASE WHEN EXISTS (SELECT 1 FROM app_user WHERE app_user.id = "
            "api_token.user_id AND app_user.role = 'api') THEN 'read,hand-in' "
            "ELSE 'read,decide' END"
        ).bindparams(end=end.isoformat(timespec="seconds"))
    )
