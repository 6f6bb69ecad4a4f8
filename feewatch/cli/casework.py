"""Commands of casework."""

import click

COMMANDS: tuple[click.Command, ...] = ()
