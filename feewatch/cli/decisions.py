"""Commands of decisions."""

import click

COMMANDS: tuple[click.Command, ...] = ()
