"""Student tokens: a file with names becomes one with opaque tokens, ready to be imported.

A token depends on the institution, the person and the office's key alone, so the same person gives
the same token in every file of an institution that states the person in the same way, and another
one at the next institution. Nothing personal leaves this module.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.registry import cells
from feewatch.registry.columns import Column, Kind
from feewatch.registry.personal import PERSONAL_HEADERS, header_key, role_of_header
from feewatch.registry.profile import Profile
from feewatch.registry.reader import LOSSY, UNPROVEN, lay_out
from feewatch.registry.recognition import find_table
from feewatch.registry.sheet import RegisterSheet
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.sheets.quoting import write_csv
from feewatch.sheets.tables import TableRow
from feewatch.sheets.workbooks import is_shortened

_NO_PERSON = Text(
    "无法识别学员：须有证件号码，或姓名与电话",
    "whose row is this: it needs an identity number, or a name and a phone",
)
_NO_INSTITUTION = Text(
    "该行没有统一社会信用代码：学员标识按机构生成",
    "the row names no credit code: tokens are made by institution",
)
_NO_COLUMNS = Text(
    "找不到学员的证件号码列，也没有姓名列和电话列",
    "no column of identity numbers, nor columns of names and phones",
)
_HAS_TOKENS = Text("文件已有学员标识列", "the file has student tokens already")
_NOTHING_KNOWN = Text("没有一列属于该登记册", "no column belongs to this register")


@dataclass
class Tokenised:
    """What a file became. With problems there is nothing to write."""

    kind: Kind
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)  # what else there is to know of the file
    dropped: list[str] = field(default_factory=list)  # headers
    columns: list[Column | None] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)  # the header first
    persons: int = 0
    without_identity: int = 0  # rows whose token is made from name and phone

    def as_csv(self) -> bytes:
        """The file as CSV in UTF-8 with mark."""
        return write_csv(self.rows)

    def as_xlsx(self) -> bytes:
        """The file as a workbook."""
        rows = [[Cell(each) for each in row] for row in self.rows]
        return write_workbook(
            [WorkbookPage(f"{self.kind.zh} {self.kind.name}", rows, self.columns)]
        )


#: Of tokens that earlier releases made, alike at all institutions: (uscc, token) of those on file.
OnFile = Callable[[Collection[str]], Collection[tuple[str, str]]]


def token_of(key: bytes, uscc: str, identity: str, name: str, phone: str) -> str | None:
    """The token of a person at an institution; None where too little is told to know who it is.

    An identity number alone decides; where there is none, the name with the phone.
    """
    person = _person(identity, name, phone)
    return None if person is None else _hashed(key, f"{uscc}|{person}")


def old_token_of(key: bytes, identity: str, name: str, phone: str) -> str | None:
    """The token that earlier releases gave a person, the same at every institution."""
    person = _person(identity, name, phone)
    return None if person is None else _hashed(key, person)


def _hashed(key: bytes, person: str) -> str:
    return "S" + hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:16]


def _person(identity: str, name: str, phone: str) -> str | None:
    identity = _identity(identity)
    if identity:
        return f"identity|{identity}"
    name, phone = _name(name), _phone(phone)
    return f"person|{name}|{phone}" if name and phone else None


def _identity(cell: str) -> str:
    """Letters and digits alone; a pupil's number is the identity number behind a G."""
    compact = re.sub(r"[^0-9A-Z]", "", _plain(cell))
    return compact[1:] if re.fullmatch(r"G[0-9]{17}[0-9X]", compact) else compact


def _name(cell: str) -> str:
    return re.sub(r"[\s·•・.]", "", _plain(cell))


def _phone(cell: str) -> str:
    digits = re.sub(r"[^0-9]", "", _plain(cell))
    return re.sub(r"^(?:00)?86(?=1[3-9][0-9]{9}$)", "", digits)


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).upper()


def _none_on_file(tokens: Collection[str]) -> Collection[tuple[str, str]]:
    del tokens
    return ()


def tokenise(
    kind: Kind,
    data: bytes,
    file: str,
    key: bytes,
    profiles: Sequence[Profile] = (),
    on_file: OnFile = _none_on_file,
) -> Tokenised:
    """A file with the columns of the register and the tokens, everything else dropped.

    ``on_file``: which tokens of earlier releases an institution has; they stay as they are.
    """
    done = Tokenised(kind)
    table = find_table(kind, data, profiles)
    if isinstance(table, Problem):
        done.problems = [replace(table, file=file)]
        return done
    profile, sheet = table.profile, table.sheet
    done.notes = [replace(table.unread, file=file)] if table.unread else []
    if profile and not profile.proven:
        done.notes.append(Problem("PROFILE-UNPROVEN", UNPROVEN, file, sheet.header.line))
    layout = lay_out(kind, sheet, profile)
    headers = sheet.header.cells
    # those by which a profile recognises its files must stand in the new file too
    marks = profile.recognise if profile else frozenset()
    kept = [n for n, h in enumerate(headers) if layout[n] or header_key(h) in marks]
    done.dropped = [h for n, h in enumerate(headers) if n not in kept and h.strip()]
    done.columns = [layout[n] for n in kept]
    done.rows = [[headers[n] for n in kept]]
    institution = next((n for n, column in enumerate(layout) if _is_uscc(column)), None)
    columns = _person_columns(sheet, profile, layout)
    _Tokeniser(done, file, sheet, _Keys(key, on_file), columns, institution).run(kept)
    return done


#: role -> columns by number, the one to be asked first leading
_Person = dict[str, list[int]]


def _person_columns(
    sheet: RegisterSheet, profile: Profile | None, layout: Sequence[Column | None]
) -> _Person:
    """Which columns tell of the student; where several do, in the order of the profile's headers.

    Never in the order of the file, so that files with swapped columns give equal tokens.
    """
    role_of = profile.role_of if profile else role_of_header
    columns_by_role: _Person = {}
    for role in ("identity", "name", "phone"):
        ranks = [*(profile.personal.get(role, ()) if profile else ()), *PERSONAL_HEADERS[role]]
        columns = [
            n
            for n, header in enumerate(sheet.header.cells)
            if layout[n] is None and role_of(header) == role
        ]
        columns_by_role[role] = sorted(
            columns, key=lambda n: ranks.index(header_key(sheet.header.cells[n]))
        )
    return columns_by_role


def _is_uscc(column: Column | None) -> bool:
    return column is not None and column.fills == "uscc"


class _Keys(NamedTuple):
    """The office's key, and which tokens of earlier releases stand."""

    key: bytes
    on_file: OnFile


class _Tokeniser:
    """Goes through the rows of one file."""

    def __init__(
        self, done: Tokenised, file: str, sheet: RegisterSheet, keys: _Keys, person: _Person,
        institution: int | None,
    ) -> None:  # fmt: skip
        self._done, self._file, self._sheet, self._keys = done, file, sheet, keys
        self._person, self._institution = person, institution
        self._standing: Collection[tuple[str, str]] = ()

    def run(self, kept: Sequence[int]) -> None:
        """Fill the rows, or the problems."""
        student = next((c for c in self._done.kind.columns if c.read is cells.student), None)
        if not kept:
            self._refuse("COLUMNS-UNKNOWN", _NOTHING_KNOWN)
        elif student is not None and student in self._done.columns:
            self._refuse("TOKENS-STAND", _HAS_TOKENS)
        elif student is not None and not self._tells_persons():
            self._refuse("PERSON-COLUMNS", _NO_COLUMNS)
        else:
            self._take_rows(kept, student)
        if self._done.problems:
            self._done.rows, self._done.persons = [], 0

    def _tells_persons(self) -> bool:
        return bool(self._person["identity"] or (self._person["name"] and self._person["phone"]))

    def _take_rows(self, kept: Sequence[int], student: Column | None) -> None:
        used = {*kept, *(n for columns in self._person.values() for n in columns if student)}
        tokens = set()
        if student:
            told = (self._told(row) for row in self._sheet.rows)
            old = {old_token_of(self._keys.key, *person) for person in told}
            self._standing = self._keys.on_file(old - {None})  # type: ignore[arg-type]
            self._done.rows[0].append(student.zh)
            self._done.columns.append(student)
        for row in self._sheet.rows:
            self._refuse_lossy(row, used)
            values = [_cell(row, n) for n in kept]
            if student:
                token = self._token(row)
                tokens.add(token)
                values.append(token)
            self._done.rows.append(values)
        self._done.persons = len(tokens)

    def _token(self, row: TableRow) -> str:
        person, uscc = self._told(row), self._uscc_of(row)
        token, old = token_of(self._keys.key, uscc, *person), old_token_of(self._keys.key, *person)
        if token is None or old is None:
            self._refuse("PERSON-UNKNOWN", _NO_PERSON, row.line)
            return ""
        if not uscc:
            self._refuse("PERSON-INSTITUTION", _NO_INSTITUTION, row.line)
        if not person[0]:
            self._done.without_identity += 1
        return old if (uscc, old) in self._standing else token

    def _told(self, row: TableRow) -> tuple[str, str, str]:
        """Identity number, name and phone of a row."""
        return self._first(row, "identity"), self._first(row, "name"), self._first(row, "phone")

    def _uscc_of(self, row: TableRow) -> str:
        """The institution as registers have it, so that spelling makes no other token."""
        cell = "" if self._institution is None else _cell(row, self._institution)
        return "".join(_plain(cell).split())

    def _first(self, row: TableRow, role: str) -> str:
        cells_of_role = (_cell(row, n) for n in self._person[role])
        return next((cell for cell in cells_of_role if cell.strip()), "")

    def _refuse_lossy(self, row: TableRow, used: Collection[int]) -> None:
        for n in used:
            if is_shortened(_cell(row, n)):
                self._refuse(LOSSY.code, LOSSY.message, row.line, self._sheet.header.cells[n])

    def _refuse(
        self, code: str, text: Text, line: int | None = None, column: str | None = None
    ) -> None:
        self._done.problems.append(Problem(code, text, self._file, line, column))


def _cell(row: TableRow, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""
