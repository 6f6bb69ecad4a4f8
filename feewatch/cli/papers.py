"""Commands of papers (文书): made and served in a case, listed, shown, made void, templates."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from feewatch.casework.papers import PAPERS, WAYS
from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.papers.fields import FIELDS, LISTS
from feewatch.services.cases import paper_register, serving, serving_many
from feewatch.services.cases import papers as service
from feewatch.services.cases.paper_templates import write_templates
from feewatch.services.cases.serving_many import ServedItem
from feewatch.services.people.acting import require_role
from feewatch.store.pages import PageRow
from feewatch.store.pages.papers import WantedPapers
from feewatch.store.pages.scope import MAX_KEY

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_NUMBER = click.argument("number", metavar="文号")
_STATES = ("served", "unserved", "void")


class Handing(NamedTuple):
    """How a paper is handed over, as options say it."""

    way: str | None
    on: Day | None
    recipient: str
    note: str

    def read(self) -> serving.Service:
        """The same, complete.

        Raises: InvalidInputError.
        """
        if self.way is None or self.on is None:
            raise InvalidInputError(
                "PAPER-SERVICE", "送达须写明 --way 和 --on", "a service needs --way and --on"
            )
        return serving.Service(self.way, self.on, self.recipient, self.note)


def make(
    session: Session, number: str, order: service.Order, out: Path | None, as_json: bool
) -> None:
    """Make a paper of a case and write it to a file."""
    made = service.make(session.app, number, order, actor=session.user)
    row = paper_register.get_paper(session.app, session.scope, made.number)
    path = out or Path(f"{made.number}.docx")
    path.write_bytes(service.get_document(session.app, row.paper))
    if as_json:
        print_json(made.as_json() | {"file": str(path)})
    else:
        click.echo(f"{made.number}  {PAPERS[made.kind].title.both()}  {path}")


def serve_kind(session: Session, number: str, kind: str, handing: Handing, as_json: bool) -> None:
    """Put on record that the latest paper of a kind of a case was served."""
    done = serving.serve_latest(session.app, number, kind, handing.read(), actor=session.user)
    _tell_served(*done, as_json)


@click.group("papers")
def papers() -> None:
    """文书 / papers: the register of numbers, one paper, its service, templates."""


@papers.command("list")
@click.option("--kind", type=click.Choice(list(PAPERS)), help="文种 / kind")
@click.option("--year", type=click.IntRange(0, 9999), default=0, help="年份 / year")
@click.option("--state", type=click.Choice(_STATES), help="状态 / state")
@click.option("--case", "case", default="", help="案件编号 / number of a case")
@AS_JSON
@pass_session
def list_all(
    session: Session, kind: str | None, year: int, state: str | None, case: str, as_json: bool
) -> None:
    """文书登记簿 / the register of numbers."""
    wanted = WantedPapers(kind or "", year, "", state or "", "", case)
    for row in paper_register.list_papers(session.app, session.scope, wanted):
        if as_json:
            print_json(_facts(row))
        else:
            served = format_day(row.served_on) if row.served_on is not None else "—"
            void = "  已作废 / void" if row.voided_at else ""
            title = PAPERS[row.kind].title.zh
            about = f"{row.case_number or '—'}  {row.name or '—'}"
            click.echo(f"{row.number}  {title}  {about}  {served}{void}")


@papers.command("show")
@_NUMBER
@click.option("--out", type=_FILE, help="另存 DOCX / write the DOCX there")
@click.option("--again", is_flag=True, help="按存档内容重制并比对 / make it again and compare")
@AS_JSON
@pass_session
def show(session: Session, number: str, out: Path | None, again: bool, as_json: bool) -> None:
    """一份文书的内容与送达 / the words of a paper and its service."""
    paper = paper_register.get_paper(session.app, session.scope, number)
    if session.person is not None:
        require_role(session.person, PAPERS[paper.paper.kind].readers)
    if out is not None:
        out.write_bytes(service.get_document(session.app, paper.paper))
    if again:
        service.check_again(session.app, paper.paper)
    if as_json:
        print_json(_facts(paper.paper) | {"content": paper.paper.content})
        return
    for block in paper.blocks:
        for line in block.lines():
            click.echo(line)
    for row in paper.services:
        click.echo(
            f"送达 / served: {format_day(row['served_on'])}  {WAYS[row['way']].both()}  "
            f"{row['recipient']}  {row['note']}"
        )


@papers.command("serve")
@_NUMBER
@click.option("--way", type=click.Choice(list(WAYS)), help="送达方式 / way")
@click.option("--on", type=DayParam(), help="送达日期 / day")
@click.option("--recipient", default="", help="签收人 / who received it")
@click.option("--note", default="", help="更正送达的理由 / why a service is corrected")
@AS_JSON
@pass_session
def serve(
    session: Session, number: str, way: str | None, on: Day | None, recipient: str, note: str,
    as_json: bool,
) -> None:  # fmt: skip
    """登记送达 / put on record that a paper was served."""
    handing = Handing(way, on, recipient, note)
    state = serving.serve(session.app, number, handing.read(), actor=session.user)
    _tell_served(number, state, as_json)


@papers.command("void")
@_NUMBER
@click.option("--reason", required=True, help="理由 / reason")
@pass_session
def void(session: Session, number: str, reason: str) -> None:
    """作废，文号不再使用 / make a paper void; its number stays given."""
    service.void(session.app, number, actor=session.user, reason=reason)
    click.echo(f"{number}  已作废 / void")


@papers.command("serve-many")
@click.option("--matter", "matters", multiple=True, help="事项 / matter, M12; may come often")
@click.option("--case", "case_numbers", multiple=True, help="案件 / case; may come often")
@click.option("--all-open", is_flag=True, help="管辖内全部待处理事项 / all open matters in scope")
@click.option("--rule", help="只要该规则的事项（与 --all-open 同用）/ with --all-open: of a rule")
@click.option(
    "--resume", type=click.IntRange(1, MAX_KEY), help="继续一次未完成的批量送达 / go on with an act"
)
@click.option("--way", type=click.Choice(list(WAYS)), default="electronic", show_default=True)
@click.option("--deadline", type=DayParam(), help="期限 / deadline")
@click.option("--reason", default="", help="理由 / reason")
@AS_JSON
@pass_session
def serve_many(
    session: Session, matters: tuple[str, ...], case_numbers: tuple[str, ...], all_open: bool,
    rule: str | None, resume: int | None, way: str, deadline: Day | None, reason: str,
    as_json: bool,
) -> None:  # fmt: skip
    """一次告知多家，每案一个事务，可续办 / tell many institutions in one act, a case at a time."""
    key = resume
    if key is None:
        keys = {_matter(text) for text in matters}
        if all_open:
            keys |= serving_many.list_open_matters(session.app, actor=session.user, rule=rule)
        key = serving_many.begin(
            session.app,
            serving_many.ManyOrder(reason, way, deadline),
            actor=session.user,
            matters=keys,
            case_numbers=case_numbers,
        )
    assert session.person is not None  # a deciding command
    waiting = serving_many.get_run(session.app, session.person, key).waiting
    items = serving_many.work(session.app, key)
    click.echo(f"批量送达 / act {key}：{waiting}", err=True)
    counts = Counter(_told(item, as_json) for item in _shown(items, waiting))
    summary = {"run": key, "done": counts["done"], "refused": counts["refused"]}
    if as_json:
        print_json(summary)
    else:
        click.echo(f"已送达 / served {counts['done']}  未办 / refused {counts['refused']}")
    if counts["refused"]:
        raise SystemExit(1)


def _shown(items: Iterator[ServedItem], length: int) -> Iterator[ServedItem]:
    """The items with progress on a terminal, none in a pipe."""
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, length=length, label="送达 / serving", file=sys.stderr) as bar:
        yield from bar


def _told(item: ServedItem, as_json: bool) -> str:
    """The status of an item, told where it was refused; under JSON all are told."""
    if as_json:
        refusal = item.refusal
        print_json(
            {
                "status": item.status,
                "case": item.case,
                "paper": item.paper,
                "code": refusal.code if refusal else None,
                "message": refusal.text.both() if refusal else None,
            }
        )
    elif item.refusal is not None:
        click.echo(f"{item.refusal.code}: {item.refusal.text.both()}", err=True)
    return item.status


def _matter(text: str) -> int:
    number = read_whole(text.removeprefix("M").removeprefix("m"), MAX_KEY)
    if number is None:
        raise InvalidInputError(
            "MATTER", f"事项写作 M12，不是 {text}", f"a matter is M12, not {text}"
        )
    return number


@papers.command("templates")
@click.argument("folder", type=_FOLDER)
def templates(folder: Path) -> None:
    """写出模板供本机关修改 / write the templates for the office to edit, see [papers] folder."""
    for path in write_templates(folder):
        click.echo(str(path))


@papers.command("fields")
def fields() -> None:
    """模板中可用的占位符 / the places that a template may hold."""
    for name, title in FIELDS.items():
        click.echo(f"{{{{{title}}}}}  {{{{{name}}}}}")
    for name, (title, columns) in LISTS.items():
        click.echo(f"{title} / {name}:")
        for column, word in columns.items():
            click.echo(f"  {{{{{title}.{word}}}}}  {{{{{name}.{column}}}}}")


def _facts(row: PageRow) -> dict[str, Any]:
    names = ("number", "kind", "series", "year", "ordinal", "district", "uscc", "sha256", "made_by",
             "made_at", "voided_by", "voided_at", "void_reason", "way", "recipient")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "case": row.case_number,
        "institution": row.name,
        "served_on": iso_or_none(row.served_on),
    }


def _tell_served(number: str, state: str, as_json: bool) -> None:
    if as_json:
        print_json({"number": number, "state": state})
    else:
        click.echo(f"{number}  已登记送达 / served  {state}")


COMMANDS: tuple[click.Command, ...] = (papers,)
