"""Approvals on the register: what excuses a breach may wait until a second officer confirms it.

Every new or changed row waits, whether it excuses anything yet or not: one that is on file before
the money leaves lets the breach never begin.
"""

from collections import defaultdict
from typing import Any

from feewatch.kernel.errors import ConflictError
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import RegisterReading
from feewatch.services.people import countersigning
from feewatch.services.registers.plan import Plan, WaitingRow, describe_change, usccs_of
from feewatch.services.registers.writing import write_records
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.people import countersigns
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located
from feewatch.store.state import mark_changed

_KIND = KINDS["approvals"]
_WAITS = CellFault(
    "APPROVAL-WAITS",
    Text("待另一名经办或复核人员确认后生效", "counts once another officer has confirmed it"),
)


def hold_approvals(reading: RegisterReading, plan: Plan) -> None:
    """Take all rows that would be written out of a plan, with a word on the line of each."""
    plan.waiting = [WaitingRow(None, row) for row in plan.new]
    plan.waiting += [WaitingRow(change.old, change.row) for change in plan.changes]
    plan.new, plan.changes, plan.new_rows = [], [], 0
    for waiting in plan.waiting:
        reading.warnings.append(reading.problem(waiting.row.line, "document", _WAITS))


def ask_for_approvals(
    tx: Transaction, file: str, plan: Plan, *, actor: str, sha256: str, reason: str
) -> None:
    """Let the rows of a file wait, those of an institution together; what waits already stays."""
    by_code: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for old, row in plan.waiting:
        before = _KIND.keep(old.record) if old is not None else None
        by_code[str(row.record.uscc)].append({"before": before, "after": _KIND.keep(row.record)})
    # in the order in which everybody locks institutions
    for key, uscc in sorted((plan.institutions[uscc], uscc) for uscc in by_code):
        rows = by_code[uscc]
        acts = countersigns.list_waiting(tx, _KIND.name, key)
        known = [each for act in acts for each in act["content"]["rows"]]
        asked = [each for each in rows if each not in known]
        if asked:
            content = {"rows": asked, "file": file, "sha256": sha256}
            name = f"{uscc}/{sha256[:32]}"
            countersigning.ask(tx, _KIND.name, name, key, content, actor=actor, reason=reason)


def confirm_approvals(tx: Transaction, act: PageRow, by: str) -> None:
    """Put the rows of an act on file.

    Raises: ConflictError where a row on file says otherwise by now.
    """
    registers.lock(tx)
    told = act.content["rows"]
    rows = [Located(0, _KIND.make_kept(each["after"])) for each in told]
    stored = {
        _KIND.key_of(each.record): each for each in registers.find_stored(tx, _KIND.name, rows)
    }
    codes = {uscc for row in rows for uscc in usccs_of(row.record)}
    key = act.institution_id
    plan = Plan(registers.institution_ids(tx, codes), rows=rows, touched={key})
    for each, row in zip(told, rows, strict=True):
        old = stored.get(_KIND.key_of(row.record))
        if (_KIND.keep(old.record) if old is not None else None) != each["before"]:
            raise _outdated(act.id)
        if old is None:
            plan.new.append(row)
        else:
            plan.changes.append(describe_change(_KIND, old, row, key))
    write_records(tx, _KIND, plan)
    sha256 = act.content["sha256"]
    registers.record_changes(tx, _KIND.name, plan.history, actor=by, file_sha256=sha256)
    mark_changed(tx, [key])


def _outdated(number: int) -> ConflictError:
    return ConflictError(
        "COUNTERSIGN-OUTDATED",
        f"复核 {number} 所涉批准在册内容已变更，请不予通过并重新导入",
        f"the rows on file have changed since {number} was asked for: refuse it and import again",
    )
