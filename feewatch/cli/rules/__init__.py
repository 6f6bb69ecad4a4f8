"""``feewatch rules``: the rule book read, checked, tried, compared; packs made and installed."""

import click

from feewatch.cli.rules import backtest, noise, packs, reading, shadow, trying


@click.group()
def rules() -> None:
    """规则库 / the rule book: read it, check it, try a change, install a pack."""


for _module in (reading, trying, backtest, noise, shadow, packs):
    for _command in _module.COMMANDS:
        rules.add_command(_command)

COMMANDS: tuple[click.Command, ...] = (rules,)
