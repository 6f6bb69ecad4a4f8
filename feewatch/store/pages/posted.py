"""What is posted for the public, and whom the register knows: each page asks once or twice."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from feewatch.kernel.days import Day
from feewatch.store.pages import PageRows
from feewatch.store.pages.scope import in_force
from feewatch.store.tables.publication import edition, posted, posted_district
from feewatch.store.tables.registers import account, institution, institution_fact

_IS_LATEST = and_(
    edition.c.district == posted_district.c.district, edition.c.number == posted_district.c.number
)
#: A head with the hash of its edition as it stands on record; none where it is gone.
_HEAD: list[ColumnElement[Any]] = [
    posted_district.c.district,
    posted_district.c.number,
    posted_district.c.sha256,
    posted_district.c.content,
    posted_district.c.seal,
    edition.c.sha256.label("on_record"),
]
#: The same beside other columns.
_HEAD_BESIDE: list[ColumnElement[Any]] = [
    *(column.label(f"head_{column.name}") for column in _HEAD[:5]),
    edition.c.sha256.label("on_record"),
]
_ENTRY: list[ColumnElement[Any]] = [
    posted.c.district,
    posted.c.number,
    posted.c.list,
    posted.c.place,
    posted.c.uscc,
    posted.c.name,
    posted.c.content,
    posted.c.seal,
]


# the two that most pages ask are put together once, not for each page
_PLACES = (
    select(*_ENTRY, *_HEAD_BESIDE)
    .join(posted_district, posted_district.c.district == posted.c.district)
    .outerjoin(edition, _IS_LATEST)
    .where(posted.c.uscc == bindparam("code"))
    .order_by(posted.c.district, posted.c.list, posted.c.place)
)
_TODAY: Any = bindparam("today", type_=BigInteger)
_IS_OPEN = and_(
    or_(account.c.opened_on.is_(None), account.c.opened_on <= _TODAY),
    or_(account.c.closed_on.is_(None), account.c.closed_on > _TODAY),
)
_REGISTER_COLUMNS: list[ColumnElement[Any]] = [
    institution.c.uscc,
    *(institution_fact.c[name] for name in ("name", "district", "subject", "nature", "custody")),
    *(institution_fact.c[name] for name in ("licence_no", "licence_until", "renewal_applied_on")),
    account.c.kind,
    account.c.bank,
    *_HEAD_BESIDE,
]
_REGISTERED = (
    select(*_REGISTER_COLUMNS)
    .select_from(institution)
    .join(
        institution_fact,
        and_(
            institution_fact.c.institution_id == institution.c.id,
            institution_fact.c.valid_from <= _TODAY,
            institution_fact.c.valid_to >= _TODAY,
        ),
    )
    .outerjoin(
        account,
        and_(
            account.c.institution_id == institution.c.id,
            account.c.kind.in_(("fee", "deposit")),
            _IS_OPEN,
        ),
    )
    .outerjoin(posted_district, posted_district.c.district == institution_fact.c.district)
    .outerjoin(edition, _IS_LATEST)
    .where(institution.c.uscc == bindparam("code"))
    .order_by(account.c.kind, account.c.bank)
)


def list_heads(tx: Connection, district: str = "") -> PageRows:
    """The head of a district with what its lists mean; of every district where it has none."""
    here = posted_district.c.district == district
    columns: list[ColumnElement[Any]] = [
        *_HEAD,
        case((here, posted_district.c.meanings), else_="").label("meanings"),
        posted_district.c.meanings_seal,
    ]
    query = select(*columns).outerjoin(edition, _IS_LATEST).order_by(posted_district.c.district)
    if district:
        known = posted_district.alias()
        is_known = exists(select(known.c.district).where(known.c.district == district))
        query = query.where(or_(here, not_(is_known)))
    return tx.execute(query).all()


def list_entries(tx: Connection, district: str, name: str, *, limit: int, offset: int) -> PageRows:
    """Entries of one list of a district, in the order of the list."""
    query = select(*_ENTRY).where(
        posted.c.district == district,
        posted.c.list == name,
        posted.c.place.between(offset, offset + limit - 1),
    )
    return tx.execute(query.order_by(posted.c.place)).all()


def list_places(tx: Connection, uscc: str) -> PageRows:
    """Every entry of an institution, with the head of its edition."""
    return tx.execute(_PLACES, {"code": uscc}).all()


def find_registered(tx: Connection, today: Day, uscc: str) -> PageRows:
    """What may be public of an institution's registers: a row for each account open today.

    No number of an account; one row with no account where none is open. With the head of the
    edition of its district, empty where it has none.
    """
    return tx.execute(_REGISTERED, {"code": uscc, "today": today}).all()


def has_fee_account(tx: Connection, today: Day, uscc: str, number: str) -> bool:
    """Whether a number is that of a fee account of an institution, open today."""
    query = (
        select(account.c.id)
        .join(institution, institution.c.id == account.c.institution_id)
        .where(
            institution.c.uscc == uscc,
            account.c.account_no == number,
            account.c.kind == "fee",
            _IS_OPEN,
        )
    )
    return tx.execute(query, {"today": today}).first() is not None


def search(tx: Connection, today: Day, text: str, *, limit: int) -> PageRows:
    """Entries, then those on the register with none, whose name holds a text in upper case.

    Or whose code begins with it. ``content`` and ``seal`` are empty for those without an entry.
    """
    code = posted.c.uscc.startswith(text, autoescape=True)
    listed = (
        select(*_ENTRY, literal(0).label("turn"))
        .where(or_(posted.c.name.contains(text, autoescape=True), code))
        .order_by(posted.c.district, posted.c.list, posted.c.place)
        .limit(limit)
        .subquery()
    )
    fact, known = institution_fact, posted.alias()
    registered = (
        select(
            fact.c.district, literal(0).label("number"), literal("").label("list"),
            literal(0).label("place"), institution.c.uscc, fact.c.name,
            literal("").label("content"), literal("").label("seal"), literal(1).label("turn"),
        )
        .select_from(institution)
        .join(fact, and_(fact.c.institution_id == institution.c.id, in_force(today)))
        .where(
            or_(
                func.upper(fact.c.name).contains(text, autoescape=True),
                institution.c.uscc.startswith(text, autoescape=True),
            ),
            not_(exists(select(known.c.id).where(known.c.uscc == institution.c.uscc))),
        )
        .order_by(fact.c.name, institution.c.uscc)
        .limit(limit)
        .subquery()
    )  # fmt: skip
    both = union_all(select(listed), select(registered)).subquery()
    ordered = select(both).order_by(both.c.turn, both.c.district, both.c.list, both.c.place)
    return tx.execute(ordered.limit(limit)).all()
