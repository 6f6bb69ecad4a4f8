"""Keeps the charges of a contract adding up to its fee; rows of those that do not are faults."""

from collections import defaultdict

from feewatch.kernel.money import format_yuan
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.reader import RegisterReading
from feewatch.registry.records import Charge, Contract
from feewatch.store.database import Transaction
from feewatch.store.registers import charges, registers
from feewatch.store.registers.charges import Charged
from feewatch.store.registers.registers import Located


def refuse_other_sums(
    tx: Transaction, reading: RegisterReading, located: list[Located]
) -> list[Located]:
    """The rows whose contract's charges, on file and in the file, make up its fee."""
    of_contract: defaultdict[int, list[Located]] = defaultdict(list)
    for row in located:
        assert row.contract_id is not None
        of_contract[row.contract_id].append(row)
    charged = charges.list_charged(tx, of_contract)
    refused: set[int] = set()
    for key, rows in of_contract.items():
        total = _total(charged[key], rows)
        if total != charged[key].fee_fen:
            refused |= {row.line for row in rows}
            fault = _other_sum(charged[key], total)
            reading.faults.extend(reading.problem(row.line, "amount", fault) for row in rows)
    return [row for row in located if row.line not in refused]


def warn_of_other_fees(tx: Transaction, reading: RegisterReading, located: list[Located]) -> None:
    """Say which contracts of a file have another fee than their charges on file add up to."""
    contracts = {row.record.contract_no: row for row in located if isinstance(row.record, Contract)}
    keys = registers.find_contracts(tx, contracts)
    ids = {key.id: key.uscc for found in keys.values() for key in found}
    for key, charged in charges.list_charged(tx, ids).items():
        row = contracts[charged.contract_no]
        is_same = isinstance(row.record, Contract) and row.record.uscc == ids[key]
        total = sum(charged.amounts.values())
        if is_same and charged.amounts and isinstance(row.record, Contract):
            now = charged._replace(fee_fen=row.record.fee_fen)
            if total != now.fee_fen:
                reading.warnings.append(reading.problem(row.line, "fee", _other_sum(now, total)))


def _total(charged: Charged, rows: list[Located]) -> int:
    told = {
        row.record.charge_no: row.record.amount_fen
        for row in rows
        if isinstance(row.record, Charge)
    }
    return sum((charged.amounts | told).values())


def _other_sum(charged: Charged, total: int) -> CellFault:
    has, fee = format_yuan(total), format_yuan(charged.fee_fen)
    return CellFault(
        "CHARGES-SUM",
        Text(
            f"合同 {charged.contract_no} 各笔收费合计 {has} 元，合同金额 {fee} 元",
            f"the charges of {charged.contract_no} add up to {has}, its fee is {fee} yuan",
        ),
    )
