"""Runs compiled rules: sets out scope, law and prices as temporary tables and judges in one go."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import RowMapping

from feewatch.casework.workdays import CalendarDay, calendar
from feewatch.engine.compiler import BREACH, NOT_YET, Compiled, FactTable
from feewatch.engine.counting import Counting, law_types
from feewatch.engine.counts import NOTHING_COUNTED, Count
from feewatch.engine.holidays import Holidays
from feewatch.engine.law import PriceSpan
from feewatch.kernel.days import (
    FIRST_DAY,
    JUDGED_FROM,
    JUDGED_TO,
    Day,
    add_months,
    date_of,
    format_day,
)
from feewatch.kernel.errors import InvalidInputError
from feewatch.store.check.engines import Columns, Engine, NumberTable

_BIND = re.compile(r":(as_of(?:_less_(\d+)_months)?|office_district|since)\b")


NOTHING_GIVEN: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({})


class Evaluator:
    """One evaluation of rules over some institutions, on one connection, as of one day.

    The office itself, to which statements of unknown accounts belong, is institution 0.
    """

    def __init__(
        self,
        engine: Engine,
        as_of: Day,
        office_district: str,
        institutions: Iterable[int],
        prices: Sequence[PriceSpan],
        holidays: Holidays,
        given: Mapping[str, Sequence[Mapping[str, Any]]] = NOTHING_GIVEN,
    ) -> None:
        """``given``: by table the rows of facts that are at hand.

        Raises: InvalidInputError for a day that is not judged.
        """
        if not JUDGED_FROM <= as_of <= JUDGED_TO:
            first, last = format_day(JUDGED_FROM), format_day(JUDGED_TO)
            raise InvalidInputError(
                "DAY-RANGE",
                f"截止日应在 {first} 与 {last} 之间",
                f"the as-of day lies between {first} and {last}",
            )
        self._engine = engine
        self._given = given
        self._as_of = as_of
        self._office_district = office_district
        self._judged = ""
        self._since = FIRST_DAY
        self._carried: Mapping[int, Mapping[str, int]] = {}
        self._made: set[FactTable] = set()
        self._lay_out("scope", _SCOPE, [{"institution_id": each} for each in sorted(institutions)])
        self._lay_out(
            "price", _PRICE, [_price_row(span) for span in prices], "district, stage, mode"
        )
        self._lay_out("calendar_month", _MONTH, _months(as_of), "month_no")
        days = dict.fromkeys(CalendarDay._fields, "BIGINT")
        self._lay_out("carried", _CARRIED, [])
        engine.lay_out(
            "calendar_day", days, _calendar_days(as_of, holidays), ("day", "workday_no, is_off")
        )

    def look_from(self, since: Day) -> None:
        """From now on give rows from a day on alone, where facts can."""
        if since != self._since:
            self._since = since
            self._made = {fact for fact in self._made if not fact.looks_back}

    def carry(self, sums: Mapping[int, Mapping[str, int]]) -> None:
        """Set out what facts of the next rules had added up before the first day."""
        if sums == self._carried:
            return
        rows = [
            {"institution_id": key, "name": name, "amount": amount}
            for key, amounts in sums.items()
            for name, amount in amounts.items()
        ]
        self._lay_out("carried", _CARRIED, rows)
        self._carried = sums

    def judge(self, compiled: Compiled, law: Sequence[Mapping[str, Any]]) -> None:
        """Set out the law and the facts of a rule, from which its outcomes are then read."""
        own = {"variant": "BIGINT", "authority": "TEXT"}
        self._set_out({**own, **dict.fromkeys(compiled.law_columns, "BIGINT")}, law, compiled.facts)
        self._judged = self._bind(compiled.sql)

    def count_together(
        self, counting: Counting, law: Sequence[Mapping[str, Any]]
    ) -> list[tuple[Any, ...]]:
        """Set out the law and the facts of several rules and run the statements that count them."""
        self._set_out(law_types(counting), law, counting.facts)
        return [
            tuple(row.values())
            for sql in counting.statements
            for row in self._rows(self._bind(sql))
        ]

    def _set_out(
        self,
        columns: Mapping[str, str],
        law: Sequence[Mapping[str, Any]],
        facts: Iterable[FactTable],
    ) -> None:
        self._lay_out("law", {**_LAW, **columns}, law, "district, from_day")
        self._made = {fact for fact in self._made if not fact.reads_law}
        self.keep(facts)

    def keep(self, facts: Iterable[FactTable]) -> None:
        """Set out facts as tables; those that read law read that of the rule last set out."""
        for fact in facts:
            if fact not in self._made:
                indexes = [", ".join(fact.index)] if fact.index else []
                if fact.given:
                    self._lay_out(fact.name, dict(fact.given), self._given[fact.name], *indexes)
                else:
                    self._engine.keep(fact.name, self._bind(fact.sql), indexes)
                self._made.add(fact)

    def forget(self, facts: Iterable[FactTable]) -> None:
        """Let go of facts that no later rule reads; others are made without them."""
        for fact in self._made.intersection(facts):
            self._engine.forget(fact.name)
            self._made.remove(fact)

    def write_down(self) -> None:
        """Keep every judged row as the temporary table ``judged``."""
        self._engine.keep("judged", f"{self._judged} SELECT * FROM judged")

    def count(
        self, compiled: Compiled, before: Day | None = None
    ) -> tuple[dict[int, Count], dict[int, Count]]:
        """The outcomes of each institution, and of them those of days before a day.

        Without it the second is empty.
        """
        days = ["ripe_on", *(f"due_{n}" for n in range(1, compiled.due + 1))]
        early = "0" if before is None else f"CASE WHEN on_day < {before} THEN 1 ELSE 0 END"
        ahead = ", ".join(
            f"MIN(CASE WHEN {day} > {self._as_of} THEN {day} END) AS {day}" for day in days
        )
        rows = self._read(
            f"""
            SELECT institution_id, outcome, CASE WHEN outcome IS NULL THEN reason END AS why,
                   {early} AS is_early, COUNT(*) AS subjects, {ahead}
            FROM judged GROUP BY institution_id, outcome, why, is_early
            """
        )
        whole: dict[int, Count] = defaultdict(lambda: NOTHING_COUNTED)
        begun: dict[int, Count] = defaultdict(lambda: NOTHING_COUNTED)
        for row in rows:
            counted = _counted(row, days)
            whole[row["institution_id"]] += counted
            if row["is_early"]:
                begun[row["institution_id"]] += counted
        return whole, begun

    def breaches(self) -> list[RowMapping]:
        """The rows in breach."""
        return self._read(f"SELECT * FROM judged WHERE outcome = {BREACH} ORDER BY subject_id")

    def everything(self) -> list[RowMapping]:
        """Every judged row, in no order."""
        return self._read("SELECT * FROM judged")

    def outcomes(self, days: Collection[tuple[str, Day]] | None = None) -> list[RowMapping]:
        """Every judged row, or those of some (uscc, day) pairs, in a stable order."""
        wanted = ""
        if days is not None:
            rows = [{"uscc": uscc, "on_day": day} for uscc, day in sorted(days)]
            self._lay_out("wanted", {"uscc": "TEXT", "on_day": "BIGINT"}, rows)
            wanted = "JOIN wanted AS w ON w.uscc = j.uscc AND w.on_day = j.on_day"
        return self._read(
            f"""
            SELECT j.institution_id, j.uscc, j.district, j.subject_kind, j.subject_id,
                   j.on_day, j.outcome, j.reason, j.cleared_on, j.severity
            FROM judged AS j {wanted}
            WHERE j.outcome IS NULL OR j.outcome <> {NOT_YET}
            ORDER BY j.uscc, j.subject_id, j.on_day
            """
        )

    def findings(self, compiled: Compiled) -> str:
        """A SELECT of every outcome of the rule that is judged, with the figures of breaches.

        Texts and whole numbers alone, in columns that are the same on every engine.
        """
        figures = ("measured", "measured_over", "limit_value", "limit_value_over", "amount_fen")
        of_breaches = ", ".join(
            f"CAST(CASE WHEN outcome = {BREACH} THEN {name} END AS BIGINT) AS {name}"
            for name in figures
        )
        return f"""
            {self._judged}
            SELECT '{compiled.rule.id}' AS rule, uscc, district, subject_kind, subject_id,
                   CAST(on_day AS BIGINT) AS on_day,
                   CASE WHEN outcome IS NULL THEN 'undetermined'
                        WHEN outcome = {BREACH} THEN 'breach' ELSE 'compliant' END AS outcome,
                   CAST(CASE WHEN outcome IS NULL THEN reason END AS BIGINT) AS reason,
                   CAST(cleared_on AS BIGINT) AS cleared_on,
                   CASE WHEN outcome = {BREACH} THEN severity END AS severity, {of_breaches}
            FROM judged WHERE outcome IS NULL OR outcome <> {NOT_YET}
            """

    def _read(self, select: str) -> list[RowMapping]:
        """The rows of a SELECT from ``judged``: the rule last judged, computed as far as read."""
        return self._rows(f"{self._judged} {select}")

    def select(self, sql: str) -> list[RowMapping]:
        """The rows of a SELECT over facts."""
        return self._rows(self._bind(sql))

    def keys_where(
        self, facts: Sequence[FactTable], key: str, among: Collection[int], condition: str
    ) -> set[int]:
        """The keys of the last fact's rows that are among some and meet a condition."""
        self.keep(facts)
        self._lay_out("wanted_key", {"id": "BIGINT"}, [{"id": each} for each in sorted(among)])
        rows = self._rows(
            f"SELECT f.{key} AS id FROM {facts[-1].name} AS f "
            f"JOIN wanted_key AS w ON w.id = f.{key} WHERE {condition}"
        )
        return {row["id"] for row in rows}

    def _lay_out(
        self, name: str, columns: Columns, rows: Sequence[Mapping[str, Any]], *indexes: str
    ) -> None:
        values = [[row[column] for column in columns] for row in rows]
        self._engine.lay_out(name, columns, values, indexes)

    def _bind(self, sql: str) -> str:
        """The statement with its few values written in: engines differ on binds in CREATE TABLE."""

        def value(found: re.Match[str]) -> str:
            if found[1] == "since":
                return str(self._since)
            if found[1] == "office_district":
                return f"'{int(self._office_district):06d}'"
            return str(add_months(self._as_of, -int(found[2])) if found[2] else self._as_of)

        return _BIND.sub(value, sql)

    def _rows(self, sql: str) -> list[RowMapping]:
        return self._engine.rows(sql)


def _counted(row: RowMapping, days: Sequence[str]) -> Count:
    """Rows of one outcome as a count."""
    outcome, subjects = row["outcome"], row["subjects"]
    due = min((row[day] for day in days if row[day] is not None), default=None)
    if outcome == NOT_YET:
        return Count(due_on=due)
    reasons = {row["why"]: subjects} if outcome is None else {}
    breaches = subjects if outcome == BREACH else 0
    return Count(subjects, breaches, subjects if outcome is None else 0, reasons, due)


_SCOPE = {"institution_id": "INTEGER PRIMARY KEY"}
_LAW = {
    "law_id": "INTEGER PRIMARY KEY", "district": "TEXT", "from_day": "BIGINT", "to_day": "BIGINT",
}  # fmt: skip
_CARRIED = {"institution_id": "BIGINT", "name": "TEXT", "amount": "BIGINT"}
_PRICE = {
    "district": "TEXT", "stage": "TEXT", "mode": "TEXT", "class_from": "BIGINT",
    "class_to": "BIGINT", "from_day": "BIGINT", "to_day": "BIGINT", "price_fen": "BIGINT",
    "float_ppm": "BIGINT", "standard_minutes": "BIGINT", "place_name": "TEXT",
    "document": "TEXT", "status": "TEXT", "certainty": "TEXT", "price_from_day": "BIGINT",
}  # fmt: skip


_MONTH = {"month": "TEXT", "month_no": "BIGINT", "from_day": "BIGINT", "to_day": "BIGINT"}
#: Facts by month look back no further than the first rules reach.


def _months(as_of: Day) -> list[dict[str, Any]]:
    """Calendar months up to that of as-of: no SQL dialect computes them alike."""
    rows: list[dict[str, Any]] = []
    first = JUDGED_FROM
    while first <= as_of:
        following = add_months(first, 1)
        date = date_of(first)
        rows.append(
            {
                "month": format_day(first)[:7],
                "month_no": date.year * 12 + date.month - 1,
                "from_day": first,
                "to_day": following - 1,
            }
        )
        first = following
    return rows


#: Terms in working days that begin by as-of end within so many days, the longest holidays included.
_DAYS_AHEAD = 92


@lru_cache(maxsize=8)
def _calendar_days(as_of: Day, holidays: Holidays) -> NumberTable:
    days = tuple(calendar(JUDGED_FROM, as_of + _DAYS_AHEAD, holidays))
    return NumberTable(days, ", ".join(str(tuple(each)) for each in days))


def _price_row(span: PriceSpan) -> dict[str, Any]:
    price = span.price
    return {
        **{name: getattr(span, name) for name in span._fields if name != "price"},
        "price_fen": price.price_fen if price.decides else None,
        "float_ppm": price.float_ppm,
        "standard_minutes": price.standard_minutes,
        "place_name": price.place_name,
        "document": price.document,
        "status": price.status,
        "certainty": price.certainty,
        "price_from_day": price.from_day,
    }
