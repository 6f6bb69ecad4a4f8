"""Commands of checking."""

import click

COMMANDS: tuple[click.Command, ...] = ()
