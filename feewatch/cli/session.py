"""What every command is given: the installation, opened on first use, and who is acting.

Who acts is looked at once, before the command begins: see ``admit``. Whatever a command writes to
the record bears beside its actor the operating-system user at the terminal.
"""

import json
import logging
import os
import pwd
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from feewatch.bootstrap import App, database_place, open_app
from feewatch.casework.subjects import OF_ACCOUNT
from feewatch.cli.permissions import Permission
from feewatch.config import Config, load_config
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import ForbiddenError, InvalidInputError, UnavailableError
from feewatch.kernel.masking import mask_account, mask_name
from feewatch.kernel.people import Scope, User
from feewatch.kernel.problems import Problem
from feewatch.logs import ReaderLog
from feewatch.services.audit import reads
from feewatch.services.audit.reads import ReadAct
from feewatch.services.audit.refusals import note_command
from feewatch.services.audit.unmasking import Sights, read_sights
from feewatch.services.people.acting import get_acting
from feewatch.statements import reading
from feewatch.store import audit
from feewatch.store.database import DatabaseFault
from feewatch.store.people import users
from feewatch.web.formats import masked_subject

#: Traces are for the operator's file and not for the terminal of whoever hands a file in.
_READERS = logging.getLogger(reading.__name__)


#: What makes an installation, or brings one back: nobody can be asked for before there is one.
_MAKERS = frozenset({"init", "restore"})


class Session:
    """One invocation of the command line."""

    def __init__(self, config_file: Path | None, user: str | None) -> None:
        self._config_file = config_file
        self._user = user
        self.person: User | None = None  # who is named, once admitted
        self._act = ""

    @cached_property
    def config(self) -> Config:
        """The configuration in force."""
        return load_config(self._config_file)

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return database_place(self.config)

    @cached_property
    def app(self) -> App:
        """The installation; refused where ``feewatch init`` has not run."""
        app = open_app(self.config)
        self._log = ReaderLog(self.config)
        _READERS.addHandler(self._log)
        _READERS.propagate = False
        return app

    def close(self) -> None:
        """Give the database back, where it was opened."""
        if "app" in vars(self):
            self._note_reading()
            self.app.database.dispose()
            _READERS.removeHandler(self._log)
            _READERS.propagate = True
            self._log.close()

    def _note_reading(self) -> None:
        """Put on record what the person named was shown whole, and by which matter."""
        told = self.sights.told() if "sights" in vars(self) else {}
        if told:
            act = ReadAct(self.actor, "personal.read", self._act, told)
            reads.note(self.app, act, "shell", operator())

    def admit(self, act: str, permission: Permission | None) -> None:
        """Let a command begin, or refuse it; one that is not declared is refused to everybody.

        What is done by the operator, or changes anything, goes on record with its operator.

        Raises: ForbiddenError, InvalidInputError where nobody is named who has to be.
        """
        self._act = act
        if permission is None:
            raise ForbiddenError(
                "COMMAND-UNDECLARED",
                f"命令 {act} 未声明何人可用",
                f"the command {act} does not declare who may use it",
            )
        if permission.person == "none" or (act in _MAKERS and not self._is_made()):
            return
        app = self.app
        place = app.config.office.district if permission.scope == "office" else None
        with app.database.reading() as tx:
            is_required = permission.person == "required" or (
                permission.person == "once_administered" and users.has_administrator(tx)
            )
            if is_required or self._user:
                self.person = get_acting(tx, self.user, permission.roles, place)
        if permission.person != "required" and permission.acts:
            self.note(app, act)

    def note_refusal(self, code: str) -> None:
        """Put on record that somebody was refused, as far as there is an office to do so."""
        if "app" in vars(self):
            name = self.person.name if self.person else ""  # a name as typed may be anything
            note_command(self.app, name, self._act, code, operator())

    def note(self, app: App, act: str) -> None:
        """Put on record that a command was begun, by whom, and by which operator.

        A site on a read-only disk shows what is there: it changes nothing, and no record of it is
        possible.
        """
        if act == "serve" and not app.database.may_write:
            return
        with app.database.transaction() as tx:
            audit.record(tx, self.actor, "command", act)

    def _is_made(self) -> bool:
        try:
            return bool(self.app)
        except (UnavailableError, DatabaseFault):
            return False

    @property
    def actor(self) -> str:
        """Who acts, for the record of things that need no decision: the user named, else cli."""
        return self._user or "cli"

    @property
    def named(self) -> str | None:
        """The user named, if any: whose scope counts for what is only read."""
        return self._user

    @property
    def user(self) -> str:
        """Who decides.

        Raises: InvalidInputError where nobody is named.
        """
        if not self._user:
            raise InvalidInputError(
                "USER-REQUIRED",
                "此命令须以 --as 用户名 指明经办人",
                "this command decides something: name the person with --as USER",
            )
        return self._user

    @property
    def scope(self) -> Scope:
        """What the person who is named may see; the operator sees all."""
        return self.person.scope if self.person else Scope()

    @cached_property
    def sights(self) -> Sights:
        """What is shown whole: all to the operator, else what the person named asked to see."""
        return read_sights(self.app, self.person)

    def sees(self, field: str, own: str | None = None, uscc: str | None = None) -> bool:
        """Whether a field of an account's or institution's rows is shown whole, as on the site."""
        return self.sights.sees(field, number=own, uscc=uscc)

    def account(self, number: str | None, uscc: str | None = None) -> str | None:
        """An account number as the person named may see it."""
        return (
            mask_account(number) if number and not self.sees("accounts", number, uscc) else number
        )

    def name(self, name: str | None, own: str | None, uscc: str | None = None) -> str | None:
        """The name of a payer into the account ``own`` as the person named may see it."""
        return mask_name(name) if name and not self.sees("payers", own, uscc) else name

    def memo(self, memo: str | None, own: str | None, uscc: str | None = None) -> str | None:
        """The words of a payment into or out of it, if the person named may see them."""
        return "" if memo and not self.sees("memos", own, uscc) else memo

    def row(
        self, row: dict[str, Any], own: str | None = None, uscc: str | None = None
    ) -> dict[str, Any]:
        """A row of a statement or of the ledger as the person named may see it."""
        own = own or row.get("account_no")
        hide: dict[str, Callable[[Any], Any]] = {
            "account_no": lambda number: self.account(number, uscc),
            "counterparty_account": lambda number: (
                mask_account(number) if number and not self.sees("accounts", own, uscc) else number
            ),
            "counterparty": lambda name: self.name(name, own, uscc),
            "payer": lambda name: self.name(name, own, uscc),
            "memo": lambda memo: self.memo(memo, own, uscc),
            "reference": lambda memo: self.memo(memo, own, uscc),
        }
        return {key: hide[key](value) if key in hide else value for key, value in row.items()}

    def subject(self, subject: dict[str, str]) -> dict[str, str]:
        """The subject of an alert as the person named may see it."""
        kind, name = subject["kind"], subject["id"]
        if kind not in OF_ACCOUNT or self.sees("accounts", name.partition("/")[0]):
            return subject
        return subject | {"id": masked_subject(kind, name)}


def operator() -> str:
    """The operating-system user at the terminal, by name where it has one, and by number."""
    number = os.getuid()
    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:
        return f"({number})"


class DayParam(click.ParamType[Day]):
    """``YYYY-MM-DD`` as a day number."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Day:
        """A day, or a usage fault that says what was expected."""
        if isinstance(value, int):
            return value
        day = parse_day(value)
        if day is None:
            self.fail(f"{value!r} 不是日期 / is not a day YYYY-MM-DD", param, ctx)
        return day


class DaysParam(click.ParamType[tuple[Day, Day]]):
    """``FROM..TO`` as a pair of day numbers."""

    name = "FROM..TO"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Day, Day]:
        """Both days, or a usage fault that says what was expected."""
        if isinstance(value, tuple):
            return value
        days = [parse_day(part) for part in value.split("..")]
        if len(days) != 2 or days[0] is None or days[1] is None or days[1] < days[0]:
            self.fail(
                f"{value!r} 不是起止日期 / is not YYYY-MM-DD..YYYY-MM-DD, first day first",
                param,
                ctx,
            )
        return days[0], days[1]


class GivenFile(click.Path):
    """A file to be read whole: there, and a regular one, since a device or pipe may never end."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Its path, or a usage fault that says what was expected."""
        path = super().convert(value, param, ctx)
        if not os.path.isfile(path):  # noqa: PTH113 - click may give bytes
            self.fail(f"{value!r} 不是普通文件 / is no regular file", param, ctx)
        return path


AS_OF = click.option(
    "--as-of", type=DayParam(), default=today, show_default="today", help="截止日 / as-of day"
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON")
pass_session = click.make_pass_decorator(Session)


def print_json(value: Any) -> None:
    """One JSON line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def problem_line(problem: Problem) -> str:
    """A fault of a file on one line: where, its code, what, the value."""
    place = [problem.file, problem.line, problem.column]
    shown = ":".join(str(each) for each in place if each is not None)
    value = "" if problem.value is None else f" [{problem.value}]"
    return f"{shown} {problem.code} {problem.message.both()}{value}"
