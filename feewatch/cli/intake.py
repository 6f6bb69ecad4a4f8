"""Commands of intake."""

import click

COMMANDS: tuple[click.Command, ...] = ()
