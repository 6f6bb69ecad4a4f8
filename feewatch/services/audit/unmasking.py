"""Shows accounts, payers and memos whole to who asks with an open matter and a reason.

For a short while, to that person alone, of the institution that the matter is about; who asked,
when, why and for what is on record, and so is each reading under it. Nothing else shows them to
people of the office: what they look at, list and export is masked.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED
from feewatch.casework.subjects import OF_ACCOUNT
from feewatch.kernel.clock import now, timestamp, today
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import AUDITORS, UNMASKERS, User
from feewatch.kernel.text import Text
from feewatch.services.corrections.deciding import sees_proposal, unknown_proposal
from feewatch.services.intake.quarantine import find_statement
from feewatch.services.paging import Page, slice_of
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases
from feewatch.store.database import Record, Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.pages import matching as unmatched
from feewatch.store.pages import quarantine as statements
from feewatch.store.people import unmaskings
from feewatch.store.registers import proposals, registers

#: What may be asked for.
FIELDS: dict[str, Text] = {
    "accounts": Text("完整账号", "whole account numbers"),
    "payers": Text("付款人、收款人", "payers and payees"),
    "memos": Text("摘要、附言", "memos"),
}
#: What has to be open for it, by the kind of its number.
GROUNDS: dict[str, Text] = {
    "case": Text("案件", "case"),
    "proposal": Text("提请更正", "proposal"),
    "statement": Text("隔离的对账单", "statement in quarantine"),
    "matching": Text("未匹配款项", "unmatched money"),
}


class _Ground(NamedTuple):
    """An open matter: whose rows it is about, and where."""

    name: str
    district: str
    uscc: str | None
    account_numbers: str | None = None  # with spaces between, where no institution has them


class Sights:
    """What one person sees whole: all of it by their role, or what they asked for and still may."""

    def __init__(
        self, *, is_whole: bool, standing: Iterable[Record], numbers: Iterable[tuple[str, str]]
    ) -> None:
        self.used: dict[int, Record] = {}  # of what was asked for, what something was shown by
        self._is_whole, self._standing = is_whole, [*standing]
        self._by_uscc: defaultdict[str, list[Record]] = defaultdict(list)
        self._by_number: defaultdict[str, list[Record]] = defaultdict(list)
        for row in self._standing:
            if row["uscc"]:
                self._by_uscc[row["uscc"]].append(row)
            for number in (row["account_no"] or "").split():
                self._by_number[number].append(row)
        for number, uscc in numbers:
            self._by_number[number] += self._by_uscc[uscc]

    def sees(self, field: str, *, number: str | None = None, uscc: str | None = None) -> bool:
        """Whether a field of a row is shown whole: of this account, or of this institution."""
        if self._is_whole:
            return True
        rows = [*self._by_number.get(number or "", ()), *self._by_uscc.get(uscc or "", ())]
        row = next((row for row in rows if field in row["fields"].split(",")), None)
        if row is None:
            return False
        self.used[row["id"]] = row
        return True

    def told(self, *, standing: bool = False) -> dict[str, list[str]]:
        """By what something was shown, or may be while it stands; empty where nothing is."""
        rows = self._standing if standing else [*self.used.values()]
        shown = [f"{row['kind']} {row['ground']}" for row in rows]
        return {"unmasking": [str(row["id"]) for row in rows], "ground": shown} if shown else {}


def ask(
    app: App, kind: str, ground: str, *, actor: str, reason: str, fields: Collection[str]
) -> Record:
    """Let a person see fields whole for a while, on record.

    ``ground``: the number of an open case or proposal, ``HASH#N`` of a statement in quarantine, or
    the credit code of an institution with money that is matched to no contract.

    Raises: ForbiddenError, InvalidInputError, NotFoundError also for a ground outside the scope,
    ConflictError for one that is settled.
    """
    require_reason(reason)
    _refuse_words(kind, fields)
    if kind == "statement":
        sha256, n = find_statement(app, ground)
        ground = f"{sha256}#{n}"
    moment = now()
    ends_at = moment + dt.timedelta(minutes=app.config.people.unmask_minutes)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, UNMASKERS)
        open_ground = _get_ground(app, tx, person, kind, ground)
        values = {
            "kind": kind, "ground": open_ground.name, "district": open_ground.district,
            "uscc": open_ground.uscc, "fields": ",".join(each for each in FIELDS if each in fields),
        }  # fmt: skip
        key = unmaskings.add(
            tx, at=timestamp(), ends_at=ends_at.isoformat(timespec="seconds"), actor=actor,
            account_no=open_ground.account_numbers, reason=reason, **values,
        )  # fmt: skip
        audit.record(
            tx, actor, "personal.unmask", f"{kind} {open_ground.name}", unmasking=key,
            fields=values["fields"], until=ends_at.isoformat(timespec="minutes"), reason=reason,
        )  # fmt: skip
        return next(
            row for row in unmaskings.list_standing(tx, actor, timestamp()) if row["id"] == key
        )


def read_sights(app: App, person: User | None) -> Sights:
    """What a person sees whole now; the operator, who is nobody by name, sees all."""
    if person is None or person.sees_accounts:
        return Sights(is_whole=True, standing=(), numbers=())
    if person.role not in UNMASKERS:
        return Sights(is_whole=False, standing=(), numbers=())
    with app.database.reading() as tx:
        standing = unmaskings.list_standing(tx, person.name, timestamp())
        usccs = {row["uscc"] for row in standing if row["uscc"]}
        numbers = unmaskings.list_numbers(tx, usccs) if usccs else ()
    return Sights(is_whole=False, standing=standing, numbers=numbers)


def list_within(app: App, name: str, number: int) -> Page:
    """A page of what was asked for, newest first: one's own, or all to those who audit.

    Raises: ForbiddenError.
    """
    limit, offset = slice_of(number)
    with app.database.reading() as tx:
        person = get_acting(tx, name, UNMASKERS | AUDITORS)
        actor = "" if person.role in AUDITORS else name
        place = person.scope.district
        rows = unmaskings.list_rows(tx, place, actor, limit, offset)
        return Page(rows, unmaskings.count_rows(tx, place, actor), number, limit)


def list_standing(app: App, name: str) -> list[Record]:
    """What stands of a person's own now."""
    with app.database.reading() as tx:
        return list(unmaskings.list_standing(tx, name, timestamp()))


def _refuse_words(kind: str, fields: Collection[str]) -> None:
    if kind not in GROUNDS:
        listed = ", ".join(GROUNDS)
        raise InvalidInputError(
            "UNMASK-KIND", f"依据只能是：{listed}", f"the ground is one of: {listed}", field="kind"
        )
    if not fields or not set(fields) <= set(FIELDS):
        listed = ", ".join(FIELDS)
        raise InvalidInputError(
            "UNMASK-FIELDS", f"请选择要查看的内容：{listed}", f"choose what to see: {listed}",
            field="fields",
        )  # fmt: skip


def _get_ground(app: App, tx: Transaction, person: User, kind: str, ground: str) -> _Ground:
    if kind == "case":
        return _of_case(tx, person, ground)
    if kind == "proposal":
        return _of_proposal(tx, person, ground)
    if kind == "matching":
        return _of_matching(tx, person, ground.strip().upper())
    return _of_statement(app, tx, person, ground)


def _of_case(tx: Transaction, person: User, number: str) -> _Ground:
    case = cases.get_case(tx, number)
    if not person.scope.sees(case["district"], case["institution_id"]):
        raise cases.unknown_case(number)
    if case["state"] in SETTLED:
        raise _settled(f"案件 {number}", f"case {number}")
    if case["uscc"]:
        return _Ground(number, case["district"], case["uscc"])
    subjects = unmaskings.list_subjects(tx, number, OF_ACCOUNT)
    numbers = sorted({subject.partition("/")[0] for subject in subjects})
    return _Ground(number, case["district"], None, " ".join(numbers))


def _of_proposal(tx: Transaction, person: User, number: str) -> _Ground:
    key = read_whole(number) or 0
    proposal = proposals.find(tx, key)
    if proposal is None or not sees_proposal(tx, person, proposal):
        raise unknown_proposal(key)
    if proposal["state"] != "open":
        raise _settled(f"提请 {key}", f"proposal {key}")
    institution = proposal["institution_id"]
    district = bankfiles.find_district(tx, institution, today()) or ""
    return _Ground(str(key), district, registers.get_uscc(tx, institution))


def _of_matching(tx: Transaction, person: User, uscc: str) -> _Ground:
    institution = registers.institution_ids(tx, [uscc]).get(uscc)
    district = bankfiles.find_district(tx, institution, today())
    if institution is None or district is None or not person.scope.sees(district, institution):
        raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
    if not unmatched.count_unmatched(tx, person.scope, today(), uscc):
        raise ConflictError(
            "UNMASK-SETTLED",
            f"机构 {uscc} 没有未匹配款项，不能据以查看完整内容",
            f"all money of {uscc} is matched: nothing is shown whole for it",
        )
    return _Ground(uscc, district, uscc)


def _of_statement(app: App, tx: Transaction, person: User, ground: str) -> _Ground:
    sha256, _, n = ground.partition("#")
    office = app.config.office.district
    row = statements.find_statement(tx, person.scope, office, today(), sha256, read_whole(n) or 0)
    if row is None:
        raise NotFoundError("STATEMENT-UNKNOWN", f"没有对账单 {ground}", f"no statement {ground}")
    if row.status != "quarantined":
        raise _settled(f"对账单 {ground[:12]}", f"statement {ground[:12]}")
    district = bankfiles.find_district(tx, row.institution_id, today()) or office
    return _Ground(ground, district, None, row.account_no)


def _settled(zh: str, en: str) -> ConflictError:
    return ConflictError(
        "UNMASK-SETTLED",
        f"{zh} 已办结，不能据以查看完整内容",
        f"{en} is settled: nothing is shown whole for it any more",
    )
