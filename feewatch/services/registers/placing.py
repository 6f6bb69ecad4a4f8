"""Finds the institution and contract that each row of a register file belongs to.

Rows that belong nowhere become faults; nothing is written here.
"""

from typing import cast

from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Charge, Contract, Lesson, Refund
from feewatch.services.registers.plan import usccs_of
from feewatch.store.database import Transaction
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
    located = []
    for line, record in rows:
        uscc, number = record.uscc, record.contract_no
        if uscc and uscc not in known:
            reading.faults.append(reading.problem(line, "uscc", _NO_INSTITUTION, uscc))
            continue
        contract = _contract(contracts.get(number, []), uscc)
        if type(contract) is ContractKey:
            named = record if uscc else record._replace(uscc=contract.uscc)
            located.append(Located(line, named, contract.id))
        else:
            assert isinstance(contract, CellFault)
            reading.faults.append(reading.problem(line, "contract_no", contract, number))
    return located


def _contract(candidates: list[ContractKey], uscc: str | None) -> ContractKey | CellFault:
    fitting = [each for each in candidates if uscc is None or uscc == each.uscc]
    if not fitting:
        return _NO_CONTRACT
    return fitting[0] if len(fitting) == 1 else _AMBIGUOUS


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
