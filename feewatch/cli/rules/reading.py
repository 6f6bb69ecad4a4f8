"""``feewatch rules list``, ``show``, ``facts``, ``diff``: the book as a jurist reads it."""

import re
from pathlib import Path

import click

from feewatch.cli.rules.lines import difference_json, difference_lines, fact_lines, rule_lines
from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.engine.book import Rule
from feewatch.engine.portrait import At, portray, portray_fact
from feewatch.kernel.days import Day, format_day
from feewatch.services.check.rulebook import book_of, get_fact, get_rule
from feewatch.services.trials.rule_review import differences


@click.command("list")
@AS_JSON
@pass_session
def list_rules(session: Session, as_json: bool) -> None:
    """列出全部规则 / every rule with its authority and its first day."""
    for rule in book_of(session.config).rules.values():
        if as_json:
            print_json(_summary(rule))
        else:
            authorities = ",".join(_authorities(rule))
            since = format_day(min(block.from_day for block in rule.in_force))
            click.echo(f"{rule.id:16} {authorities:12} {since}  {rule.title.both()}")


@click.command()
@click.argument("rule", metavar="ID")
@click.option("--place", metavar="CODE", help="行政区划代码 / division code")
@click.option("--on", type=DayParam(), help="在该日有效的规定 / the law in force on that day")
@AS_JSON
@pass_session
def show(session: Session, rule: str, place: str | None, on: Day | None, as_json: bool) -> None:
    """一条规则的全文 / a rule in full; with --place and --on, the law in force there that day."""
    if (place is None) != (on is None):
        raise click.UsageError("--place 与 --on 须一起给出 / --place and --on go together")
    if place is not None and not re.fullmatch(r"\d{6}", place):
        raise click.UsageError(f"{place} 不是 6 位行政区划代码 / is no code of six digits")
    book = book_of(session.config)
    at = At(place, on) if place is not None and on is not None else None
    shown = portray(book, get_rule(book, rule), at)
    if as_json:
        print_json(shown)
    else:
        click.echo("\n".join(rule_lines(shown, at)))


@click.command()
@click.argument("name", required=False)
@AS_JSON
@pass_session
def facts(session: Session, name: str | None, as_json: bool) -> None:
    """一项事实的行、列 / what the rows and columns of a fact say; without NAME, all facts."""
    book = book_of(session.config)
    for fact in [get_fact(book, name)] if name is not None else book.facts.values():
        shown = portray_fact(book, fact)
        if as_json:
            print_json(shown)
        elif name is not None:
            click.echo("\n".join(fact_lines(shown)))
        else:
            click.echo(f"{fact.id:22} {fact.head.about.both()}")


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@AS_JSON
@pass_session
def diff(session: Session, folders: tuple[Path, ...], as_json: bool) -> None:
    """两部规则库的差异 / what B changes of A.

    A alone: 与现行相比 / against the book in force. 不写：现行与出厂相比 / the office against the
    shipped book.
    """
    if len(folders) > 2:
        raise click.UsageError("至多两个文件夹 / at most two folders")
    first, second = (*folders, None, None)[:2]
    changes = differences(session.config, first, second)
    for change in changes:
        if as_json:
            print_json(difference_json(change))
        else:
            click.echo("\n".join(difference_lines(change)))
    if not changes and not as_json:
        click.echo("没有差异 / no difference")


def _authorities(rule: Rule) -> list[str]:
    """Each authority of the rule once, the nation's first."""
    blocks = sorted(rule.in_force, key=lambda block: block.jurisdiction)
    return list(dict.fromkeys(block.authority for block in blocks))


def _summary(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "version": rule.version,
        "title": rule.title._asdict(),
        "department": rule.department._asdict(),
        "subject": rule.subject,
        "unit": rule.unit,
        "authorities": _authorities(rule),
        "in_force": [
            {"jurisdiction": block.jurisdiction, "from": format_day(block.from_day)}
            for block in rule.in_force
        ],
        "parameters": list(rule.parameters),
    }


COMMANDS: tuple[click.Command, ...] = (list_rules, show, facts, diff)
