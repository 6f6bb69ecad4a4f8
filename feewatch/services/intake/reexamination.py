"""Files received earlier are read again: their bytes must still have their hash.

What such a file holds is judged as on the day it was received.
"""

from collections.abc import Collection
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.days import Day
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.problems import Problem
from feewatch.services.intake import rawfiles
from feewatch.services.intake.acceptance import judge
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.outcomes import worst
from feewatch.services.intake.provenance import teller_of
from feewatch.services.intake.recording import day_received, load_dialects_of, settle
from feewatch.statements.model import Statement
from feewatch.statements.reading import read
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles


class SecondReading(NamedTuple):
    """The statements of a file received earlier, and the day on which it was received."""

    statements: tuple[Statement, ...]
    received_on: Day


def read_again(app: App, sha256: str) -> SecondReading:
    """A file received earlier, read by the layout recognised then.

    Raises: UnavailableError where its bytes are gone or changed; that is on record then.
    """
    with app.database.reading() as tx:
        stored = bankfiles.find_file(tx, sha256)
    assert stored is not None
    try:
        content = rawfiles.load(app, sha256)
    except UnavailableError as refusal:
        _report(app, sha256, refusal)
        raise
    reading = read(content, stored["name"], load_dialects_of(app), stored["dialect"])
    return SecondReading(reading.statements, day_received(stored["received_at"]))


def re_examine(app: App, account_nos: Collection[str], actor: str) -> int:
    """Judge the quarantined statements of these accounts again; how many are now accepted.

    A file whose bytes are gone or changed is reported and left as it is.
    """
    with app.database.reading() as tx:
        files = bankfiles.list_quarantined_files(tx, account_nos)
    accepted = 0
    for sha256 in files:
        try:
            accepted += _re_examine_file(app, sha256, set(account_nos), actor)
        except UnavailableError:
            continue  # on record by now; the other files are no worse for it
    match_changed(app)
    return accepted


def wake_registered(app: App, actor: str) -> int:
    """Judge again what still waits for an account that is on the register by now.

    An import re-examines at once; this is for one whose process died before it could, or that ran
    while the file came in.
    """
    with app.database.reading() as tx:
        waiting = bankfiles.list_waiting_accounts(tx)
    return re_examine(app, waiting, actor) if waiting else 0


def refresh_status(tx: Transaction, sha256: str) -> None:
    """Let a file's status be the worst of its statements."""
    statuses = [row["status"] for row in bankfiles.list_statements(tx, sha256)]
    bankfiles.set_file_status(tx, sha256, worst(statuses))


def _re_examine_file(app: App, sha256: str, account_nos: Collection[str], actor: str) -> int:
    again = read_again(app, sha256)
    by_n = {statement.n: statement for statement in again.statements}
    with app.database.transaction() as tx:
        accounts = bankfiles.lock_accounts(tx, account_nos)
        stored = bankfiles.find_file(tx, sha256)
        assert stored is not None
        teller = teller_of(tx, stored["provenance"], stored["actor"])
        judged = [
            (
                row["id"],
                judge(by_n[row["n"]], accounts.get(row["account_no"]), again.received_on, teller),
            )
            for row in bankfiles.list_statements(tx, sha256)
            if row["status"] == "quarantined"
            and row["account_no"] in account_nos
            and row["n"] in by_n
        ]
        for key, statement in judged:
            bankfiles.set_statement(tx, key, **statement.values())
            if statement.reason is None:
                bankfiles.drop_proposal(tx, key)
        settle(app, tx, judged)
        refresh_status(tx, sha256)
        accepted = [each.statement.n for _, each in judged if each.reason is None]
        audit.record(tx, actor, "quarantine.re-examine", sha256, accepted=accepted)
    return len(accepted)


def _report(app: App, sha256: str, refusal: UnavailableError) -> None:
    """Let it be seen with the file, and once on the audit trail, that its bytes are not as were."""
    problem = Problem(refusal.code, refusal.text).as_json()
    with app.database.transaction() as tx:
        stored = bankfiles.find_file(tx, sha256)
        if stored is not None and problem not in stored["problems"]:
            bankfiles.set_file_problems(tx, sha256, [*stored["problems"], problem])
            audit.record(tx, "feewatch", "rawfile.refused", sha256, code=refusal.code)
