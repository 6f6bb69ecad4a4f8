"""Commands of matching: what money belongs to no contract."""

from typing import Any

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan
from feewatch.services.matching import Unmatched, list_unmatched


@click.group("match")
def match() -> None:
    """收退款与合同的匹配 / receipts and refunds against contracts."""


@match.command("list")
@click.option("--institution", metavar="USCC", help="只看一家机构 / one institution only")
@AS_JSON
@pass_session
def list_(session: Session, institution: str | None, as_json: bool) -> None:
    """未匹配的款项及原因 / money that belongs to no contract, and why."""
    for each in list_unmatched(session.app.database, institution):
        if as_json:
            print_json(_as_json(each))
        else:
            click.echo(_as_line(each))


def _as_json(unmatched: Unmatched) -> dict[str, Any]:
    entry, source = unmatched.entry, unmatched.source
    return {
        "uscc": unmatched.uscc,
        "entry": _subject_id(unmatched),
        "kind": unmatched.kind,
        "booked_on": format_day(entry.booked_on),
        "amount_fen": entry.amount_fen,
        "matched_fen": unmatched.matched_fen,
        "unmatched_fen": unmatched.unmatched_fen,
        "counterparty": entry.counterparty,
        "memo": entry.memo,
        "code": unmatched.code,
        "reason": unmatched.reason.both(),
        "evidence": {"file_sha256": source.file_sha256, "line": source.line},
    }


def _as_line(unmatched: Unmatched) -> str:
    entry = unmatched.entry
    left = f"{format_yuan(unmatched.unmatched_fen)} / {format_yuan(abs(entry.amount_fen))}"
    told = (unmatched.uscc, _subject_id(unmatched), unmatched.kind, left)
    party = (entry.counterparty or "-", entry.memo or "-", unmatched.reason.both())
    return "  ".join(told + party)


def _subject_id(unmatched: Unmatched) -> str:
    """The entry's identity in alerts: account_no/booked_on/amount_fen/n."""
    entry, source = unmatched.entry, unmatched.source
    day = format_day(entry.booked_on)
    return f"{source.account_no}/{day}/{entry.amount_fen}/{source.n}"


COMMANDS: tuple[click.Command, ...] = (match,)
