"""Commands of proposals: what institutions ask to have corrected, and what officers decide."""

from pathlib import Path
from typing import Any

import click

from feewatch.casework.proposals import PROPOSAL_STEPS, STATES, shown_key
from feewatch.cli.session import AS_JSON, GivenFile, Session, pass_session, print_json
from feewatch.kernel.text import Text
from feewatch.services.corrections import deciding, reading
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.store.pages.scope import MAX_KEY

_KEY = click.IntRange(1, MAX_KEY)
_KEYS = click.argument("keys", metavar="ID...", nargs=-1, required=True, type=_KEY)
_REASON = click.option("--reason", required=True, help="理由 / reason")
_CHANGES = {
    "ended": Text("不再构成", "ends"),
    "opened": Text("新出现", "opens"),
    "lowered": Text("减轻", "falls"),
    "raised": Text("加重", "rises"),
}


@click.group("proposals")
def proposals() -> None:
    """提请更正 / corrections that institutions ask for."""


@proposals.command("list")
@click.option("--state", type=click.Choice(list(STATES)), help="状态 / state")
@AS_JSON
@pass_session
def list_command(session: Session, state: str | None, as_json: bool) -> None:
    """列出提请更正 / list proposals, those that wait first."""
    scope = session.scope
    for proposal in reading.list_all_proposals(session.app, scope, state or ""):
        if as_json:
            print_json(proposal.as_json())
        else:
            click.echo(_line(proposal))


@proposals.command("show")
@click.argument("key", metavar="ID", type=_KEY)
@AS_JSON
@pass_session
def show(session: Session, key: int, as_json: bool) -> None:
    """一项提请与采纳后的变化 / a proposal, and what its acceptance would change."""
    scope = session.scope
    proposal = reading.get_proposal(session.app, scope, key, with_effect=True)
    if as_json:
        print_json(proposal.as_json())
    else:
        click.echo("\n".join(_lines(proposal)))


def _decides(step: str, title: Text) -> click.Command:
    @proposals.command(step, help=title.both())
    @_KEYS
    @_REASON
    @AS_JSON
    @pass_session
    def command(session: Session, keys: tuple[int, ...], reason: str, as_json: bool) -> None:
        deciding.decide(session.app, keys, step, actor=session.user, reason=reason)
        state = PROPOSAL_STEPS[step].to_state
        for key in keys:
            if as_json:
                print_json({"id": key, "state": state})
            else:
                click.echo(f"{key}: {STATES[state].both()}")

    return command


for _name, _step in PROPOSAL_STEPS.items():
    _decides(_name, _step.title)


@proposals.command("voucher")
@click.argument("key", metavar="ID", type=_KEY)
@click.argument("file", type=GivenFile())
@AS_JSON
@pass_session
def voucher(session: Session, key: int, file: Path, as_json: bool) -> None:
    """补交凭证 / lay a voucher (PDF, JPEG, PNG) to an open proposal."""
    given = read_voucher(file.name, file.read_bytes())
    deciding.add_voucher(session.app, key, given, actor=session.user)
    if as_json:
        print_json({"id": key, "voucher": {"name": given.name, "sha256": given.sha256}})
    else:
        click.echo(f"{key}: {given.name} {given.sha256}")


def _line(proposal: reading.ProposalFile) -> str:
    row = proposal.row
    outdated = "  资料已变更，须重新提请 / outdated" if proposal.is_outdated else ""
    what, key = reading.line_of(row).both(), shown_key(row.kind, row.key)
    return f"{row.id}  {STATES[row.state].both()}  {row.name}  {row.kind} {key}  {what}{outdated}"


def _lines(proposal: reading.ProposalFile) -> list[str]:
    row = proposal.row
    lines = [_line(proposal), f"理由 / why: {row.reason or '—'}"]
    if row.voucher_sha256:
        lines.append(f"凭证 / voucher: {row.voucher_name} {row.voucher_sha256}")
    lines.append(f"预警 / alerts: {', '.join(proposal.alert_ids) or '—'}")
    if proposal.effect:
        lines.append("采纳后 / if accepted:")
        effect: dict[str, Any] = proposal.effect.as_json()
        for change, title in _CHANGES.items():
            for each in effect[change]:
                subject = f"{each['subject']['kind']} {each['subject']['id']}"
                lines.append(f"    {title.both()}  {each['rule']}  {each['on']}  {subject}")
            if effect[change]:
                lines.append(f"    {title.both()}  {effect['sums_fen'][change]} fen")
    lines += [
        f"{event.at}  {event.actor}  {event.change}  {event.reason}" for event in proposal.events
    ]
    return lines


COMMANDS: tuple[click.Command, ...] = (proposals,)
