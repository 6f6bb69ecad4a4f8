"""Commands of recalls, and of the order by which the clock publishes."""

import sys

import click

from feewatch.cli.publication import show_edition
from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.credit.lists import LISTS
from feewatch.services.lists import recalls as service
from feewatch.services.lists import second_words
from feewatch.store.pages.scope import MAX_KEY

_REASON = click.option("--reason", required=True, help="理由 / reason")


@click.command()
@click.argument("district")
@click.option("--list", "list_name", type=click.Choice(list(LISTS)), help="名单 / list")
@click.option("--entry", default="", help="统一社会信用代码或名称 / credit code or name")
@click.option("--document", default="", help="文号 / document, where several name it")
@click.option(
    "--edition",
    type=click.IntRange(1, MAX_KEY),
    help="撤回整期（最新一期）/ the whole edition (the latest)",
)
@click.option("--reason", required=True, help="理由 / reason")
@AS_JSON
@pass_session
def recall(
    session: Session,
    district: str,
    list_name: str | None,
    entry: str,
    document: str,
    edition: int | None,
    reason: str,
    as_json: bool,
) -> None:
    """撤回登载有误的条目或整期 / take an entry or the latest edition back, at once."""
    if (edition is None) == (not entry) or (entry and list_name is None):
        raise click.UsageError("须指明 --edition，或 --list 与 --entry / --edition, or both")
    app, actor = session.app, session.user
    if edition is not None:
        done = service.recall_edition(app, district, edition, actor=actor, reason=reason)
    else:
        assert list_name is not None
        done = service.recall_entry(
            app, district, list_name, entry, document=document, actor=actor, reason=reason
        )
    for corrected in done.published:
        if as_json:
            print_json(corrected.as_json())
        else:
            show_edition(corrected, dry_run=False)
    if done.delayed is not None:
        click.echo(f"RECALL-WAITS: {done.delayed.both()}", err=True)
        sys.exit(1)


@click.group("recalls")
def recalls_() -> None:
    """撤回和更正及其期限 / recalls and corrections with their deadlines."""


@recalls_.command("list")
@AS_JSON
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """列出撤回和更正，待发布的在前 / list them, those that wait first."""
    for deadline in service.list_deadlines(session.app, session.scope):
        row = deadline.row
        if as_json:
            print_json(service.deadline_json(deadline))
            continue
        whom = f"{row['list']} {row['name']}" if row["list"] else "整期 / whole edition"
        state = "已逾期 / overdue" if deadline.is_overdue else "待发布 / waits"
        if not deadline.is_open:
            state = (
                f"第 {row['done_number']} 期 / edition" if row["done_number"] else "已解除 / lifted"
            )
        number = row["edition_number"]
        click.echo(f"{row['id']}  {row['district']}/{number}  {whom}  {row['due_at']}  {state}")


@recalls_.command()
@click.argument("key", metavar="ID", type=click.IntRange(1, MAX_KEY))
@_REASON
@pass_session
def lift(session: Session, key: int, reason: str) -> None:
    """解除一条撤回，须另一人 / let a recalled entry be listed again, by another person."""
    row = service.lift_recall(session.app, key, actor=session.user, reason=reason)
    click.echo(f"已解除撤回 / the recall is lifted: {row['name']}")


@click.command("standing-order")
@click.argument("order", type=click.Choice(["give", "withdraw"]))
@_REASON
@pass_session
def standing_order(session: Session, order: str, reason: str) -> None:
    """常设发布指令：定时任务是否发布 / the order that the clock publishes, or does not."""
    is_given = order == "give"
    second_words.set_standing_order(
        session.app, actor=session.user, reason=reason, is_given=is_given
    )
    click.echo("已给出 / given" if is_given else "已撤回 / withdrawn")


COMMANDS: tuple[click.Command, ...] = (recall, recalls_, standing_order)
