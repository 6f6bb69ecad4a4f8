"""Commands of intake: bank files in, and what of them lies in quarantine."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan
from feewatch.services.intake import quarantine as desk
from feewatch.services.intake import recording
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.services.intake.receiving import list_entries
from feewatch.services.ways_in.counter import hand_in_paths

_STATUS = {
    "accepted": "已接收 accepted",
    "duplicate": "重复 duplicate",
    "quarantined": "已隔离 quarantined",
    "rejected": "已拒收 rejected",
}
_REASON = click.option("--reason", required=True, help="理由 / why, kept on record")


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...",
    type=click.Path(exists=True, path_type=Path),
)  # fmt: skip
@click.option("--dialect", help="银行版式，缺省自动识别 / bank layout instead of recognising it")
@AS_JSON
@pass_session
def ingest(session: Session, paths: tuple[Path, ...], dialect: str | None, as_json: bool) -> None:
    """导入银行对账单 / take in bank statements, files or folders."""
    missed = False
    total = len(list_entries(paths))
    if not total:
        click.echo("没有文件 / no file there to take in", err=True)
    person = session.person
    if person is None:
        outcomes = recording.ingest(session.app, paths, dialect=dialect, actor=session.actor)
    else:
        outcomes = hand_in_paths(session.app, person, paths, dialect)
    for outcome in _with_progress(outcomes, total):
        missed = missed or not outcome.is_taken
        if as_json:
            print_json(outcome.as_json())
        else:
            _print_outcome(outcome)
    if missed:
        sys.exit(1)


def _with_progress(outcomes: Iterator[FileOutcome], total: int) -> Iterator[FileOutcome]:
    """The outcomes, with a bar on a terminal whose lines are not themselves the output."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from outcomes
        return
    with click.progressbar(outcomes, length=total, label="对账单 / files", file=sys.stderr) as bar:
        yield from bar


def _print_outcome(outcome: FileOutcome) -> None:
    facts = outcome.as_json()
    line = f"{_STATUS[outcome.status]}  {outcome.file}"
    if facts["account"]:
        first, last = facts["period"]
        line += f"  {facts['account']}  {first}..{last}  +{facts['new_entries']}/{facts['entries']}"
    click.echo(line)
    for problem in outcome.problems:
        place = "" if problem["line"] is None else f"第 {problem['line']} 行 "
        click.echo(f"    {place}{problem['code']}: {problem['message']}")


@click.group()
def quarantine() -> None:
    """隔离的对账单 / statements in quarantine."""


@quarantine.command("list")
@AS_JSON
@pass_session
def list_quarantined(session: Session, as_json: bool) -> None:
    """列出隔离中的对账单 / what lies in quarantine and why."""
    for row in desk.list_quarantined(session.app, session.scope):
        facts = {
            "statement": f"{row['file_sha256']}#{row['n']}",
            "file": row["file_name"],
            "received_at": row["received_at"],
            "account": session.account(row["account_no"]),
            "period": [format_day(row["from_day"]), format_day(row["to_day"])],
            "entries": row["entries"],
            "reason": row["reason"],
            "difference_fen": row["difference_fen"],
            "proposed": row["proposed"],
            "proposed_by": row["proposed_by"],
        }
        if as_json:
            print_json(facts)
            continue
        first, last = facts["period"]
        proposed = f"  {facts['proposed']} ← {facts['proposed_by']}" if facts["proposed"] else ""
        click.echo(
            f"{row['file_sha256'][:12]}#{row['n']}  {facts['reason']}  {facts['account']}  "
            f"{first}..{last}  {facts['file']}{proposed}"
        )


@quarantine.command()
@click.argument("statement")
@AS_JSON
@pass_session
def show(session: Session, statement: str, as_json: bool) -> None:
    """逐行显示，标出余额断点 / its rows with the break marked; STATEMENT is HASH or HASH#N."""
    place = desk.find_statement(session.app, statement)
    quarantined = desk.show(session.app, *place, session.scope)
    if as_json:
        print_json(_shown(session, quarantined))
        return
    stored, account = quarantined.stored, session.account(quarantined.stored["account_no"])
    click.echo(f"{stored['file_sha256']}#{stored['n']}  {stored['reason']}  {account}")
    click.echo(f"期初 opening {_yuan(stored['opening_fen'])}")
    for row in quarantined.rows:
        memo = session.memo(row.row.memo, stored["account_no"]) or ""
        mark = f"  <<< 应为 should be {_yuan(row.expected_fen)}" if row.is_break else ""
        click.echo(
            f"{row.row.line:>6}  {format_day(row.row.booked_on)}  {_yuan(row.row.amount_fen):>14}  "
            f"{_yuan(row.row.balance_fen):>14}  {memo}{mark}"
        )
    click.echo(
        f"期末 closing {_yuan(stored['closing_fen'])}  "
        f"期初+发生额 opening + rows {_yuan(quarantined.expected_closing_fen)}"
    )
    for problem in stored["problems"]:
        click.echo(f"{problem['code']}: {problem['message']}")


def _shown(session: Session, quarantined: desk.Quarantined) -> dict[str, Any]:
    return {
        "statement": f"{quarantined.stored['file_sha256']}#{quarantined.stored['n']}",
        "account": session.account(quarantined.stored["account_no"]),
        "reason": quarantined.stored["reason"],
        "opening_fen": quarantined.stored["opening_fen"],
        "closing_fen": quarantined.stored["closing_fen"],
        "expected_closing_fen": quarantined.expected_closing_fen,
        "rows": [
            session.row(row.as_json(), quarantined.stored["account_no"]) for row in quarantined.rows
        ],
        "problems": quarantined.stored["problems"],
        "proposal": quarantined.proposal and quarantined.proposal._asdict(),
    }


def _yuan(fen: int | None) -> str:
    return "-" if fen is None else format_yuan(fen)


@quarantine.command()
@click.argument("statement")
@_REASON
@AS_JSON
@pass_session
def release(session: Session, statement: str, reason: str, as_json: bool) -> None:
    """放行，须两人 / let it into the ledger; two officers must agree."""
    _decide(session, desk.release, statement, reason, as_json)


@quarantine.command()
@click.argument("statement")
@_REASON
@AS_JSON
@pass_session
def reject(session: Session, statement: str, reason: str, as_json: bool) -> None:
    """拒收，须两人 / refuse it for good; two officers must agree."""
    _decide(session, desk.reject, statement, reason, as_json)


def _decide(
    session: Session, step: Callable[..., str], statement: str, reason: str, as_json: bool
) -> None:
    actor = session.user
    sha256, n = desk.find_statement(session.app, statement)
    result = step(session.app, sha256, n, actor=actor, reason=reason)
    if as_json:
        print_json({"statement": f"{sha256}#{n}", "status": result})
    else:
        waiting = "，待另一名经办人确认 / waiting for a second officer"
        click.echo(result + (waiting if result == "proposed" else ""))


COMMANDS: tuple[click.Command, ...] = (ingest, quarantine)
