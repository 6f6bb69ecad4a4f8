"""What an import may not say of days and places, and what it tells of facts that change.

A lesson not yet held is none; an institution that moves does so on a day. Nothing is written here.
"""

from collections.abc import Collection, Iterable

from feewatch.kernel.days import FIRST_DAY, Day, format_day
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Institution, Lesson
from feewatch.store.registers.registers import Located, RecordOnFile

_AHEAD = CellFault(
    "DAY-AHEAD",
    Text(
        "上课日期在导入日之后，尚未发生的课不是消课", "lies after the day of import: no lesson yet"
    ),
)


def refuse_lessons_ahead(reading: RegisterReading, today: Day) -> None:
    """Make rows of lessons held after a day bad; rows that only cancel (0 lessons) may stand."""
    ahead = [
        (line, record.held_on)
        for line, record in reading.rows
        if isinstance(record, Lesson) and record.lessons and record.held_on > today
    ]
    if ahead:
        reading.faults.extend(
            reading.problem(line, "held_on", _AHEAD, format_day(day)) for line, day in ahead
        )
        refused = {line for line, _ in ahead}
        reading.rows[:] = [row for row in reading.rows if row.line not in refused]


def refuse_undated_moves(
    reading: RegisterReading, located: Iterable[Located], on_file: Collection[RecordOnFile]
) -> list[Located]:
    """The rows but those that, without a day, name another district for an institution on file."""
    districts: dict[str, dict[Day, str]] = {}
    for stored in on_file:
        if isinstance(stored.record, Institution):
            dated = districts.setdefault(stored.record.uscc, {})
            dated[stored.record.valid_from] = stored.record.district
    kept = []
    for row in located:
        record = row.record
        assert isinstance(record, Institution)
        known = districts.get(record.uscc, {})
        fitting = {known[FIRST_DAY]} if FIRST_DAY in known else {*known.values()}
        if known and record.valid_from == FIRST_DAY and record.district not in fitting:
            fault = _moved_without_a_day(sorted(fitting))
            reading.faults.append(reading.problem(row.line, "district", fault, record.district))
        else:
            kept.append(row)
    return kept


def _moved_without_a_day(districts: Iterable[str]) -> CellFault:
    listed = ", ".join(districts)
    return CellFault(
        "DISTRICT-UNDATED",
        Text(
            f"与在册的区划 {listed} 不同：迁址须填写生效日期；另一校区请登记为教学点",
            f"the district on file is {listed}: a move needs valid_from, a campus is a site",
        ),
    )


def tell_changes(
    reading: RegisterReading, kind: Kind, line: int, before: Institution, after: Institution
) -> None:
    """Warn of each fact of an institution that a row changes: old → new, and from when."""
    since = ""
    if after.valid_from != before.valid_from:
        since = format_day(after.valid_from)
    for column in kind.columns:
        old, new = getattr(before, column.fills), getattr(after, column.fills)
        if column.name == "valid_from" or old == new:
            continue
        shown = [_shown(kind, column.fills, value) for value in (old, new)]
        message = Text(
            f"{shown[0].zh} → {shown[1].zh}" + (f"（自 {since} 起）" if since else ""),
            f"{shown[0].en} → {shown[1].en}" + (f" (from {since} on)" if since else ""),
        )
        reading.warnings.append(
            reading.problem(line, column.name, CellFault("FACT-CHANGED", message))
        )


def _shown(kind: Kind, field: str, value: object) -> Text:
    if value is None:
        return Text("（空）", "(empty)")
    if field in kind.day_fields and isinstance(value, int):
        return Text(format_day(value), format_day(value))
    text = str(value)
    return Text(kind.column_of(field).words.get(text, text), text)
