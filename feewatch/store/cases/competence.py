"""Which department is competent for breaches, and whose the matters on record are."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from feewatch.engine.findings import Breach
from feewatch.kernel.departments import BY_CASE, competent_for
from feewatch.store.scope import among
from feewatch.store.tables.casework import case_file, matter
from feewatch.store.tables.registers import institution_fact


def competent_of(tx: Connection, breaches: Sequence[Breach]) -> list[str]:
    """The department of each breach: as its rule says, by what its institution taught on its day.

    An institution that was not on the register yet goes by its first facts. What is about a case
    belongs to the department of the case.
    """
    taught = _facts(tx, {each.institution_id for each in breaches if each.institution_id})
    numbers = [each.identity.subject_id for each in breaches if each.competent == BY_CASE]
    cases = _of_cases(tx, numbers)
    return [
        cases.get(breach.identity.subject_id)
        or competent_for(
            breach.competent, _subject_on(taught.get(breach.institution_id or 0, ()), breach)
        )
        for breach in breaches
    ]


def subjects_on(tx: Connection, institutions: Collection[int], day: int) -> dict[int, str]:
    """What institutions teach by their facts on a day, of those that have any then."""
    fact = institution_fact.c
    query = select(fact.institution_id, fact.subject).where(
        among(fact.institution_id, institutions), fact.valid_from <= day, fact.valid_to >= day
    )
    return {row.institution_id: row.subject for row in tx.execute(query)}


def departments_of(tx: Connection, matters: Iterable[int]) -> dict[int, str]:
    """Whose matters are, by key."""
    keys = set(matters)
    if not keys:
        return {}
    query = select(matter.c.id, matter.c.department).where(among(matter.c.id, keys))
    return {row.id: row.department for row in tx.execute(query)}


def _facts(tx: Connection, institutions: Collection[int]) -> dict[int, list[tuple[int, int, str]]]:
    if not institutions:
        return {}
    fact = institution_fact.c
    query = select(fact.institution_id, fact.valid_from, fact.valid_to, fact.subject)
    facts: dict[int, list[tuple[int, int, str]]] = {}
    for key, *span in tx.execute(
        query.where(among(fact.institution_id, institutions)).order_by(fact.valid_from)
    ):
        facts.setdefault(key, []).append((span[0], span[1], span[2]))
    return facts


def _subject_on(facts: Sequence[tuple[int, int, str]], breach: Breach) -> str | None:
    day = breach.identity.on
    on_day = (subject for first, last, subject in facts if first <= day <= last)
    return next(on_day, facts[0][2] if facts else None)


def _of_cases(tx: Connection, numbers: Collection[str]) -> dict[str, str]:
    if not numbers:
        return {}
    query = select(case_file.c.number, case_file.c.department)
    rows = tx.execute(query.where(case_file.c.number.in_(sorted(set(numbers)))))
    return {row.number: row.department for row in rows}
