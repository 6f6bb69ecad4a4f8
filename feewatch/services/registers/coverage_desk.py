"""Days for which registers are whole: by the office, by an institution's word alone, vouched for.

An institution may declare with its own imports that a register of its is whole; that proves
nothing until an officer, who looked into it, vouches for these days by name and reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.ledger.days import Range, common_ranges, join_ranges, missing_days
from feewatch.services.people import countersigning
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.registers.institutions import get_institution
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.registers import coverage
from feewatch.store.state import mark_changed


@dataclass(frozen=True, slots=True)
class RegisterDays:
    """The days for which one register of an institution is said to be whole."""

    register: str  # contracts, lessons
    proven: tuple[Range, ...]  # by the office, or vouched for by an officer
    own: tuple[Range, ...]  # by the institution's word alone
    vouched: tuple[PageRow, ...]  # what officers vouched for, the latest first

    def as_json(self) -> dict[str, Any]:
        """For terminals and programs: days in ISO."""
        return {
            "register": self.register,
            "proven": [_iso(days) for days in self.proven],
            "institution_alone": [_iso(days) for days in self.own],
            "vouched": [
                {"days": _iso((row.from_day, row.to_day)), "by": row.actor, "reason": row.reason,
                 "at": row.at}
                for row in self.vouched
            ],
        }  # fmt: skip


def read_coverage(
    tx: Transaction, institution_id: int, *, is_vouched: bool = True
) -> list[RegisterDays]:
    """The days of each register of an institution; ``is_vouched``: officers may have vouched."""
    told = coverage.list_by_word(tx, institution_id)
    rows = coverage.list_confirmations(tx, institution_id) if is_vouched else []
    return [
        RegisterDays(
            register,
            tuple(proven := join_ranges(told[register, coverage.OFFICE])),
            tuple(_alone(join_ranges(told[register, coverage.INSTITUTION]), proven)),
            tuple(row for row in rows if row.register == register),
        )
        for register in coverage.REGISTERS
    ]


def list_coverage(app: App, scope: Scope, uscc: str) -> list[RegisterDays]:
    """The same of an institution within a scope.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        return read_coverage(tx, get_institution(tx, scope, uscc))


class VouchedDays(NamedTuple):
    """Days that count from now on, or will once another officer has confirmed it."""

    days: list[Range]
    waits: int | None  # the number under which they wait


def vouch(
    app: App, uscc: str, register: str, *, actor: str, reason: str, days: Range | None = None
) -> VouchedDays:
    """Let days that an institution declared count as whole, at once or once confirmed.

    ``days``: only these; without, all that stand on the institution's word alone.
    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError where there are none.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        key = get_institution(tx, person.scope, uscc)
        chosen = _chosen(tx, key, register, [] if days is None else [days])
        if countersigning.is_wanted(app, tx):
            content = {"register": register, "days": [list(each) for each in chosen]}
            number = countersigning.ask(
                tx, "coverage", f"{uscc}/{register}", key, content, actor=actor, reason=reason
            )
            return VouchedDays(chosen, number)
        _let_count(tx, key, register, chosen, actor=actor, reason=reason)
        told = [_iso(range_) for range_ in chosen]
        audit.record(
            tx, actor, "coverage.vouched", uscc, register=register, days=told, reason=reason
        )
    return VouchedDays(chosen, None)


def confirm_vouching(tx: Transaction, act: PageRow, by: str) -> None:
    """Let the days count that another officer vouches for, as far as they still are declared.

    Raises: ConflictError where none is.
    """
    register = act.content["register"]
    asked = [(first, last) for first, last in act.content["days"]]
    chosen = _chosen(tx, act.institution_id, register, asked)
    _let_count(tx, act.institution_id, register, chosen, actor=act.asked_by, reason=act.reason)
    audit.record(
        tx, by, "coverage.vouched", act.object.partition("/")[0], register=register,
        days=[_iso(each) for each in chosen], reason=act.reason, asked_by=act.asked_by,
    )  # fmt: skip


def _chosen(tx: Transaction, key: int, register: str, days: list[Range]) -> list[Range]:
    """The days on the institution's word alone, or those of these days that are.

    Raises: ConflictError where there are none.
    """
    own = next((each.own for each in read_coverage(tx, key) if each.register == register), ())
    chosen = common_ranges(own, days) if days else list(own)
    if not chosen:
        raise ConflictError(
            "COVERAGE-NONE",
            "这些日期没有机构自报、尚未核实的登记",
            "no such day stands on the institution's word alone",
        )
    return chosen


def _let_count(
    tx: Transaction, key: int, register: str, days: list[Range], *, actor: str, reason: str
) -> None:
    for first, last in days:
        coverage.declare(tx, register, {key}, (first, last))
        coverage.add_confirmation(
            tx, institution_id=key, register=register, from_day=first, to_day=last,
            actor=actor, reason=reason,
        )  # fmt: skip
    mark_changed(tx, {key}, entries=False)


def _alone(own: list[Range], proven: list[Range]) -> Iterator[Range]:
    for first, last in own:
        yield from missing_days(proven, first, last)


def _iso(days: Range) -> list[str | None]:
    return [iso_or_none(day) for day in days]
