"""Two rule books over the same facts: what each judged, laid side by side in temporary tables.

Nothing is written but temporary tables of the connection; alerts and marks are never touched.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, select, text

from feewatch.engine.compiler import BREACH, COMPLIANT, NOT_YET, Compiled
from feewatch.kernel.days import Day
from feewatch.kernel.places import prefix
from feewatch.store.scope import within
from feewatch.store.tables.registers import institution_fact

#: The book in force, and the one with the change.
SIDES = ("before", "after")
#: What both sides keep of a judged subject. ``distance`` is the share of the limit by which the
#: figure lies off it, only ever used for order.
_KEPT = {
    "rule": "TEXT", "institution_id": "BIGINT", "uscc": "TEXT", "institution_name": "TEXT",
    "district": "TEXT", "subject_kind": "TEXT", "subject_id": "TEXT",
    "on_day": "BIGINT", "outcome": "TEXT",
    "measured": "TEXT", "measured_over": "BIGINT", "limit_value": "TEXT", "limit_over": "BIGINT",
    "unit": "TEXT", "amount_fen": "BIGINT", "contract_id": "BIGINT",
    "distance": "DOUBLE PRECISION",
}  # fmt: skip
_KEY = ("rule", "institution_id", "subject_id", "on_day")
_FIGURES = ("measured", "measured_over", "limit_value", "limit_over", "unit", "distance")


class ReplayWindow(NamedTuple):
    """The law days and the place that are looked at."""

    first: Day
    last: Day
    place: str


def prepare(tx: Connection) -> None:
    """Make the tables of both sides, empty."""
    for side in SIDES:
        tx.execute(text(f"DROP TABLE IF EXISTS replay_{side}"))
        columns = ", ".join(f"{name} {kind}" for name, kind in _KEPT.items())
        tx.execute(text(f"CREATE TEMPORARY TABLE replay_{side} ({columns})"))


def list_institutions(tx: Connection, place: str) -> list[int]:
    """The institutions that are or were in a place."""
    fact = institution_fact.c
    return list(tx.scalars(select(fact.institution_id).where(within(fact.district, place))))


def keep(
    tx: Connection, side: str, compiled: Compiled, window: ReplayWindow, *, names_contract: bool
) -> None:
    """Keep what a rule just judged of the subjects within the window."""
    contract = "k_contract_id" if names_contract else "CAST(NULL AS BIGINT)"
    digits = prefix(window.place)
    tx.execute(
        text(
            f"INSERT INTO replay_{side} ({', '.join(_KEPT)}) "
            "SELECT :rule, institution_id, uscc, institution_name, district, "
            "subject_kind, subject_id, on_day, "
            f"CASE outcome WHEN {BREACH} THEN 'breach' WHEN {COMPLIANT} THEN 'compliant' "
            "ELSE 'undetermined' END, CAST(measured AS TEXT), measured_over, "
            "CAST(limit_value AS TEXT), limit_value_over, unit, CAST(amount_fen AS BIGINT), "
            f"{contract}, {_distance(compiled)} FROM judged "
            f"WHERE (outcome IS NULL OR outcome <> {NOT_YET}) "
            "AND law_day BETWEEN :first AND :last AND district BETWEEN :low AND :high"
        ),
        {
            "rule": compiled.rule.id,
            "first": window.first,
            "last": window.last,
            "low": digits.ljust(6, "0"),
            "high": digits.ljust(6, "9"),
        },
    )


def _distance(compiled: Compiled) -> str:
    if compiled.rule.limit is None or compiled.rule.unit == "text":
        return "CAST(NULL AS DOUBLE PRECISION)"
    measured = "CAST(measured AS DOUBLE PRECISION) / NULLIF(measured_over, 0)"
    limit = "CAST(limit_value AS DOUBLE PRECISION) / NULLIF(limit_value_over, 0)"
    return f"ABS(COALESCE(({measured}) / NULLIF({limit}, 0) - 1, {measured}))"


def compare(tx: Connection) -> None:
    """Lay both sides together, one row a subject; a side that does not judge it says ``none``."""
    tx.execute(text(f"CREATE INDEX replay_after_key ON replay_after ({', '.join(_KEY)})"))
    shared = [name for name in _KEPT if name not in ("outcome", "amount_fen", *_FIGURES)]
    columns = [
        *(f"COALESCE(b.{name}, a.{name}) AS {name}" for name in shared),
        "COALESCE(b.outcome, 'none') AS before_outcome",
        "COALESCE(a.outcome, 'none') AS after_outcome",
        *(f"b.{name} AS before_{name}" for name in _FIGURES),
        *(f"a.{name} AS after_{name}" for name in _FIGURES),
        (
            "CASE WHEN a.outcome = 'breach' THEN a.amount_fen "
            "WHEN b.outcome = 'breach' THEN b.amount_fen END AS amount_fen"
        ),
    ]
    same = " AND ".join(f"b.{name} = a.{name}" for name in _KEY)
    tx.execute(text("DROP TABLE IF EXISTS replay"))
    tx.execute(
        text(
            f"CREATE TEMPORARY TABLE replay AS SELECT {', '.join(columns)}, c.student "
            f"FROM replay_before AS b FULL JOIN replay_after AS a ON {same} "
            "LEFT JOIN contract AS c ON c.id = COALESCE(b.contract_id, a.contract_id)"
        )
    )


#: A family is a student's token at an institution: two institutions may number alike.
_COUNTS = """
    COUNT(*) AS subjects, COUNT(DISTINCT institution_id) AS institutions,
    COUNT(DISTINCT contract_id) AS contracts, COUNT(DISTINCT uscc || '/' || student) AS families
"""


def count_transitions(tx: Connection) -> list[RowMapping]:
    """Per rule, outcome before and after: subjects, institutions, contracts, families, fen.

    Fen are those of a breach on either side.
    """
    query = f"""
        SELECT rule, before_outcome, after_outcome, {_COUNTS},
               CAST(SUM(amount_fen) AS BIGINT) AS fen
        FROM replay GROUP BY rule, before_outcome, after_outcome
        ORDER BY rule, before_outcome, after_outcome
    """
    return list(tx.execute(text(query)).mappings())


#: What changed, each contract once however many rules it flips under, other subjects one by one.
_CHANGED = """
    SELECT institution_id, uscc, MAX(institution_name) AS institution_name, contract_id, student,
           MAX(CASE WHEN after_outcome = 'breach' THEN 1 ELSE 0 END) AS is_new,
           MAX(CASE WHEN before_outcome = 'breach' THEN 1 ELSE 0 END) AS is_gone,
           MAX(amount_fen) AS amount_fen
    FROM replay WHERE before_outcome <> after_outcome
    GROUP BY institution_id, uscc, contract_id, student,
             CASE WHEN contract_id IS NULL THEN rule || '/' || subject_id || '/' || on_day END
"""


def count_institutions(tx: Connection) -> list[RowMapping]:
    """The institutions with a change: what is new in breach, what no longer, contracts, fen.

    ``breaches_before`` and ``breaches_after`` are those under the rules that change anything.
    """
    query = f"""
        SELECT c.*, t.district, t.breaches_before, t.breaches_after
        FROM (SELECT institution_id, uscc, MAX(institution_name) AS institution_name,
                     COUNT(*) AS subjects, SUM(is_new) AS newly, SUM(is_gone) AS no_longer,
                     COUNT(DISTINCT contract_id) AS contracts,
                     COUNT(DISTINCT student) AS families,
                     CAST(SUM(amount_fen) AS BIGINT) AS fen
              FROM ({_CHANGED}) AS changed GROUP BY institution_id, uscc) AS c
        JOIN (SELECT institution_id, uscc, MAX(district) AS district,
                     SUM(CASE WHEN before_outcome = 'breach' THEN 1 ELSE 0 END) AS breaches_before,
                     SUM(CASE WHEN after_outcome = 'breach' THEN 1 ELSE 0 END) AS breaches_after
              FROM replay
              WHERE rule IN (SELECT rule FROM replay WHERE before_outcome <> after_outcome)
              GROUP BY institution_id, uscc) AS t
          ON t.institution_id = c.institution_id AND t.uscc = c.uscc
        ORDER BY c.subjects DESC, c.uscc
    """
    return list(tx.execute(text(query)).mappings())


def count_all(tx: Connection) -> RowMapping:
    """All that changes, together."""
    query = f"SELECT {_COUNTS}, CAST(SUM(amount_fen) AS BIGINT) AS fen FROM ({_CHANGED}) AS changed"
    return tx.execute(text(query)).mappings().one()


def list_nearest(
    tx: Connection, rule: str, *, changed: bool, outcomes: Sequence[str], limit: int
) -> list[RowMapping]:
    """The subjects nearest to the limit the change sets, among those it flips or leaves alone.

    ``outcomes``: those that count, as the changed book judges.
    """
    wanted = ", ".join(f":o{n}" for n in range(len(outcomes)))
    query = f"""
        SELECT * FROM replay
        WHERE rule = :rule AND before_outcome {"<>" if changed else "="} after_outcome
          AND after_outcome IN ({wanted})
        ORDER BY CASE WHEN after_distance IS NULL THEN 1 ELSE 0 END, after_distance,
                 uscc, subject_id, on_day
        LIMIT :limit
    """
    binds: dict[str, Any] = {f"o{n}": each for n, each in enumerate(outcomes)}
    return list(tx.execute(text(query), binds | {"rule": rule, "limit": limit}).mappings())
