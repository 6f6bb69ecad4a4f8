"""Figures of the early warning beside those of BAL-COVER: how fresh, how many families, what burns.

Queries over facts of the rule book, on the connection and scope of a judgement; writes nothing.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from feewatch.kernel.days import Day
from feewatch.store.scope import among
from feewatch.store.tables.registers import coverage


def freshness(standing: str) -> str:
    """Per institution: the earliest day up to which all open fee accounts are covered, if any."""
    return f"""
        SELECT institution_id, MIN(covered_to) AS covered_to,
               SUM(CASE WHEN covered_to IS NULL THEN 1 ELSE 0 END) AS never_covered
        FROM ({standing}) AS a WHERE kind = 'fee' GROUP BY institution_id
    """


def families(positions: str) -> str:
    """Per institution: contracts and students with unconsumed money, and what is estimated."""
    return f"""
        SELECT p.institution_id, COUNT(*) AS contracts, COUNT(DISTINCT c.student) AS families,
               SUM(p.is_estimated) AS estimated
        FROM ({positions}) AS p JOIN contract AS c ON c.id = p.contract_id
        WHERE p.high_fen > 0 GROUP BY p.institution_id
    """


def burn(standing: str, days: int) -> str:
    """Per institution: what left its open fee accounts on balance in the last days covered.

    ``uncovered`` counts accounts whose statements do not cover all of those days.
    """
    return f"""
        SELECT w.institution_id, CAST(SUM(w.out_fen) AS BIGINT) AS burn_fen,
               SUM(CASE WHEN w.is_covered = 1 THEN 0 ELSE 1 END) AS uncovered
        FROM (
            SELECT a.institution_id, a.account_id,
                   COALESCE((SELECT SUM(-e.amount_fen) FROM entry AS e
                             WHERE e.account_id = a.account_id AND e.merged_into IS NULL
                               AND e.booked_on BETWEEN a.covered_to - {days - 1} AND a.covered_to),
                            0) AS out_fen,
                   CASE WHEN EXISTS (SELECT 1 FROM account_coverage AS v
                                     WHERE v.account_id = a.account_id
                                       AND v.from_day <= a.covered_to - {days - 1}
                                       AND v.to_day >= a.covered_to) THEN 1 ELSE 0 END AS is_covered
            FROM ({standing}) AS a WHERE a.kind = 'fee'
        ) AS w GROUP BY w.institution_id
    """


def registers_to(tx: Connection, institutions: Iterable[int]) -> dict[tuple[int, str], Day]:
    """(institution, register) -> the last day for which the register is complete."""
    query = (
        select(coverage.c.institution_id, coverage.c.register, func.max(coverage.c.to_day))
        .where(among(coverage.c.institution_id, list(institutions)))
        .group_by(coverage.c.institution_id, coverage.c.register)
    )
    return {(key, register): day for key, register, day in tx.execute(query)}
