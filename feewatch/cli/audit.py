"""Commands of the audit trail: prove it, give it out, anchor it, let its oldest rows go."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
)
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.audit import exporting, last_proof, retention, verifying
from feewatch.services.audit.looking import require_auditor
from feewatch.services.lists import anchors

#: As many faults are printed one by one.
_SHOWN = 100


@click.group()
def audit() -> None:
    """审计记录 / the audit trail."""


@audit.command("verify")
@click.option(
    "--anchors", "given", type=GivenFile(), help="另处保存的锚点文件 / anchors kept elsewhere"
)
@AS_JSON
@pass_session
def verify(session: Session, given: Path | None, as_json: bool) -> None:
    """核验审计链、历史、流水、文件、版次 / prove chain, history, bank rows, files, editions."""
    require_auditor(session.app, session.named)
    told = _progress if sys.stderr.isatty() else lambda *_: None
    proof = verifying.verify(session.app, anchors=given, progress=told)
    last_proof.keep(session.app, proof, "all")
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    if as_json:
        print_json(proof.as_json())
    else:
        for text in [*proof.notes, *(fault.text for fault in proof.faults[:_SHOWN])]:
            click.echo(text.both())
        if len(proof.faults) > _SHOWN:
            click.echo(f"… 全部见 --json / all of them by --json: {len(proof.faults)}")
        click.echo(
            f"审计 {proof.rows} 行，历史 {proof.covered} 行，文件 {proof.files} 个，版次 "
            f"{proof.editions} 期，锚点 {proof.anchors} 个：{len(proof.faults)} 处不符 / "
            f"{proof.rows} audit rows, {proof.covered} rows of history, {proof.files} files, "
            f"{proof.editions} editions, {proof.anchors} anchors: {len(proof.faults)} faults"
        )
    if not proof.is_good:
        click.echo("AUDIT-FAILED: 记录与入账时不符 / the record is not as it was made", err=True)
        sys.exit(1)


@audit.command("export")
@click.option("--from", "first", type=DayParam(), help="起始日 / first day")
@click.option("--to", "last", type=DayParam(), help="截止日 / last day")
@click.option(
    "--format", "form", type=click.Choice(exporting.FORMATS), default="jsonl", show_default=True,
    help="JSON 行或 syslog（RFC 5424）/ JSON lines or syslog (RFC 5424)",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 / write a file"
)
@pass_session
def export(
    session: Session, first: Day | None, last: Day | None, form: str, out: Path | None
) -> None:
    """导出审计记录 / give the trail out, oldest first."""
    require_auditor(session.app, session.named)
    if first is not None and last is not None and last < first:
        raise InvalidInputError(
            "AUDIT-DAYS", "截止日早于起始日", "the last day is before the first"
        )
    wanted = exporting.wanted_days(first, last)
    lines = exporting.export(session.app, wanted, form, actor=session.actor)
    if out is None:
        for line in lines:
            click.echo(line)
        return
    try:
        with out.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(f"{line}\n")
    except OSError as fault:
        raise InvalidInputError(
            "FILE-WRITE",
            f"无法写入 {out}：{fault.strerror}",
            f"cannot write {out}: {fault.strerror}",
        ) from None
    click.echo(f"已写入 / written: {out}")


@audit.command("anchor")
@pass_session
def anchor(session: Session) -> None:
    """记一次锚点 / sign where the chain stands now, outside the database."""
    require_auditor(session.app, session.named)
    head = anchors.anchor(session.app)
    path = anchors.anchor_path(session.config)
    if head is None:
        click.echo("尚无审计记录 / nothing is on record yet")
    else:
        click.echo(f"第 {head.number} 行 / row {head.number}: {head.hash} → {path}")


@audit.command("prune")
@click.option("--reason", required=True, help="理由 / why")
@pass_session
def prune(session: Session, reason: str) -> None:
    """清理逾期的审计记录 / let rows go that are older than [audit] keep_days."""
    require_auditor(session.app, session.user)
    gone = retention.prune(session.app, actor=session.user, reason=reason)
    click.echo(f"已清理 {gone} 行 / rows let go: {gone}")


def _progress(name: str, done: int) -> None:
    click.echo(f"\r\033[K{name} {done}", nl=False, err=True)


COMMANDS: tuple[click.Command, ...] = (audit,)
