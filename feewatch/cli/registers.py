"""Commands of registers."""

import click

COMMANDS: tuple[click.Command, ...] = ()
