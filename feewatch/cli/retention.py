"""Commands of terms and erasure: what is past its term, what a person asked to go, who does it."""

import click

from feewatch.cli.session import AS_JSON, AS_OF, Session, pass_session, print_json
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.services.retention import erasing
from feewatch.services.retention.planning import plan as work_out

_KINDS: dict[str, Text] = {
    "payers": Text("流水的对方与摘要（行）", "payers and memos (rows)"),
    "students": Text("学员标识", "tokens of students"),
    "bank_files": Text("银行文件", "files of banks"),
    "vouchers": Text("附件与凭证", "attachments and vouchers"),
    "messages": Text("消息", "messages"),
    "sessions": Text("登录记录", "sessions and log-ins"),
    "audit": Text("审计记录（由 audit prune 清理）", "audit rows (audit prune lets them go)"),
}
_BOUND: dict[str, Text] = {
    "case": Text("未结案件", "open case"),
    "matter": Text("未结事项", "open matter"),
    "proposal": Text("待决提请", "open proposal"),
    "hold": Text("名单暂缓", "place on hold"),
    "decision": Text("在期决定", "decision in its term"),
    "confirmation": Text("待银行核对", "bank is asked"),
    "quarantine": Text("隔离的对账单", "statement in quarantine"),
}
REASON = click.option("--reason", required=True, help="理由 / why")
_WORD = click.option("--student", help="学员标识 / token of the student")
_PAYER = click.option("--payer", help="付款人姓名或账号 / name or account of the payer")


@click.group()
def retention() -> None:
    """保存期限与清除 / terms of keeping, erasure."""


@retention.command("plan")
@AS_OF
@AS_JSON
@pass_session
def plan(session: Session, as_of: Day, as_json: bool) -> None:
    """到期可清除的数量，不写入 / what is past its term; nothing is written."""
    told = work_out(session.app, as_of).as_json()
    if as_json:
        print_json(told)
        return
    for kind, title in _KINDS.items():
        term, stays = told["terms"].get(kind, ""), told["stays"].get(kind, 0)
        held = f"  另保留 / stays: {stays}" if stays else ""
        click.echo(f"{title.both()}  < {term[:10] or '—'}: {told['counts'].get(kind, 0)}{held}")
    for by, count in told["bound"].items():
        click.echo(f"{_BOUND[by].both()}: {count} 家机构不清除 / institutions stay whole")


@retention.command("propose")
@AS_OF
@REASON
@AS_JSON
@pass_session
def propose(session: Session, as_of: Day, reason: str, as_json: bool) -> None:
    """提议清除到期的数据 / propose to let go what is past its term; another person does it."""
    told = erasing.propose_terms(session.app, as_of, actor=session.user, reason=reason)
    _print(told, as_json=as_json)


@retention.command("erase")
@_PAYER
@_WORD
@REASON
@AS_JSON
@pass_session
def erase(
    session: Session, payer: str | None, student: str | None, reason: str, as_json: bool
) -> None:
    """提议清除一人的数据 / propose to let go what stands of one person, on request."""
    word, what = _told(payer, student)
    told = erasing.propose_person(session.app, word, what, actor=session.user, reason=reason)
    _print(told, as_json=as_json)


@retention.command("run")
@click.argument("mark")
@_PAYER
@_WORD
@REASON
@AS_JSON
@pass_session
def run(
    session: Session, mark: str, payer: str | None, student: str | None, reason: str, as_json: bool
) -> None:
    """由另一人执行 / do what another person proposed; of one person tell the word again."""
    word = payer or student or ""
    done = erasing.run(session.app, mark, actor=session.user, reason=reason, word=word)
    if as_json:
        print_json(done._asdict())
        return
    click.echo("  ".join(f"{name} {count}" for name, count in done.counts.items()))
    for sha256 in done.kept:
        click.echo(
            f"原始文件 {sha256} 还含他人数据且未到期，保留至期满 / "
            "the raw file tells of others too: it stays until its term is over"
        )
    for table, count in done.left.items():
        click.echo(
            f"仍见于 / still stands in {table}: {count} 行，须人工处理 / rows, see to them by hand"
        )


@retention.command("drop")
@click.argument("mark")
@REASON
@pass_session
def drop(session: Session, mark: str, reason: str) -> None:
    """撤回提议 / take a proposal back."""
    erasing.drop(session.app, mark, actor=session.user, reason=reason)
    click.echo(f"已撤回 {mark} / taken back")


@retention.command("list")
@AS_JSON
@pass_session
def list_erasures(session: Session, as_json: bool) -> None:
    """提议与执行的记录 / what was proposed and done, by whom and why."""
    for event in erasing.list_steps(session.app, session.named):
        if as_json:
            print_json(event)
        else:
            facts = ("at", "mark", "kind", "step", "actor", "reason")
            counts = "  ".join(f"{k} {v}" for k, v in event["plan"].get("counts", {}).items())
            click.echo("  ".join([*(event[name] for name in facts), counts]))


def _told(payer: str | None, student: str | None) -> tuple[str, str]:
    if bool(payer) == bool(student):
        raise InvalidInputError(
            "ERASE-WORD",
            "以 --payer 或 --student 之一指明何人",
            "tell whom by either --payer or --student",
        )
    return (payer, "payer") if payer else (student or "", "student")


def _print(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['mark']}: feewatch --as … retention run {told['mark']} --reason …")


COMMANDS: tuple[click.Command, ...] = (retention,)
