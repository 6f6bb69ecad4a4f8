"""Groups (集团) that have institutions in several districts: what the office's own file says.

Editions name no holder and no brand: nothing is tied together here that nobody wrote down.
"""

from collections.abc import Sequence
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.kernel.toml import refuse_faults
from feewatch.services.province.overview import read_entries
from feewatch.sheets.tables import TableRow, read_tables
from feewatch.store.pages import PageRow

#: What the columns may be called.
_HEADS = ({"uscc", "统一社会信用代码"}, {"group", "集团"})
_LONGEST = 100


class GroupMember(NamedTuple):
    """An institution of a group, with all that districts say of it; nothing is no good word."""

    uscc: str
    rows: Sequence[PageRow]


def read_groups(app: App) -> dict[str, list[str]]:
    """The credit codes of each group by its name, as the file says; none without a file.

    Raises: InvalidInputError naming every fault of the file.
    """
    named = app.config.gathering.groups
    if not named:
        return {}
    path = app.config.resolve(named)
    try:
        tables = read_tables(path.read_bytes())
    except OSError as fault:
        raise InvalidInputError(
            "GROUPS-FILE",
            f"无法读取 {named}：{fault.strerror}",
            f"cannot read {named}: {fault.strerror}",
        ) from None
    rows = [] if isinstance(tables, Problem) else tables[0].rows
    faults: list[Problem] = [tables] if isinstance(tables, Problem) else []
    groups = _read(rows, faults)
    refuse_faults("GROUPS-FILE", Text(f"{named} 有误", f"{named} has faults"), faults)
    return {name: sorted(codes) for name, codes in sorted(groups.items())}


def list_members(app: App, scope: Scope, name: str) -> list[GroupMember]:
    """The institutions of a group across districts.

    Raises: NotFoundError.
    """
    codes = read_groups(app).get(name)
    if codes is None:
        raise NotFoundError("GROUP-UNKNOWN", f"没有集团 {name}", f"there is no group {name}")
    with app.database.reading() as tx:
        rows = read_entries(tx, scope, codes)
    return [GroupMember(uscc, rows.get(uscc, ())) for uscc in codes]


def _read(rows: Sequence[TableRow], faults: list[Problem]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    of_code: dict[str, str] = {}
    if not rows:
        return groups
    head = [normalise(cell) for cell in rows[0].cells[:2]]
    if len(head) < 2 or any(cell not in names for cell, names in zip(head, _HEADS, strict=True)):
        text = Text("首行应为“统一社会信用代码”“集团”", "the first row must be: uscc,group")
        faults.append(Problem("GROUPS-HEAD", text, line=rows[0].line))
        return groups
    for row in rows[1:]:
        uscc, name = (normalise(cell) for cell in [*row.cells, ""][:2])
        fault = _fault(uscc, name, of_code)
        if fault is not None:
            faults.append(Problem("GROUPS-ROW", fault, line=row.line, value=uscc[:40]))
            continue
        of_code[uscc] = name
        groups.setdefault(name, set()).add(uscc)
    return groups


def _fault(uscc: str, name: str, of_code: dict[str, str]) -> Text | None:
    if not is_credit_code(uscc):
        return Text("不是统一社会信用代码", "is no credit code")
    if not name or len(name) > _LONGEST:
        return Text(f"集团名称应为 1–{_LONGEST} 字", f"a group's name has 1 to {_LONGEST} letters")
    if of_code.get(uscc, name) != name:
        return Text("同一机构属于两个集团", "is named in two groups")
    return None
