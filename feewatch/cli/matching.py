"""Commands of matching: what money belongs to no contract, and what officers decided of it."""

from collections.abc import Iterator
from typing import Any

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.money import format_yuan, parse_yuan
from feewatch.ledger.candidates import Candidate
from feewatch.services.corrections import weighed_matches
from feewatch.services.intake import manual_matches
from feewatch.services.intake.matching import (
    Unmatched,
    list_settlements,
    list_unmatched,
    subject_id,
)
from feewatch.services.people.countersigning import waits
from feewatch.services.registers.institutions import codes_within, unknown_institution

REASON = click.option("--reason", required=True, help="理由 / reason")


@click.group("match")
def match() -> None:
    """收退款与合同的匹配 / receipts and refunds against contracts."""


@match.command("list")
@click.option("--institution", metavar="USCC", help="只看一家机构 / one institution only")
@click.option("--settled", is_flag=True, help="已结清的渠道款及手续费 / settled lumps and charges")
@click.option("--decided", is_flag=True, help="人工匹配 / what officers decided")
@AS_JSON
@pass_session
def list_(
    session: Session, institution: str | None, settled: bool, decided: bool, as_json: bool
) -> None:
    """未匹配的款项、原因及最接近的合同 / money that belongs to no contract, why, what is near."""
    within = codes_within(session.app, session.scope)

    def is_shown(uscc: str) -> bool:
        return institution in (None, uscc) and (within is None or uscc in within)

    if institution is not None and not is_shown(institution):
        raise unknown_institution(institution)
    rows: Iterator[dict[str, Any]]
    if settled:
        listed = list_settlements(session.app, institution)
        rows = (_settled(session, row) for row in listed if is_shown(row.uscc))
    elif decided:
        made = manual_matches.list_decisions(session.app)
        rows = (_decided(session, row) for row in made if is_shown(row.uscc))
    else:
        for unmatched in list_unmatched(session.app, institution):
            if is_shown(unmatched.uscc):
                _print(session, unmatched, as_json)
        return
    for row in rows:
        if as_json:
            print_json(row)
        else:
            click.echo("  ".join(str(value) for value in row.values() if value is not None))


def _print(session: Session, unmatched: Unmatched, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(session, unmatched))
    else:
        candidates = map(_candidate_line, unmatched.candidates)
        click.echo("\n    ".join([_as_line(session, unmatched), *candidates]))


@match.command("set")
@click.argument("entry", metavar="ENTRY")
@click.argument("contract", metavar="CONTRACT")
@click.option(
    "--amount", metavar="YUAN", help="金额（元），缺省为可用的最大额 / else the most there is"
)
@REASON
@AS_JSON
@pass_session
def set_(
    session: Session, entry: str, contract: str, amount: str | None, reason: str, as_json: bool
) -> None:
    """人工匹配 / let ENTRY (account/day/fen/n or key, as listed) pay, or pay back on, CONTRACT."""
    fen = None if amount is None else parse_yuan(amount)
    if amount is not None and fen is None:
        raise InvalidInputError(
            "AMOUNT", f"{amount} 不是金额", f"{amount} is no amount in yuan", field="amount"
        )
    key, is_waiting = weighed_matches.set_match(
        session.app, entry, contract, amount_fen=fen, actor=session.user, reason=reason
    )
    if as_json:
        number = "waits" if is_waiting else "id"
        print_json({number: key, "entry": entry, "contract_no": contract})
    else:
        click.echo(waits(key).both() if is_waiting else f"人工匹配 {key} / match {key}")


@match.command("undo")
@click.argument("key", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@REASON
@AS_JSON
@pass_session
def undo(session: Session, key: int, reason: str, as_json: bool) -> None:
    """撤销人工匹配 / undo the decided match ID."""
    number, is_waiting = weighed_matches.undo_match(
        session.app, key, actor=session.user, reason=reason
    )
    if as_json:
        fate = {"waits": number} if is_waiting else {"undone": True}
        print_json({"id": key, **fate})
    elif is_waiting:
        click.echo(waits(number).both())
    else:
        click.echo(f"已撤销 {key} / match {key} undone")


def _as_json(session: Session, unmatched: Unmatched) -> dict[str, Any]:
    entry, source = unmatched.entry, unmatched.source
    return {
        "uscc": unmatched.uscc,
        "entry": _entry_id(session, unmatched.subject_id),
        "key": entry.id,
        "kind": unmatched.kind,
        "booked_on": format_day(entry.booked_on),
        "amount_fen": entry.amount_fen,
        "matched_fen": unmatched.matched_fen,
        "unmatched_fen": unmatched.unmatched_fen,
        "counterparty": session.name(entry.counterparty, source.account_no),
        "memo": session.memo(entry.memo, source.account_no),
        "code": unmatched.code,
        "reason": unmatched.reason.both(),
        "candidates": [_candidate(each) for each in unmatched.candidates],
        "evidence": {"file_sha256": source.file_sha256, "line": source.line},
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "kind": candidate.kind,
        "name": candidate.name,
        "contract_no": candidate.contract_no,
        "days": [format_day(candidate.from_day), format_day(candidate.to_day)],
        "amount_fen": candidate.amount_fen,
        "fails": [{"code": each.code, "message": each.text.both()} for each in candidate.obstacles],
    }


def _entry_id(session: Session, entry: str) -> str:
    account_no, slash, rest = entry.partition("/")
    return f"{session.account(account_no)}{slash}{rest}"


def _as_line(session: Session, unmatched: Unmatched) -> str:
    entry = unmatched.entry
    left = f"{format_yuan(unmatched.unmatched_fen)} / {format_yuan(abs(entry.amount_fen))}"
    entry_id = _entry_id(session, unmatched.subject_id)
    facts = (unmatched.uscc, str(entry.id), entry_id, unmatched.kind, left)
    own = unmatched.source.account_no
    who, memo = session.name(entry.counterparty, own), session.memo(entry.memo, own)
    party = (who or "-", memo or "-", unmatched.reason.both())
    return "  ".join(facts + party)


def _candidate_line(candidate: Candidate) -> str:
    days = format_day(candidate.from_day)
    if candidate.to_day != candidate.from_day:
        days += f"..{format_day(candidate.to_day)}"
    fails = "; ".join(each.text.both() for each in candidate.obstacles)
    return f"? {candidate.name} {days} {format_yuan(candidate.amount_fen)}: {fails}"


def _settled(session: Session, row: Any) -> dict[str, Any]:
    return {
        "uscc": row.uscc,
        "entry": subject_id(
            session.account(row.account_no) or "", row.booked_on, row.amount_fen, row.n
        ),
        "counterparty": session.name(row.counterparty, row.account_no),
        "contracts": row.contracts,
        "amount_fen": row.amount_fen,
        "fees_fen": int(row.fees_fen),
        "charge_fen": int(row.charge_fen),
    }


def _decided(session: Session, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "uscc": row.uscc,
        "entry": subject_id(
            session.account(row.account_no) or "", row.entry_booked_on, row.entry_fen, row.entry_n
        ),
        "contract_no": row.contract_no,
        "amount_fen": row.amount_fen,
        "actor": row.actor,
        "at": row.at,
        "reason": row.reason,
        "undone_by": row.undone_by,
        "undone_at": row.undone_at,
        "undone_reason": row.undone_reason,
    }


COMMANDS: tuple[click.Command, ...] = (match,)
