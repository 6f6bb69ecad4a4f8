"""``feewatch restatements``: days that a bank told again with other rows."""

from dataclasses import replace
from typing import Any

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan
from feewatch.services.intake.restatements import Restated, RowDifference, list_restatements

_WORDS = {"added": "新增 / added", "missing": "缺少 / missing", "changed": "改变 / changed"}


@click.command()
@click.argument("uscc")
@AS_JSON
@pass_session
def restatements(session: Session, uscc: str, as_json: bool) -> None:
    """重报的对账单与差异 / statements that tell days again with other rows, row by row."""
    for restated in list_restatements(session.app, session.scope, uscc):
        if as_json:
            print_json(_hidden(session, restated))
        else:
            click.echo("\n".join(_lines(session, restated)))


def _hidden(session: Session, restated: Restated) -> dict[str, Any]:
    """The same without what the person named may not see of accounts and payers."""
    facts = restated.as_json()
    rows = [
        row
        | {
            side: session.row(row[side], restated.account_no)
            for side in ("before", "after")
            if row[side]
        }
        for row in facts["rows"]
    ]
    return facts | {"account": session.account(facts["account"]), "rows": rows}


def _lines(session: Session, restated: Restated) -> list[str]:
    sides = (("原 / first", restated.earlier), ("后 / again", restated.later))
    return [
        session.account(restated.account_no) or "",
        *(
            f"  {word}: {side.file_sha256[:12]}#{side.n}  {side.file_name}  "
            f"{format_day(side.from_day)}..{format_day(side.to_day)}  {side.received_at[:16]}"
            for word, side in sides
        ),
        *(f"    {_row_line(session, row, restated.account_no)}" for row in restated.rows),
    ]


def _row_line(session: Session, row: RowDifference, own: str) -> str:
    row = replace(
        row,
        before=row.before and session.row(row.before, own),
        after=row.after and session.row(row.after, own),
    )
    texts = row.after or row.before or {}
    at = " / ".join("-" if side is None else str(side["line"]) for side in (row.before, row.after))
    said = "  ".join(
        f"{name.removesuffix('_fen')}={_said(row, name)}"
        for name in ("amount_fen", "balance_fen", "counterparty", "memo", "reference")
        if texts[name] is not None or name in row.changed
    )
    return f"{_WORDS[row.kind]}  行 / line {at}  {texts['booked_on']}  {said}"


def _said(row: RowDifference, name: str) -> str:
    sides = [side for side in (row.before, row.after) if side is not None]
    if name not in row.changed:
        sides = sides[-1:]
    return " → ".join(_figure(side[name], name) for side in sides)


def _figure(value: Any, name: str) -> str:
    return format_yuan(value) if name.endswith("_fen") and value is not None else str(value or "-")


COMMANDS: tuple[click.Command, ...] = (restatements,)
