"""``feewatch rules list``: what the book holds, as a jurist reads it; changes nothing."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.engine.book import Rule
from feewatch.kernel.days import format_day
from feewatch.services.rulebook import book_of


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


COMMANDS: tuple[click.Command, ...] = (list_rules,)
