"""Templates of what editions show: nothing foreign is loaded, and no clock is read."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

#: What a template has no value for must end the rendering and never print as nothing.
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
