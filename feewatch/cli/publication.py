"""Commands of publication."""

import click

COMMANDS: tuple[click.Command, ...] = ()
