"""Finds the institution and contract that each row of a register file belongs to.

Rows that belong nowhere become faults; nothing is written here.
"""

from collections.abc import Iterable
from typing import cast

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Charge, Contract, Lesson, Refund
from feewatch.services.registers.plan import usccs_of
from feewatch.store.database import Transaction
from feewatch.store.holdings import Tenure, list_tenures
from feewatch.store.registers import registers
from feewatch.store.registers.registers import ContractKey, Located

_NO_INSTITUTION = CellFault(
    "INSTITUTION-UNKNOWN", Text("机构不在登记册中", "no institution of this code is on file")
)
_NO_CONTRACT = CellFault(
    "CONTRACT-UNKNOWN", Text("合同不在登记册中", "no contract of this number is on file")
)
_AMBIGUOUS = CellFault(
    "CONTRACT-AMBIGUOUS",
    Text(
        "多家机构有此合同编号，须填写统一社会信用代码",
        "several institutions have a contract of this number: give the uscc",
    ),
)
_NOT_YET = CellFault(
    "CONTRACT-NOT-HELD",
    Text(
        "合同于该日不属此机构，请填写当日持有合同的机构",
        "the contract was not this institution's on that day: give the uscc of who held it",
    ),
)
_NO_COURSE = CellFault(
    "COURSE-UNKNOWN", Text("课程尚未登记，合同已接收", "this course is not on file; accepted")
)


def locate(tx: Transaction, reading: RegisterReading) -> list[Located]:
    """The rows that belong somewhere; faults of the others and warnings join the reading's."""
    if reading.kind.name == "institutions":
        return [Located(*row) for row in reading.rows]
    usccs = {uscc for row in reading.rows for uscc in usccs_of(row.record)}
    known = registers.institution_ids(tx, usccs)
    if reading.kind.name in ("lessons", "refunds", "charges"):
        return _by_contract(tx, reading, known)
    located = _by_institution(reading, known)
    if reading.kind.name == "contracts":
        _warn_of_courses(tx, reading, located, known)
    return located


def _by_institution(reading: RegisterReading, known: dict[str, int]) -> list[Located]:
    located = []
    for line, record in reading.rows:
        unknown = [uscc for uscc in usccs_of(record) if uscc not in known]
        if not unknown:
            located.append(Located(line, record))
            continue
        field = "uscc" if unknown[0] == record.uscc else "to_uscc"
        column = reading.kind.column_of(field).name
        reading.faults.append(reading.problem(line, column, _NO_INSTITUTION, unknown[0]))
    return located


def _by_contract(tx: Transaction, reading: RegisterReading, known: dict[str, int]) -> list[Located]:
    rows = cast("list[tuple[int, Lesson | Refund | Charge]]", reading.rows)
    contracts = registers.find_contracts(tx, (record.contract_no for _, record in rows))
    tenures = list_tenures(tx, known.values())
    located = []
    for line, record in rows:
        uscc, number = record.uscc, record.contract_no
        if uscc and uscc not in known:
            reading.faults.append(reading.problem(line, "uscc", _NO_INSTITUTION, uscc))
            continue
        candidates = contracts.get(number, [])
        contract = _contract(candidates, uscc)
        if contract is _NO_CONTRACT and uscc:
            held = [tenure for tenure in tenures if tenure.holder_id == known[uscc]]
            contract = _moved(candidates, held, day_of(record))
        if type(contract) is ContractKey:
            located.append(Located(line, record._replace(uscc=contract.uscc), contract.id))
        else:
            assert isinstance(contract, CellFault)
            reading.faults.append(reading.problem(line, "contract_no", contract, number))
    return located


def _contract(candidates: list[ContractKey], uscc: str | None) -> ContractKey | CellFault:
    fitting = [each for each in candidates if uscc is None or uscc == each.uscc]
    if not fitting:
        return _NO_CONTRACT
    return fitting[0] if len(fitting) == 1 else _AMBIGUOUS


def day_of(record: Lesson | Refund | Charge) -> Day:
    """The day on which a row happens to a contract: whoever holds it then may report it."""
    if isinstance(record, Lesson):
        return record.held_on
    if isinstance(record, Refund):
        return record.requested_on
    return record.due_on if record.paid_on is None else record.paid_on


def _moved(
    candidates: Iterable[ContractKey], held: Iterable[Tenure], day: Day
) -> ContractKey | CellFault:
    """The contract that a succession brought to an institution, if it holds it on a day."""
    by_register = {key.institution_id: key for key in candidates}
    ever = [tenure for tenure in held if tenure.institution_id in by_register]
    then = [tenure for tenure in ever if tenure.from_day <= day <= tenure.to_day]
    if not then:
        return _NOT_YET if ever else _NO_CONTRACT
    return by_register[then[0].institution_id] if len(then) == 1 else _AMBIGUOUS


def _warn_of_courses(
    tx: Transaction, reading: RegisterReading, located: list[Located], known: dict[str, int]
) -> None:
    contracts = [(row.line, row.record) for row in located if isinstance(row.record, Contract)]
    courses = registers.courses_on_file(tx, (contract.course_id for _, contract in contracts))
    reading.warnings.extend(
        reading.problem(line, "course_id", _NO_COURSE, contract.course_id)
        for line, contract in contracts
        if (known[contract.uscc], contract.course_id) not in courses
    )
