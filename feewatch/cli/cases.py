"""``feewatch case``: cases opened over many matters, led step by step, listed and shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from feewatch.casework.cases import OPENING_STEPS, STATES, STEPS
from feewatch.casework.papers import PAPERS, WAYS
from feewatch.casework.standing import in_words
from feewatch.casework.undertakings import Promise, read_contract_lines
from feewatch.cli import papers
from feewatch.cli.session import AS_JSON, DayParam, GivenFile, Session, pass_session, print_json
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.cases import listing, membership, notes, steps, undertakings
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.papers import Order
from feewatch.services.intake.attachments import read_attachments

_MATTER = re.compile(r"[Mm](\d{1,9})")


@dataclass(frozen=True)
class Options:
    """What the command line says beside the words."""

    reason: str
    deadline: Day | None
    recheck_on: Day | None
    against_data: str
    early: str
    to: str
    due: Day | None
    covers_to: Day | None
    contracts: Sequence[str]
    matter: str
    files: Sequence[Path]
    state: str
    overdue: bool
    mine: bool
    unit: str
    out: Path | None
    way: str | None
    on: Day | None
    recipient: str
    note: str
    as_json: bool


@click.command("case")
@click.argument("words", nargs=-1, required=True, metavar="ID STEP | open MATTER… | list | show ID")
@click.option("--reason", default="", help="理由 / reason")
@click.option("--deadline", type=DayParam(), help="期限 / deadline")
@click.option("--recheck-on", type=DayParam(), help="销号时设定的回头看日期 / day of the recheck")
@click.option("--against-data", default="", help="数据不支持销号时的理由 / why against the data")
@click.option("--early", default="", help="提前回头看的理由 / why before its day")
@click.option("--to", default="", metavar="NAME", help="移交给 / hand over to")
@click.option("--due", type=DayParam(), help="承诺期限 / day of an undertaking")
@click.option("--covers-to", type=DayParam(), help="对账单截止日 / statements up to")
@click.option(
    "--contract", "contracts", multiple=True, metavar="NO[=YUAN]",
    help="承诺退费的合同 / contract to be refunded",
)  # fmt: skip
@click.option("--matter", default="", metavar="M12", help="承诺所属事项 / matter undertaken for")
@click.option(
    "--file", "files", multiple=True, help="附件 / file to attach",
    type=GivenFile(),
)  # fmt: skip
@click.option("--state", type=click.Choice(list(STATES)), default=None, help="状态 / state")
@click.option("--overdue", is_flag=True, help="仅逾期 / overdue alone")
@click.option("--mine", is_flag=True, help="仅本人负责 / those I look after")
@click.option("--unit", default="", help="责任单位（督办单、移送函）/ unit of a 督办单 or 移送函")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="文书另存 / file")
@click.option("--way", type=click.Choice(list(WAYS)), help="送达方式 / way of service")
@click.option("--on", type=DayParam(), help="送达日期 / day of service")
@click.option("--recipient", default="", help="签收人 / who received it")
@click.option("--note", default="", help="更正送达的理由 / why a service is corrected")
@AS_JSON
@pass_session
def case(session: Session, /, words: tuple[str, ...], state: str | None, **rest: Any) -> None:
    """办理案件 / lead a case.

    A step of case ID; `open M1 M2`; `ID add|drop M3`; `ID hand-over --to NAME`; `ID note`;
    `ID undertake KIND --due D`; `list`; `show ID`. open, triage and dismiss also of a matter (M12).
    `ID document KIND` 制作文书 / makes a paper; `ID serve KIND` 登记送达 / records its service.
    """
    options = Options(state=state or "", **rest)
    head, *more = words
    if head == "list" and not more:
        _list(session, options)
    elif head == "show" and len(more) == 1:
        _show_case(session, more[0], options)
    elif head == "open":
        _open(session, more, "open", options)
    elif not more:
        raise click.UsageError("缺少步骤 / a step is missing")
    elif _MATTER.fullmatch(head) and more == ["hand-over"]:
        _need_reason(options)
        (key,) = _matters([head])
        membership.hand_over_matter(
            session.app, key, options.to, actor=session.user, reason=options.reason
        )
        click.echo(f"{head}  {options.to}")
    elif _MATTER.fullmatch(head):
        _open(session, [head], _choose(more, [*OPENING_STEPS, *STEPS]), options)
    elif more[0] in ("document", "serve"):
        _paper(session, head, more, options)
    elif more[0] in _ACTS:
        _need_reason(options)
        _ACTS[more[0]](session, head, more[1:], options)
        _show_now(session, head, options)
    else:
        _step(session, head, _choose(more, [*STEPS]), options)


def _choose(words: Sequence[str], allowed: Sequence[str]) -> str:
    if len(words) != 1 or words[0] not in allowed:
        listed = ", ".join([*allowed, *_ACTS])
        raise click.UsageError(f"没有步骤 / no step {' '.join(words)}: {listed}")
    return words[0]


def _need_reason(options: Options) -> None:
    if not options.reason.strip():
        raise click.UsageError("缺少 / missing option --reason")


def _matters(words: Sequence[str]) -> list[int]:
    if not words:
        raise click.UsageError("缺少事项 / name a matter (M12)")
    keys = [_MATTER.fullmatch(word) for word in words]
    wrong = [word for word, key in zip(words, keys, strict=True) if key is None]
    if wrong:
        raise click.UsageError(f"不是事项编号 / no matter: {' '.join(wrong)}")
    return [int(key[1]) for key in keys if key]


def _open(session: Session, words: Sequence[str], then: str, options: Options) -> None:
    _need_reason(options)
    if options.deadline is not None:
        raise InvalidInputError(
            "DEADLINE-UNASKED",
            f"步骤 {then} 不设期限",
            f"the step {then} sets no deadline",
            field="deadline",
        )
    number = steps.open_case(
        session.app, _matters(words), actor=session.user, reason=options.reason, then=then
    )
    state = STEPS[then].to_state if then in STEPS else "open"
    _show(steps.Taken(number, then, state or "open", None, False, None), options.as_json)


def _step(session: Session, number: str, name: str, options: Options) -> None:
    _need_reason(options)
    given = StepGiven(
        deadline=options.deadline,
        recheck_on=options.recheck_on,
        against_data=options.against_data,
        early=options.early,
        files=_read_files(options),
    )
    taken = steps.step(
        session.app, number, name, actor=session.user, reason=options.reason, given=given
    )
    _show(taken, options.as_json)


def _paper(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    if len(words) != 2 or words[1] not in PAPERS:
        raise click.UsageError(f"须写明文种 / name a KIND: {', '.join(PAPERS)}")
    act, kind = words
    if act == "document":
        order = Order(kind, options.reason, options.unit, options.deadline)
        papers.make(session, number, order, options.out, options.as_json)
    else:
        handing = papers.Handing(options.way, options.on, options.recipient, options.note)
        papers.serve_kind(session, number, kind, handing, options.as_json)


def _add(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    membership.add_matters(
        session.app, number, _matters(words), actor=session.user, reason=options.reason
    )


def _drop(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    for matter_id in _matters(words):
        membership.drop_matter(
            session.app, number, matter_id, actor=session.user, reason=options.reason
        )


def _hand_over(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    if words or not options.to:
        raise click.UsageError("缺少 / missing option --to")
    membership.hand_over_case(
        session.app, number, options.to, actor=session.user, reason=options.reason
    )


def _note(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    if words:
        raise click.UsageError(f"多余 / too much: {' '.join(words)}")
    files = _read_files(options)
    notes.add_note(session.app, number, options.reason, files, actor=session.user)


def _undertake(session: Session, number: str, words: Sequence[str], options: Options) -> None:
    if len(words) != 1 or options.due is None:
        raise click.UsageError("用法 / usage: case ID undertake KIND --due DAY --reason TEXT")
    typed = "\n".join(line.replace("=", " ", 1) for line in options.contracts)
    promise = Promise(
        words[0],
        options.due,
        text=options.reason,
        matter_id=_matters([options.matter])[0] if options.matter else None,
        contracts=read_contract_lines(typed),
        covers_to=options.covers_to,
    )
    undertakings.undertake(session.app, number, [promise], actor=session.user)


#: Acts on a case that are no steps of its table.
_ACTS: dict[str, Callable[[Session, str, Sequence[str], Options], None]] = {
    "add": _add,
    "drop": _drop,
    "hand-over": _hand_over,
    "note": _note,
    "undertake": _undertake,
}


def _read_files(options: Options) -> list[Any]:
    return [*read_attachments((path.name, path.read_bytes()) for path in options.files)]


def _list(session: Session, options: Options) -> None:
    person = session.user if options.mine else session.named
    rows = listing.list_cases(
        session.app, person, state=options.state, overdue=options.overdue, mine=options.mine
    )
    for row in rows:
        if options.as_json:
            print_json(row)
        else:
            click.echo(_line(row))


def _line(row: dict[str, Any]) -> str:
    late = "（逾期 / overdue）" if row["overdue"] else ""
    deadline = f"  期限 / deadline {row['deadline']}{late}" if row["deadline"] else ""
    again = f"  死灰复燃 / found again {row['recurred_on']}" if row["recurred_on"] else ""
    state = STATES[row["state"]].both()
    return f"{row['case']}  {state}  {row['institution']}  {row['owner'] or '—'}{deadline}{again}"


def _show_case(session: Session, number: str, options: Options) -> None:
    shown = listing.describe_case(session.app, session.named, number)
    if options.as_json:
        print_json(shown)
        return
    click.echo(_line(shown))
    click.echo(f"系统现判 / the data now: {in_words(shown['standing']).both()}")
    for row in shown["matters"]:
        click.echo(f"  {row['matter']}  {row['rule']}  {row['severity']}  {row['standing']}")
    for row in shown["undertakings"]:
        done = f"{row['done']}/{row['of']}" if row["of"] else ""
        click.echo(f"  {row['kind']}  {row['due_on']}  {row['done_on'] or '—'}  {done}")
    for event in shown["history"]:
        click.echo(f"  {event['at']}  {event['actor']}  {event['step']}  {event['reason']}")


def _show_now(session: Session, number: str, options: Options) -> None:
    shown = listing.describe_case(session.app, session.named, number)
    if options.as_json:
        print_json(shown)
    else:
        click.echo(_line(shown))


def _show(taken: steps.Taken, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "case": taken.number,
                "step": taken.step,
                "state": taken.state,
                "deadline": iso_or_none(taken.deadline),
                "deadline_provisional": taken.deadline_provisional,
                "document": taken.document,
                "paper": taken.paper,
                "recheck_on": iso_or_none(taken.recheck_on),
                "standing": taken.standing,
            }
        )
        return
    line = f"{taken.number}  {STATES[taken.state].both()}"
    if taken.deadline is not None:
        mark = "（暂定 / provisional）" if taken.deadline_provisional else ""
        line += f"  期限 / deadline {format_day(taken.deadline)}{mark}"
    if taken.state == "closed" and taken.recheck_on is not None:
        line += f"  回头看 / recheck {format_day(taken.recheck_on)}"
    if taken.paper:
        line += f"  {taken.paper}"
    if taken.standing:
        line += f"  {in_words(taken.standing).both()}"
    click.echo(line)


COMMANDS: tuple[click.Command, ...] = (case,)
