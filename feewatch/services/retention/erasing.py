"""Lets go for good what is past its term, or what is of one person who asked: by two people.

The first proposes, with the reason; the second does it. What is bound by anything open stays. Bank
rows keep place, day, amount and balance, so that sums, proofs and the chain hold. A file that tells
of others too stays until its term is over, which is on record; what went is on record by names that
tell nothing of it, here and in a file outside the database.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import AUDITORS, SECURITY
from feewatch.services.intake import rawfiles
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.retention import outside
from feewatch.services.retention.planning import (
    Terms,
    last_day_of_files,
    plan,
    read_bound,
    work_out,
)
from feewatch.store import audit, chain, covering, guards, payers
from feewatch.store import retention as store
from feewatch.store.database import Transaction
from feewatch.store.state import mark_changed

#: Who proposes an erasure and who does it; never the same person.
ERASERS = SECURITY | AUDITORS
_COVER = "record.erasure"
_EVIDENCE = ("payers", "students", "bank_files", "vouchers")
#: Before every moment.
_NEVER = ""
#: A shorter word would stand in rows of people who did not ask.
_LEAST_LETTERS = 2


class OfPerson(NamedTuple):
    """What stands of a person: rows of the bank, contracts, files by their fate."""

    rows: list[payers.PayerRow]
    students: list[tuple[str, tuple[str, ...]]]
    going: list[str]  # files that tell of the person alone, or are past their term
    kept: list[str]  # files that tell of others too


class Erased(NamedTuple):
    """What an erasure let go, and where the word it was asked by still stands, by table.

    ``kept``: hashes of files that tell of other people too, whose term is not over.
    """

    mark: str
    counts: dict[str, int]
    left: dict[str, int]
    kept: list[str]


def propose_terms(app: App, day: Day, *, actor: str, reason: str) -> dict[str, Any]:
    """Propose to let go what is past its term on a day; the proposal with its counts.

    Raises: ForbiddenError, InvalidInputError, also for a day that has not come.
    """
    if day > today():
        raise InvalidInputError(
            "ERASE-AHEAD",
            "不能按将来的日期清除：期限尚未届满",
            "nothing is let go by a day that has not come: no term is over then",
            field="as_of",
        )
    told = plan(app, day).as_json()
    return _propose(app, "terms", told, actor=actor, reason=reason)


def propose_person(app: App, word: str, what: str, *, actor: str, reason: str) -> dict[str, Any]:
    """Propose to let go what stands of one person; the proposal with its counts.

    ``what``: payer or student; ``word``: the name, account or token, kept as a keyed hash alone.

    Raises: ForbiddenError, InvalidInputError; ConflictError where something open binds it.
    """
    word = word.strip()
    if len(word) < _LEAST_LETTERS:
        raise InvalidInputError(
            "ERASE-WORD", "请写明姓名、账号或学员标识", "tell the name, account or token"
        )
    with app.database.reading() as tx:
        person = _of_person(app, tx, word, what)
    told = {
        "what": what, "word": _hash(app, word), "as_of": timestamp()[:10],
        "counts": {
            "payers": len(person.rows), "students": len(person.students),
            "bank_files": len(person.going), "files_kept": len(person.kept),
        },
    }  # fmt: skip
    return _propose(app, "person", told, actor=actor, reason=reason)


def drop(app: App, mark: str, *, actor: str, reason: str) -> None:
    """Take a proposal back.

    Raises: ForbiddenError, InvalidInputError, NotFoundError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ERASERS, app.config.office.district)
        proposed = _get_proposed(tx, mark)
        _note(tx, proposed, "dropped", {}, actor=actor, reason=reason)


def run(app: App, mark: str, *, actor: str, reason: str, word: str = "") -> Erased:
    """Do what another person proposed; of one person the word is told again.

    Raises: ForbiddenError, InvalidInputError, NotFoundError, ConflictError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ERASERS, app.config.office.district)
        proposed = _get_proposed(tx, mark)
        if proposed["actor"] == actor:
            raise ConflictError(
                "FOUR-EYES",
                "清除须由提出人以外的另一人执行",
                "another person than the one who proposed it lets it go",
            )
        store.clear_for_good(tx)
        kept: list[str] = []
        if proposed["kind"] == "person":
            items, counts, kept = _erase_person(app, tx, proposed["plan"], word)
        else:
            items, counts = _erase_terms(app, tx, proposed["plan"])
        store.add_erased(tx, mark, items)
        _note(tx, proposed, "done", counts, actor=actor, reason=reason, kept=kept)
    finish(app)
    with app.database.reading() as tx:
        left = store.count_left(tx, word.strip()) if proposed["kind"] == "person" else {}
    return Erased(mark, counts, left, kept)


def finish(app: App) -> int:
    """How many files were taken off the disk that are on record as gone.

    What went is told in the file outside the database. Safe to repeat: a run that was killed is
    finished by the next.
    """
    with app.database.reading() as tx:
        rows, events = store.list_erased(tx), store.list_events(tx)
    gone = 0
    for row in rows:
        if row["kind"] == "file":
            for path in rawfiles.paths_of(app, row["name"]):
                path.unlink(missing_ok=True)
                gone += 1
    outside.write(app, events, rows)
    store.scrub(app.database)
    return gone


def run_again(app: App, told: Iterable[outside.ToldErasure], *, actor: str) -> list[str]:
    """Do again what had been done after the copy was taken that was put back; the marks."""
    again = []
    for erasure in told:
        with app.database.transaction() as tx:
            if store.list_erased(tx, erasure.mark) or _is_done(tx, erasure.mark):
                continue
            store.clear_for_good(tx)
            counts = _apply(tx, erasure.items)
            store.add_erased(tx, erasure.mark, erasure.items)
            event = {"mark": erasure.mark, "kind": erasure.kind}
            _note(tx, event, "again", counts, actor=actor, reason="restore")
            again.append(erasure.mark)
    if again:
        finish(app)
    return again


def let_go_light(app: App, day: Day) -> dict[str, int]:
    """Let messages and log-ins past their term go, which are evidence of nothing; the counts.

    What is evidence waits for two people. A run that was killed is finished.
    """
    told = plan(app, day)
    due = {name: told.counts.get(name, 0) for name in ("messages", "sessions")}
    if any(due.values()):
        with app.database.transaction() as tx:
            store.drop_messages(tx, told.terms.messages or _NEVER)
            store.drop_sessions(tx, told.terms.sessions or _NEVER)
            audit.record(tx, "scheduler", "retention.run", told.as_of, counts=due)
    if is_unfinished(app):
        finish(app)
    waiting = {name: told.counts.get(name, 0) for name in _EVIDENCE}
    return due | waiting


def is_unfinished(app: App) -> bool:
    """Whether a file still lies on disk that is on record as gone."""
    with app.database.reading() as tx:
        gone = store.list_gone(tx)
    return any(rawfiles.paths_of(app, sha256) for sha256 in gone)


def list_steps(app: App, name: str | None) -> list[Mapping[str, Any]]:
    """Every step of every erasure, in order.

    Raises: ForbiddenError.
    """
    with app.database.reading() as tx:
        if name is not None:
            get_acting(tx, name, ERASERS, app.config.office.district)
        return store.list_events(tx)


def _propose(
    app: App, kind: str, told: dict[str, Any], *, actor: str, reason: str
) -> dict[str, Any]:
    require_reason(reason)
    mark = secrets.token_hex(8)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ERASERS, app.config.office.district)
        values = {"mark": mark, "kind": kind, "plan": told}
        store.add_event(tx, at=timestamp(), actor=actor, step="proposed", reason=reason, **values)
        audit.record(tx, actor, "erasure.proposed", mark, told, reason=reason)
    return values


def _note(
    tx: Transaction, proposed: Mapping[str, Any], step: str, counts: dict[str, int], *,
    actor: str, reason: str, kept: Sequence[str] = (),
) -> None:  # fmt: skip
    mark = proposed["mark"]
    told: dict[str, Any] = {"counts": counts}
    if kept:
        told |= {"kept": [*kept]}
    store.add_event(
        tx, mark=mark, at=timestamp(), actor=actor, step=step, kind=proposed["kind"],
        plan=told, reason=reason,
    )  # fmt: skip
    audit.record(tx, actor, f"erasure.{step}", mark, told, reason=reason)


def _get_proposed(tx: Transaction, mark: str) -> Mapping[str, Any]:
    events = store.list_events(tx, mark)
    if not events:
        raise NotFoundError("ERASURE-UNKNOWN", f"没有清除提议 {mark}", f"no erasure {mark}")
    if events[-1]["step"] != "proposed":
        raise ConflictError(
            "ERASURE-OVER",
            f"清除 {mark} 已了结",
            f"the erasure {mark} is over: it was done or dropped",
        )
    return events[0]


def _is_done(tx: Transaction, mark: str) -> bool:
    return any(each["step"] in ("done", "again") for each in store.list_events(tx, mark))


def _hash(app: App, word: str) -> str:
    key = hmac.new(app.secret("token"), b"erasure", hashlib.sha256).digest()
    return hmac.new(key, word.encode(), hashlib.sha256).hexdigest()


def _erase_terms(
    app: App, tx: Transaction, told: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    terms, day = Terms(**told["terms"]), parse_day(told["as_of"])
    assert day is not None
    due = work_out(app, tx, terms, max(day, today()))
    before = parse_day(terms.payers) if terms.payers else None
    items = [
        {"kind": "entries", "name": f"{sha256}#{n}", "detail": {"before": before}}
        for sha256, n in due.marks["statements"]
    ]
    items += [
        {"kind": "contract", "name": uscc, "detail": {"contracts": numbers}}
        for uscc, numbers in due.marks["students"]
    ]
    items += [{"kind": "file", "name": sha256, "detail": {}} for sha256 in due.marks["files"]]
    counts = _apply(tx, items)
    counts["messages"] = store.drop_messages(tx, terms.messages) if terms.messages else 0
    counts["sessions"] = store.drop_sessions(tx, terms.sessions) if terms.sessions else 0
    return items, counts


def _erase_person(
    app: App, tx: Transaction, told: Mapping[str, Any], word: str
) -> tuple[list[dict[str, Any]], dict[str, int], list[str]]:
    word = word.strip()
    if not hmac.compare_digest(_hash(app, word), told["word"]):
        raise InvalidInputError(
            "ERASE-WORD",
            "与提议时的姓名、账号或学员标识不符",
            "this is not the name, account or token that was proposed",
        )
    person = _of_person(app, tx, word, told["what"])
    items = _items_of_rows(person.rows)
    items += [
        {"kind": "contract", "name": uscc, "detail": {"contracts": list(numbers)}}
        for uscc, numbers in person.students
    ]
    items += [{"kind": "file", "name": sha256, "detail": {}} for sha256 in person.going]
    counts = _apply(tx, items) | {"files_kept": len(person.kept)}
    return items, counts, person.kept


def _items_of_rows(rows: Iterable[payers.PayerRow]) -> list[dict[str, Any]]:
    """What goes of the bank's rows; of one that another person pays the memo alone."""
    seqs: dict[tuple[str, bool], list[int]] = {}
    for row in rows:
        seqs.setdefault((f"{row.file_sha256}#{row.n}", row.is_payer), []).append(row.seq)
    return [
        {"kind": "entries", "name": name,
         "detail": {"seqs": listed} | ({} if is_payer else {"names": [*store.OF_PAYMENT]})}
        for (name, is_payer), listed in seqs.items()
    ]  # fmt: skip


def _of_person(app: App, tx: Transaction, word: str, what: str) -> OfPerson:
    """The rows of the bank, and the contracts, that are of a person and bound by nothing.

    Raises: ConflictError where something open binds one of them; NotFoundError where none is.
    """
    bound = read_bound(tx, today())
    named = [*payers.list_of_payer(tx, word)] if what == "payer" else []
    students = store.list_students(tx, token=word) if what == "student" else []
    institutions = {row.institution_id for row in named} | {one.institution_id for one in students}
    if institutions & bound:
        raise ConflictError(
            "ERASE-BOUND",
            "有未办结的案件、事项、提请、决定或核对，其证据在办结前不能清除",
            "a case, matter, proposal, decision or confirmation is open: its evidence stays until "
            "it is settled",
        )
    if not named and not students:
        raise NotFoundError(
            "ERASE-NOTHING",
            "没有可清除的记录（预警写明的学员标识不能更换）",
            "there is nothing of it to erase (a token that an alert names stays)",
        )
    files = {row.file_sha256 for row in named} - store.list_gone(tx)
    shared = payers.list_shared(tx, named, last_day_of_files(app, today()), bound)
    of_students = [(each.uscc, each.contracts) for each in students]
    return OfPerson(named, of_students, sorted(files - shared), sorted(files & shared))


def _apply(tx: Transaction, items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Erase what is named, and vouch anew for the rows of history that say otherwise by now."""
    counts = {"entries": 0, "contracts": 0, "files": 0}
    touched: set[int] = set()
    changed: dict[str, set[int]] = {}
    with guards.passing(tx, "erasure"):
        for item in items:
            detail = item["detail"]
            if item["kind"] == "entries":
                sha256, _, n = item["name"].partition("#")
                erased = store.erase_texts(
                    tx, sha256, int(n), before=detail.get("before"), seqs=detail.get("seqs"),
                    names=detail.get("names", store.TEXTS),
                )  # fmt: skip
                counts["entries"] += erased.rows
                touched |= set(erased.institutions)
            elif item["kind"] == "contract":
                token = store.GONE + secrets.token_hex(8)
                numbers = detail["contracts"]
                for table, keys in store.replace_token(tx, item["name"], numbers, token).items():
                    changed.setdefault(table, set()).update(keys)
                counts["contracts"] += len(numbers)
            else:
                counts["files"] += 1
    for table, altered in changed.items():
        covers = {str(key): value for key, value in covering.hash_rows(tx, table, altered)}
        chain.cover_anew(tx, _COVER, table, {table: covers})
    mark_changed(tx, touched)
    return counts
