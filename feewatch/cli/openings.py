"""Commands of opening statements: hand in, look at, sign."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json, problem_line
from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan
from feewatch.services.registers.openings import (
    OpeningStatement,
    add_opening,
    list_openings,
    sign_opening,
)
from feewatch.store.pages.scope import MAX_KEY

_FILE = GivenFile()


@click.group("opening")
def opening() -> None:
    """期初报表 / opening statements."""


@opening.command("add")
@click.argument("uscc")
@click.argument("file", type=_FILE)
@AS_JSON
@pass_session
def add(session: Session, uscc: str, file: Path, as_json: bool) -> None:
    """报送期初报表 / hand in FILE (uscc, account_no, contract_no, amount) as CSV or XLSX."""
    added = add_opening(session.app, uscc, str(file), file.read_bytes(), actor=session.user)
    if as_json:
        problems = [problem.as_json() for problem in added.problems]
        day = None if added.day is None else format_day(added.day)
        print_json({"id": added.key, "new": added.is_new, "day": day, "problems": problems})
    else:
        for problem in added.problems:
            click.echo(problem_line(problem))
        if added.key is not None:
            click.echo(
                f"期初报表 {added.key}，待签认 / opening statement {added.key}, to be signed"
            )
    if added.key is None:
        click.echo("OPENING-REFUSED: 未入库 / nothing was stored", err=True)
        sys.exit(1)


@opening.command("show")
@click.argument("uscc")
@AS_JSON
@pass_session
def show(session: Session, uscc: str, as_json: bool) -> None:
    """历次期初报表 / all opening statements of an institution, the latest first."""
    for opening_statement in list_openings(session.app, uscc, session.scope):
        if as_json:
            print_json(_as_json(session, opening_statement))
            continue
        head = opening_statement.head
        signed = f"{head.signed_by} {head.signed_at}" if head.signed_by else "未签认 / unsigned"
        signed += "  现行有效 / counts" if opening_statement.counts else ""
        click.echo(f"{head.id}  {format_day(head.day)}  {head.added_by} {head.added_at}  {signed}")
        for row in opening_statement.rows:
            bank = opening_statement.bank_fen.get(row.account_no)
            beside = "" if bank is None else f"  银行 / bank {format_yuan(bank)}"
            number = session.account(row.account_no) or row.contract_no
            click.echo(f"    {number}  {format_yuan(row.amount_fen)}{beside}")


@opening.command("sign")
@click.argument("uscc")
@click.argument("key", metavar="ID", type=click.IntRange(1, MAX_KEY))
@click.option("--reason", required=True, help="理由 / reason")
@AS_JSON
@pass_session
def sign(session: Session, uscc: str, key: int, reason: str, as_json: bool) -> None:
    """签认期初报表 ID / sign opening statement ID (a reviewer who did not add it)."""
    sign_opening(session.app, uscc, key, actor=session.user, reason=reason)
    if as_json:
        print_json({"id": key, "signed": True})
    else:
        click.echo(f"已签认 {key} / opening statement {key} signed")


def _as_json(session: Session, stated: OpeningStatement) -> dict[str, object]:
    head = stated.head
    names = ("id", "added_by", "added_at", "signed_by", "signed_reason", "signed_at", "file_sha256")
    rows = [
        {
            "account_no": session.account(row.account_no),
            "contract_no": row.contract_no,
            "amount_fen": row.amount_fen,
            "bank_fen": stated.bank_fen.get(row.account_no),
        }
        for row in stated.rows
    ]
    facts = {name: getattr(head, name) for name in names}
    return {**facts, "day": format_day(head.day), "counts": stated.counts, "rows": rows}


COMMANDS: tuple[click.Command, ...] = (opening,)
