"""Institutions with their facts, accounts and check results, within a scope."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    union_all,
)

from feewatch.kernel.days import LAST_DAY, Day
from feewatch.kernel.people import Scope
from feewatch.ledger.days import Range
from feewatch.store.intake.words import word_of_row
from feewatch.store.pages.scope import in_force, institutions_within, seen, within
from feewatch.store.tables.casework import matter
from feewatch.store.tables.checks import check_result
from feewatch.store.tables.ledger import (
    account_coverage,
    account_day,
    source_file,
    statement,
    told_days,
)
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.places import site
from feewatch.store.tables.registers import (
    account,
    contract,
    institution,
    institution_fact,
    register_change,
)


def list_institutions(
    tx: Connection, scope: Scope, today: Day, text: str = "", *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Institutions by name with the number of their open matters and undetermined results."""
    open_matters = (
        select(func.count())
        .where(
            matter.c.institution_id == institution.c.id,
            matter.c.status.in_(("open", "in_case")),
            matter.c.historic.is_(False),
            within(Scope(department=scope.department), matter.c.district, matter.c.institution_id),
        )
        .scalar_subquery()
    )
    undetermined = (
        select(func.coalesce(func.sum(check_result.c.undetermined), 0))
        .where(check_result.c.institution_id == institution.c.id)
        .scalar_subquery()
    )
    query = (
        _facts(scope, today, text)
        .add_columns(open_matters.label("open_matters"), undetermined.label("undetermined"))
        .order_by(institution_fact.c.name, institution.c.uscc)
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def list_unsigned_openings(tx: Connection, scope: Scope, today: Day) -> Sequence[Row[Any]]:
    """Institutions with opening statements that nobody signed, the oldest first."""
    query = (
        select(
            institution.c.uscc,
            institution_fact.c.name,
            func.count(opening_statement.c.id).label("unsigned"),
            func.min(opening_statement.c.added_at).label("added_at"),
        )
        .join(opening_statement, opening_statement.c.institution_id == institution.c.id)
        .join(
            institution_fact,
            and_(institution_fact.c.institution_id == institution.c.id, in_force(today)),
        )
        .where(
            opening_statement.c.signed_by.is_(None),
            within(scope, institution_fact.c.district, institution.c.id),
        )
        .group_by(institution.c.uscc, institution_fact.c.name)
        .order_by("added_at", institution.c.uscc)
    )
    return tx.execute(query.limit(100)).all()


def count_institutions(tx: Connection, scope: Scope, today: Day, text: str = "") -> int:
    """How many institutions there are."""
    return tx.scalars(select(func.count()).select_from(_facts(scope, today, text).subquery())).one()


def find_institution(tx: Connection, scope: Scope, uscc: str, today: Day) -> Row[Any] | None:
    """An institution with the facts in force today."""
    return tx.execute(_facts(scope, today, "").where(institution.c.uscc == uscc)).one_or_none()


def find_own(tx: Connection, scope: Scope, today: Day) -> Row[Any] | None:
    """The one institution of an institution's person."""
    return tx.execute(
        _facts(scope, today, "").where(institution.c.id == scope.institution_id)
    ).one_or_none()


def list_accounts(tx: Connection, institution_id: int) -> Sequence[Row[Any]]:
    """Accounts with their last balance and last covered day; the institution is in the scope."""
    return tx.execute(_ACCOUNTS, {"institution": institution_id}).all()


def _accounts() -> Select[Any]:
    last_day = (
        select(func.max(account_day.c.day))
        .where(account_day.c.account_id == account.c.id)
        .correlate(account)
        .scalar_subquery()
    )
    covered = (
        select(func.max(account_coverage.c.to_day))
        .where(account_coverage.c.account_id == account.c.id)
        .scalar_subquery()
    )
    is_known = case((account_day.c.day.is_not(None), word_of_row(account_day.c.day)), else_=None)
    return (
        select(
            account,
            func.coalesce(account.c.opened_on, account.c.imported_on).label("known_from"),
            account_day.c.closing_fen,
            covered.label("covered_to"),
            is_known.label("closing_word"),
        )
        .outerjoin(
            account_day,
            and_(account_day.c.account_id == account.c.id, account_day.c.day == last_day),
        )
        .outerjoin(statement, statement.c.id == account_day.c.statement_id)
        .outerjoin(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(account.c.institution_id == _KEY)
        .order_by(account.c.kind, account.c.account_no)
    )


#: The institution asked for: given with each execution, so that statements are built once.
_KEY: ColumnElement[int] = bindparam("institution", type_=Integer)
_ACCOUNTS = _accounts()


class ToldDays(NamedTuple):
    """By account of an institution the days of which something is told; unknown accounts: none."""

    by_word: dict[int, list[Row[Any]]]  # in order, each range with whose word it is
    covered: dict[int, list[Range]]  # those that statements cover


def list_told(tx: Connection, institution_id: int) -> ToldDays:
    """The days of which an institution's accounts tell."""
    by_word: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    covered: defaultdict[int, list[Range]] = defaultdict(list)
    for row in tx.execute(_TOLD, {"institution": institution_id}):
        if row.word is None:
            covered[row.account_id].append((row.from_day, row.to_day))
        else:
            by_word[row.account_id].append(row)
    return ToldDays(by_word, covered)


def _told() -> Select[Any]:
    fields = ("account_id", "from_day", "to_day")
    whole = select(*(account_coverage.c[name] for name in fields), null().label("word"))
    ranges = union_all(
        select(*(told_days.c[name] for name in fields), told_days.c.word).where(
            told_days.c.institution_id == _KEY
        ),
        whole.where(account_coverage.c.institution_id == _KEY),
    ).subquery()
    return select(ranges).order_by(ranges.c.from_day)


_TOLD = _told()
_RESULTS = (
    select(check_result)
    .where(check_result.c.institution_id == _KEY)
    .order_by(check_result.c.rule)
)  # fmt: skip


def list_sites(tx: Connection, scope: Scope, institution_id: int) -> Sequence[Row[Any]]:
    """Sites of an institution with their contracts.

    Who sees the institution by its site alone is told of the sites in the own place.
    """
    own = select(institution_fact.c.id).where(
        institution_fact.c.institution_id == institution_id,
        institution_fact.c.valid_to == LAST_DAY,
        within(scope, institution_fact.c.district, institution_fact.c.institution_id),
    )
    on_site = and_(
        contract.c.institution_id == site.c.institution_id, contract.c.site_no == site.c.site_no
    )
    columns = [site.c[n] for n in ("site_no", "district", "name", "address", "opened_on")]
    query = (
        select(*columns, site.c.closed_on)
        .add_columns(
            func.count(contract.c.id).label("contracts"),
            func.coalesce(func.sum(contract.c.fee_fen), 0).label("fee_fen"),
        )
        .outerjoin(contract, on_site)
        .where(
            site.c.institution_id == institution_id,
            or_(own.exists(), within(scope, site.c.district, site.c.institution_id)),
        )
        .group_by(site.c.id, *columns, site.c.closed_on)
        .order_by(site.c.site_no)
    )
    return tx.execute(query).all()


def list_dated_facts(tx: Connection, institution_id: int) -> Sequence[Row[Any]]:
    """The facts of an institution, the latest first; the institution is in the scope."""
    query = select(institution_fact).where(institution_fact.c.institution_id == institution_id)
    return tx.execute(query.order_by(institution_fact.c.valid_from.desc())).all()


def list_fact_changes(tx: Connection, uscc: str) -> Sequence[Row[Any]]:
    """Every change of a row of an institution's facts, the last one first."""
    change = register_change.c
    query = select(*(change[name] for name in ("at", "actor", "before", "after"))).where(
        change.kind == "institutions", change.key.startswith(f"{uscc}/", autoescape=True)
    )
    return tx.execute(query.order_by(change.id.desc())).all()


def list_results(tx: Connection, institution_id: int) -> Sequence[Row[Any]]:
    """Outcomes counted by rule at the latest check; the institution is in the scope."""
    return tx.execute(_RESULTS, {"institution": institution_id}).all()


def count_results(tx: Connection, scope: Scope, today: Day) -> Sequence[Row[Any]]:
    """Outcomes by rule over the institutions within the scope, at their latest checks."""
    sums = [func.sum(check_result.c[n]).label(n) for n in ("evaluated", "breaches", "undetermined")]
    return tx.execute(
        select(check_result.c.rule, func.max(check_result.c.as_of).label("as_of"), *sums)
        .where(check_result.c.institution_id.in_(institutions_within(scope, today)))
        .group_by(check_result.c.rule)
        .order_by(check_result.c.rule)
    ).all()


def _facts(scope: Scope, today: Day, text: str) -> Select[Any]:
    joined: FromClause = institution.join(
        institution_fact,
        and_(institution_fact.c.institution_id == institution.c.id, in_force(today)),
    )
    columns = [c for c in institution_fact.c if c.name not in ("id", "institution_id")]
    query = (
        select(institution.c.id, institution.c.uscc, *columns)
        .select_from(joined)
        .where(seen(scope, institution_fact.c.district, institution.c.id))
    )
    if text:
        query = query.where(
            or_(
                institution_fact.c.name.contains(text, autoescape=True),
                institution.c.uscc.contains(text.upper(), autoescape=True),
            )
        )
    return query


def list_codes(tx: Connection, scope: Scope, today: Day) -> list[str]:
    """The credit codes of the institutions of a scope."""
    return [row.uscc for row in tx.execute(_facts(scope, today, ""))]
