"""``feewatch ecny``: release lists of e-CNY contracts beside the bank and the lessons."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.days import format_day, iso_or_none
from feewatch.kernel.money import format_yuan
from feewatch.services.intake.contract_releases import (
    BANK_WORDS,
    LESSON_WORDS,
    ReleaseComparison,
    compare_releases,
)


@click.command("ecny")
@click.argument("uscc")
@AS_JSON
@pass_session
def ecny(session: Session, uscc: str, as_json: bool) -> None:
    """数币合约释放与银行流水、消课核对 / a release list against the bank and the lessons."""
    found = compare_releases(session.app, session.scope, uscc)
    if as_json:
        print_json(_masked(session, found))
        return
    for each in found.releases:
        click.echo(
            f"{format_day(each.release.day)}  {format_yuan(each.release.fen):>12}  "
            f"{each.contract_no or '-'}  {iso_or_none(each.release.lesson_on) or '-'}  "
            f"{BANK_WORDS[each.fate].both()}"
        )
    for number, line in found.lessons:
        if line.fate != "agrees":
            due = "-" if line.due_fen is None else format_yuan(line.due_fen)
            click.echo(
                f"{number}  {format_day(line.held_on)}  {format_yuan(line.released_fen)} / {due}  "
                f"{LESSON_WORDS[line.fate].both()}"
            )
    for credit in found.unlisted:
        click.echo(
            f"{format_day(credit.day)}  {format_yuan(credit.fen):>12}  "
            f"{session.account(credit.account_no)}  清单中没有 / in no release list"
        )
    if found.unjudged:
        click.echo(f"{found.unjudged} 笔入账当日无释放清单，无法核对 / credits on days of no list")


def _masked(session: Session, found: ReleaseComparison) -> dict[str, object]:
    """The same without account numbers that the person named may not see."""
    facts = found.as_json()
    for name in ("releases", "not_listed"):
        for row in facts[name]:
            row["account"] = row["account"] and session.account(row["account"])
    return facts


COMMANDS: tuple[click.Command, ...] = (ecny,)
