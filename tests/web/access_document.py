"""``docs/access.md`` out of what commands and routes declare; run as a module to write it anew."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from feewatch.cli.permissions import PERMISSIONS, PERSON, SCOPES
from feewatch.config import Config
from feewatch.founding import initialise
from feewatch.kernel.people import ROLES
from feewatch.web.access import ANYONE, entry_of
from feewatch.web.site import create_app

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"
HEAD = """# Who may do what

Written from the declarations (`feewatch/cli/permissions.py`, `may_enter` of the site's rooms) by
`python -m tests.web.access_document`; a test keeps it true. What declares nothing is refused to
everybody. Services ask again for the record that is meant: its place, its institution, and that
another person took the step before.
"""


def _roles(roles: Iterable[str]) -> str:
    chosen = set(roles)
    if chosen == set(ANYONE):
        return "anyone"
    if chosen >= set(ROLES):
        return "everybody logged in"
    return ", ".join(role for role in ROLES if role in chosen) or "—"


def _commands() -> Iterator[str]:
    yield "## Commands"
    yield "`--as`: " + "; ".join(f"*{name}* {text.en}" for name, text in PERSON.items()) + "."
    yield "Scope: " + "; ".join(f"*{name}* {text.en}" for name, text in SCOPES.items()) + ".\n"
    yield "| command | roles with `--as` | `--as` | scope |\n|---|---|---|---|"
    for act, needed in PERMISSIONS.items():
        yield f"| `{act}` | {_roles(needed.roles)} | {needed.person} | {needed.scope} |"


def _routes(site: Flask) -> Iterator[str]:
    yield "\n## Routes\n\n| route | methods | roles |\n|---|---|---|"
    rules = sorted(site.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    for rule in rules:
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        yield f"| `{rule.rule}` | {methods} | {_roles(entry_of(site, rule.endpoint))} |"


def document(site: Flask) -> str:
    """The whole page."""
    return "\n".join([HEAD, *_commands(), *_routes(site)]) + "\n"


def main() -> None:
    """Write it for an office as it comes."""
    with TemporaryDirectory() as folder:
        app = initialise(Config(folder=Path(folder)))
        DOCUMENT.write_text(document(create_app(app)), encoding="utf-8")
        app.database.dispose()


if __name__ == "__main__":
    main()
