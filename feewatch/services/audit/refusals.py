"""Puts refusals on record so that a flood of them fills no disk.

The first of a kind in a minute at once, the rest of that minute as one row with its count. Of who
is not logged in the kind is the address alone, and of many addresses only some are told apart. What
was typed into an address is kept where it is a number of the office's own, else it is a star.
"""

import re
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp
from feewatch.kernel.credit_code import is_credit_code
from feewatch.services.audit.reads import ReadAct, note
from feewatch.store import trail

#: As many kinds are told apart in a minute; those beyond are counted together.
MOST_KINDS = 100
#: Refusals of the command line that go on record in a minute.
MOST_COMMANDS = 20
_OTHERS, _NOBODY = "…", "nobody"
#: Keys of rows, numbers of cases, names of alerts.
_OWN_NUMBER = re.compile(r"\d{1,8}|\d{6}-\d{4}-\d{4}|(?=.*[a-f])[0-9a-f]{16}")


class Refused(NamedTuple):
    """One refusal: of whom (empty: nobody is logged in), from where, where, by which code."""

    person: str
    address: str
    page: str
    code: str
    status: int
    method: str


class RefusalCounter:
    """The refusals of a process, by the minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = ""
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._told: dict[tuple[str, str, str, str], Refused] = {}

    def take(self, app: App, refused: Refused, way: str) -> None:
        """Put a refusal on record, or count it."""
        kind = _kind_of(refused)
        with self._lock:
            rows = self._turn()
            if kind not in self._counts and len(self._counts) >= MOST_KINDS:
                kind = ("", _OTHERS, "", "")
                refused = refused._replace(address=_OTHERS, page=_OTHERS)
            self._counts[kind] += 1
            self._told.setdefault(kind, refused)
            is_first = self._counts[kind] == 1
        for row, count in rows:
            _put(app, row, way, count)
        if is_first:
            _put(app, refused, way, 1)

    def turn(self, app: App) -> None:
        """Put on record what an earlier minute counted."""
        with self._lock:
            rows = self._turn()
        for row, count in rows:
            _put(app, row, "site", count)

    def _turn(self) -> list[tuple[Refused, int]]:
        minute = timestamp()[:16]
        if minute == self._minute:
            return []
        rows = [(self._told[kind], count - 1) for kind, count in self._counts.items() if count > 1]
        self._minute = minute
        self._counts.clear()
        self._told.clear()
        return rows


def shown_page(rule: str | None, given: Mapping[str, Any]) -> str:
    """The address of a page by its rule, with what was typed where it is a number of the office."""
    if rule is None:
        return "-"
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", lambda name: _shown(str(given.get(name[1], ""))), rule)


def note_command(app: App, person: str, act: str, code: str, operator: str) -> None:
    """Put on record that a command was refused to somebody; of a flood its first in a minute."""
    with app.database.reading() as tx:
        count = trail.count_since(tx, "command.refused", timestamp()[:16])
    if count < MOST_COMMANDS:
        act_refused = ReadAct(person or _NOBODY, "command.refused", act, {"code": code})
        note(app, act_refused, "shell", operator)


def _shown(value: str) -> str:
    return value if _OWN_NUMBER.fullmatch(value) or is_credit_code(value) else "*"


def _kind_of(refused: Refused) -> tuple[str, str, str, str]:
    if refused.person:
        return refused.person, "", refused.page, refused.code
    return "", refused.address, "", ""


def _put(app: App, refused: Refused, way: str, count: int) -> None:
    detail: dict[str, Any] = {
        "method": refused.method, "status": refused.status, "code": refused.code,
    }  # fmt: skip
    if count > 1:
        detail["more"] = count
    act = ReadAct(refused.person or _NOBODY, "request.refused", refused.page, detail)
    note(app, act, way, refused.address)
