"""Commands of registers."""

import json
import sys
from functools import partial
from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    DayParam,
    DaysParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
    problem_line,
)
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.services.corrections.handing_in import hand_in_file
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.registers.importing import ImportReport, import_registers
from feewatch.services.registers.student_tokens import tokenise_file
from feewatch.services.registers.templates import write_templates
from feewatch.store.registers.coverage import REGISTERS

#: What rows are that neither count nor are bad: of an institution, and of the office.
_HELD = {
    "approvals": Text("待另一人复核", "waiting for a second officer"),
    "": Text("提请更正", "proposed"),
}
_UNPROVEN = Text("（未经真实文件验证）", " (not tried on a real file)")


@click.command("import")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=GivenFile(),
)
@click.option("--covers", type=DaysParam(), help="完整覆盖的日期 / days the file is complete for")
@click.option("--skip-bad", is_flag=True, help="跳过错误行 / import the good rows")
@click.option(
    "--rejects", type=click.Path(file_okay=False, path_type=Path), help="错误行目录 / folder"
)
@click.option(
    "--as-of", type=DayParam(), default=today, show_default="today", help="导入日 / day of import"
)
@click.option(
    "--reason", default="", help="理由：机构更正、机关提请复核 / why rows are wrong, or come"
)
@click.option(
    "--voucher",
    type=GivenFile(),
    help="更正凭证 / a file that shows it (PDF, JPEG, PNG)",
)
@AS_JSON
@pass_session
def import_command(
    session: Session,
    kind: str,
    files: tuple[Path, ...],
    covers: tuple[Day, Day] | None,
    skip_bad: bool,
    rejects: Path | None,
    as_of: Day,
    reason: str,
    voucher: Path | None,
    as_json: bool,
) -> None:
    """导入登记册 / import register files."""
    if covers and kind not in REGISTERS:
        raise click.UsageError("--covers: 仅用于合同与消课 / only for contracts and lessons")
    refused = []
    shown = read_voucher(voucher.name, voucher.read_bytes()) if voucher else None
    person = session.person
    if person is None:
        take_in = partial(import_registers, session.app, actor=session.actor, reason=reason)
    else:
        take_in = partial(hand_in_file, session.app, person, reason=reason, voucher=shown)
    for file in files:
        report = take_in(kind, file, covers=covers, skip_bad=skip_bad, rejects=rejects, as_of=as_of)
        if report.refused:
            refused.append(file.name)
        if as_json:
            print_json(report.as_json())
        else:
            _print(report)
    if refused:
        _fail(refused, as_json=as_json)


def _print(report: ImportReport) -> None:
    if report.profile:
        title, hint = report.profile.title, Text("", "") if report.profile.proven else _UNPROVEN
        click.echo(f"{report.file}: {Text(title.zh + hint.zh, title.en + hint.en).both()}")
    for problem in report.problems:
        click.echo(problem_line(problem))
    held = _HELD.get(report.kind, _HELD[""])
    counts = Text(
        f"新增 {report.new}，更改 {report.changed}，未变 {report.unchanged}，错误 {report.bad}"
        + (f"，{held.zh} {report.proposed}" if report.proposed else ""),
        f"new {report.new}, changed {report.changed}, unchanged {report.unchanged}, "
        f"bad {report.bad}" + (f", {held.en} {report.proposed}" if report.proposed else ""),
    )
    click.echo(f"{report.file}: {counts.both()}")
    if report.reject_file:
        click.echo(f"错误行 / bad rows: {report.reject_file}")


def _fail(refused: list[str], *, as_json: bool) -> None:
    names = ", ".join(refused)
    message = Text(f"有错误行，未导入：{names}", f"bad rows, not imported: {names}").both()
    fault = {"code": "IMPORT-REFUSED", "message": message}
    line = json.dumps(fault, ensure_ascii=False) if as_json else f"IMPORT-REFUSED: {message}"
    click.echo(line, err=True)
    sys.exit(1)


@click.command("templates")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="覆盖同名文件 / overwrite files of the same name")
def templates_command(folder: Path, force: bool) -> None:
    """生成登记册 XLSX 模板 / write XLSX templates of the registers."""
    for path in write_templates(folder, overwrite=force):
        click.echo(str(path))


@click.command("tokenize")
@click.argument("file", type=GivenFile())
@click.option("--kind", type=click.Choice(tuple(KINDS)), default="contracts", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="输出 / output file")
@click.option("--force", is_flag=True, help="覆盖已有文件 / overwrite the output file")
@pass_session
def tokenize_command(
    session: Session, file: Path, kind: str, out: Path | None, force: bool
) -> None:
    """以学员标识取代姓名、证件号与电话 / put tokens in place of names, numbers and phones."""
    report = tokenise_file(session.app, kind, file, out, overwrite=force)
    done = report.done
    for problem in (*done.notes, *done.problems):
        click.echo(problem_line(problem))
    if report.out is None:
        _say_error("TOKENIZE-REFUSED", Text("未生成文件", "nothing was written"))
        sys.exit(1)
    dropped = "、".join(done.dropped) or "—"
    click.echo(Text(f"已舍弃的列：{dropped}", f"columns dropped: {dropped}").both())
    if done.without_identity:
        count = done.without_identity
        text = f"{count} 行无证件号，标识由姓名与电话生成"
        click.echo(Text(text, f"{count} rows by name and phone, no identity number").both())
    rows = len(done.rows) - 1
    counts = Text(f"{rows} 行，{done.persons} 名学员", f"{rows} rows, {done.persons} students")
    click.echo(f"{report.out}: {counts.both()}")


def _say_error(code: str, message: Text) -> None:
    click.echo(f"{code}: {message.both()}", err=True)


COMMANDS: tuple[click.Command, ...] = (import_command, templates_command, tokenize_command)
