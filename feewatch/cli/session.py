"""What every command is given: the installation, opened on first use, and who is acting."""

import json
import logging
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from feewatch.bootstrap import App, ReaderLog, open_app
from feewatch.config import Config, load_config
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import OFFICE, Scope
from feewatch.kernel.problems import Problem
from feewatch.services.people.acting import get_acting
from feewatch.statements import reading

#: Traces are for the operator's file and not for the terminal of whoever hands a file in.
_READERS = logging.getLogger(reading.__name__)


class Session:
    """One invocation of the command line."""

    def __init__(self, config_file: Path | None, user: str | None) -> None:
        self._config_file = config_file
        self._user = user

    @cached_property
    def config(self) -> Config:
        """The configuration in force."""
        return load_config(self._config_file)

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
            self.app.database.dispose()
            _READERS.removeHandler(self._log)
            _READERS.propagate = True
            self._log.close()

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
    def office_scope(self) -> Scope:
        """What the person of the office who is named may see; the operator sees all.

        Raises: ForbiddenError.
        """
        if self._user is None:
            return Scope()
        with self.app.database.reading() as tx:
            return get_acting(tx, self._user, OFFICE).scope


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
