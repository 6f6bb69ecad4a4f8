"""Confirmations (对账函): the bank is asked whether it stands by what an institution handed in.

An officer picks statements, or days of them, or draws them by chance; the bank's answer goes on
record, about all that was asked or some days of it. Where it agrees a second officer confirms it,
and these days count as proven. The institution itself never answers.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day, date_of, iso_or_none
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.ledger.days import Range, join_ranges, missing_days
from feewatch.services.intake import rawfiles
from feewatch.services.intake.confirmation_items import (
    Unconfirmed,
    items_of,
    list_unconfirmed,
    narrowed,
)
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.provenance import rebook
from feewatch.services.intake.telling import tell_of_confirmation
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles, confirmations
from feewatch.store.pages import PageRow, PageRows

OUTCOMES = ("agrees", "differs")
_SEED_MOST = 40


@dataclass(frozen=True, slots=True)
class ConfirmationDesk:
    """What no bank has stood by yet, and the letters sent."""

    unconfirmed: list[Unconfirmed]
    letters: PageRows


@dataclass(frozen=True, slots=True)
class LetterFile:
    """One letter with what it asks and what was answered."""

    head: PageRow
    rows: PageRows  # what it asks, in its order

    def as_json(self) -> dict[str, Any]:
        """The letter for terminals: money in fen, days in ISO."""
        head = self.head
        draw = None if head.seed is None else {
            "seed": head.seed, "size": head.size, "population": head.population,
            "sample": head.sample,
        }  # fmt: skip
        return {
            "number": head.number, "uscc": head.uscc, "institution": head.name,
            "bank": head.bank, "reason": head.reason, "asked_by": head.actor, "at": head.at,
            "draw": draw,
            "items": [_item_as_json(item) for item in self.rows],
        }  # fmt: skip


def _item_as_json(item: PageRow) -> dict[str, Any]:
    return {
        "statement": name_of(item),
        "account": item.account_no,
        "period": [iso_or_none(item.from_day), iso_or_none(item.to_day)],
        **{
            name: getattr(item, name)
            for name in ("opening_fen", "closing_fen", "entries", "in_fen", "out_fen", "status")
        },
        "answered_on": iso_or_none(item.answered_on),
        "answered_days": [iso_or_none(item.answered_from), iso_or_none(item.answered_to)]
        if item.answered_from is not None
        else None,
        **{
            name: getattr(item, name)
            for name in ("answer_sha256", "answer_note", "answered_by", "confirmed_by")
        },
    }


def name_of(row: PageRow) -> str:
    """``file#place`` of a statement."""
    return f"{row.file_sha256}#{row.n}"


def read_desk(app: App, scope: Scope) -> ConfirmationDesk:
    """What lies within a scope."""
    with app.database.reading() as tx:
        return ConfirmationDesk(
            list_unconfirmed(tx, scope),
            confirmations.list_letters(tx, scope, today()),
        )


def get_letter(app: App, scope: Scope, number: str) -> LetterFile:
    """A letter.

    Raises: NotFoundError, also for one outside the scope.
    """
    with app.database.reading() as tx:
        return read_letter(tx, scope, number)


def ask(
    app: App,
    keys: Collection[int],
    *,
    actor: str,
    reason: str,
    account_no: str = "",
    days: Range | None = None,
) -> list[str]:
    """Letters about the statements picked, one a bank and institution; their numbers.

    ``account_no``: all statements of an account instead; ``days``: only what they tell of these.
    Raises: ForbiddenError, InvalidInputError, NotFoundError where one cannot be asked about.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        wanted = list_unconfirmed(tx, person.scope, None if account_no else set(keys))
        if account_no:
            wanted = [each for each in wanted if each.row.account_no == account_no]
        elif len(wanted) != len(set(keys)):
            wanted = []
        if days is not None:
            wanted = [narrowed(statement, days) for statement in wanted]
            wanted = [statement for statement in wanted if statement.left]
        if not wanted:
            raise NotFoundError(
                "CONFIRMATION-STATEMENT",
                "所选对账单或日期不存在、已函证，或不是机构自报",
                "a statement or its days are not there, asked about already, or no own word",
            )
        return _write(tx, wanted, person, reason, None)


def draw(app: App, size: int, *, actor: str, reason: str, seed: str | None = None) -> list[str]:
    """Letters about statements drawn by chance, the seed and what was drawn from on record.

    The same seed and population give the same sample. Without a seed a new one is made.
    Raises: ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    seed = secrets.token_hex(8) if seed is None else seed.strip()
    if size < 1 or not seed or len(seed) > _SEED_MOST:
        raise InvalidInputError(
            "CONFIRMATION-SAMPLE",
            "样本至少 1 份；种子为 1–40 个字符",
            "a sample has at least 1 statement; a seed 1–40 characters",
            field="size",
        )
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        population = list_unconfirmed(tx, person.scope)
        if not population:
            raise ConflictError(
                "CONFIRMATION-NONE",
                "没有未核对的机构自报对账单",
                "no statement is an institution's word alone",
            )
        dice = Random(seed)  # noqa: S311 - to be drawn again by anyone, no secret
        sample = dice.sample(population, min(size, len(population)))
        key = confirmations.add_draw(
            tx, seed=seed, size=size, population=[each.name for each in population],
            sample=[each.name for each in sample], actor=actor,
        )  # fmt: skip
        return _write(tx, sample, person, reason, key)


def _write(
    tx: Transaction,
    statements: Sequence[Unconfirmed],
    person: User,
    reason: str,
    draw_id: int | None,
) -> list[str]:
    groups: defaultdict[tuple[int, str], list[Unconfirmed]] = defaultdict(list)
    for statement in statements:
        groups[statement.row.institution_id, statement.row.bank].append(statement)
    numbers = []
    for (institution_id, bank), group in sorted(groups.items(), key=lambda each: each[0]):
        prefix = f"{group[0].row.district}-{date_of(today()).year}-DZ"
        number = f"{prefix}{confirmations.count_letters(tx, prefix) + 1:04d}"
        confirmations.add_letter(
            tx, items_of(tx, group), number=number, institution_id=institution_id,
            bank=bank, draw_id=draw_id, reason=reason, actor=person.name,
        )  # fmt: skip
        told = [each.name for each in group]
        audit.record(tx, person.name, "confirmation.asked", number, statements=told)
        numbers.append(number)
    return numbers


def answer(
    app: App,
    number: str,
    outcome: str,
    *,
    actor: str,
    on: Day,
    content: bytes,
    note: str = "",
    items: Collection[int] = (),
    days: Range | None = None,
) -> str:
    """Put the bank's answer on record: ``proposed`` where it agrees, else ``differs``.

    ``items``: places in the letter, from 1; none for all that are still asked. ``days``: the days
    that the answer is about, where it is not about all that was asked; the rest may be asked again.
    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError.
    """
    if outcome not in OUTCOMES or not content or on > today():
        raise InvalidInputError(
            "CONFIRMATION-ANSWER",
            "请填写相符或不符、回函日（不晚于今天）并附回函文件",
            "say whether it agrees, on which day (not after today), and hand in the answer itself",
            field="answer",
        )
    sha256 = hashlib.sha256(content).hexdigest()
    status = "proposed" if outcome == "agrees" else "differs"
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        letter = read_letter(tx, person.scope, number)
        chosen = [
            item
            for place, item in enumerate(letter.rows, 1)
            if item.status == "asked" and (not items or place in items)
        ]
        if not chosen:
            raise ConflictError(
                "CONFIRMATION-ANSWERED", "没有待回函的项目", "nothing of it waits for an answer"
            )
        about = {item: _about(item, days) for item in chosen}
        if not any(about.values()):
            raise InvalidInputError(
                "CONFIRMATION-DAYS",
                "函件没有就这些日期询问",
                "the letter asks nothing about these days",
            )
        rawfiles.keep(app, sha256, content)
        for item, answered in about.items():
            if answered is None:
                continue
            confirmations.set_item(tx, item.id, {
                "status": status, "answered_on": on, "answer_sha256": sha256,
                "answered_from": answered[0], "answered_to": answered[1],
                "answer_note": note.strip() or None, "answered_by": actor,
                "answered_at": timestamp(),
            })  # fmt: skip
        if status == "differs":
            tell_of_confirmation(tx, letter.head.institution_id, number, status)
        audit.record(tx, actor, f"confirmation.{status}", number, sha256=sha256)
    return status


def confirm(app: App, number: str, *, actor: str) -> int:
    """A second officer confirms that the bank agrees: the days are proven; how many statements.

    Raises: ForbiddenError, NotFoundError, ConflictError.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        letter = read_letter(tx, person.scope, number)
        waiting = [item for item in letter.rows if item.status == "proposed"]
        if not waiting:
            raise ConflictError(
                "CONFIRMATION-NOTHING", "没有待确认的回函", "no answer waits for a second officer"
            )
        if any(item.answered_by == actor for item in waiting):
            raise ConflictError(
                "SECOND-OFFICER",
                "须由另一名经办人确认",
                "another officer than the one who put the answer on record must confirm",
            )
        for item in waiting:
            done = {"status": "agrees", "confirmed_by": actor, "confirmed_at": timestamp()}
            confirmations.set_item(tx, item.id, done)
        _confirm_whole(tx, {item.statement_id: item.answered_on for item in waiting})
        places = {(item.file_sha256, item.n) for item in waiting}
        stored = bankfiles.list_statements_of(tx, {sha256 for sha256, _ in places})
        rows = [row for of_file in stored.values() for row in of_file]
        rebook(tx, [row for row in rows if (row["file_sha256"], row["n"]) in places])
        tell_of_confirmation(tx, letter.head.institution_id, number, "agrees")
        audit.record(tx, actor, "confirmation.agrees", number, statements=len(waiting))
    match_changed(app)
    return len(waiting)


def _about(item: PageRow, days: Range | None) -> Range | None:
    """The days of an item that an answer is about; None: of none of them."""
    if days is None:
        return item.from_day, item.to_day
    first, last = max(item.from_day, days[0]), min(item.to_day, days[1])
    return (first, last) if first <= last else None


def _confirm_whole(tx: Transaction, answered: Mapping[int, Day]) -> None:
    """Of these statements, confirm as a whole those of which no day is left to be confirmed."""
    for row in confirmations.list_spans(tx, answered):
        ranges = confirmations.list_stood_by(tx, row.id)
        if not missing_days(join_ranges(ranges), row.from_day, row.to_day):
            confirmations.confirm_statement(tx, row.id, answered[row.id])


def read_letter(tx: Transaction, scope: Scope, number: str) -> LetterFile:
    """The same as ``get_letter`` inside a transaction of more."""
    head = confirmations.find_letter(tx, scope, today(), number)
    if head is None:
        raise NotFoundError("CONFIRMATION-UNKNOWN", f"没有对账函 {number}", f"no letter {number}")
    return LetterFile(head, confirmations.list_items(tx, head.id))
