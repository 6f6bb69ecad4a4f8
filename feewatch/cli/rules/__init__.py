"""``feewatch rules``: the rule book read, checked, tried and compared; it decides nothing."""

import click

from feewatch.cli.rules import backtest, noise, reading, shadow, trying


@click.group()
def rules() -> None:
    """规则库 / the rule book: read it, check it, try a change."""


for _module in (reading, trying, backtest, noise, shadow):
    for _command in _module.COMMANDS:
        rules.add_command(_command)

COMMANDS: tuple[click.Command, ...] = (rules,)
