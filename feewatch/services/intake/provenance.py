"""Whose word a file is: the bank's, the office's or the institution's own, by who handed it in.

A file keeps the best word under which its bytes ever came: what an institution handed in and the
bank sends alike is the bank's.
"""

from collections.abc import Collection

from feewatch.bootstrap import App
from feewatch.kernel.people import User
from feewatch.ledger.words import INSTITUTION, rank_of
from feewatch.services.intake.booking import book_again
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.people import users
from feewatch.store.state import mark_changed

#: Ways in by which no person hands anything in.
_OF_CHANNEL = {"feed": "bank", "inbox": "office"}


def word_of(person: User | None) -> str:
    """Whose word it is what a person or program hands in: ``bank``, ``office``, ``institution``.

    Nobody stands for the operator; a program that belongs to no institution is a bank's.
    """
    if person is None:
        return "office"
    if person.role == "institution" or person.institution_id is not None:
        return "institution"
    return "bank" if person.role == "api" else "office"


def word_of_sender(tx: Transaction, channel: str, actor: str) -> str:
    """Whose word a file is by the way it came in and the name under which it was handed in."""
    return _OF_CHANNEL.get(channel) or word_of(users.find_by_name(tx, actor))


def teller_of(tx: Transaction, word: str, actor: str) -> int | None:
    """The institution whose own word a file is, by its person or program who handed it in.

    None for bank and office, and for files of institutions that others took in for them.
    """
    if word != INSTITUTION:
        return None
    person = users.find_by_name(tx, actor)
    return person.institution_id if person else None


def raise_words(tx: Transaction, hashes: Collection[str], word: str, actor: str) -> None:
    """Let files that came again by a better word be that; their days are merged anew."""
    stored = bankfiles.find_files(tx, hashes).values()
    better = [each["sha256"] for each in stored if rank_of(word) < rank_of(each["provenance"])]
    for sha256 in better:
        bankfiles.set_provenance(tx, sha256, word)
        audit.record(tx, actor, "file.provenance", sha256, provenance=word)
    rebook(tx, [row for rows in bankfiles.list_statements_of(tx, better).values() for row in rows])


def complete_words(app: App) -> None:
    """Work out whose word the days of accounts are that an earlier release booked."""
    with app.database.reading() as tx:
        numbers = bankfiles.list_untold(tx)
    for number in numbers:
        with app.database.transaction() as tx:
            for account in bankfiles.lock_accounts(tx, [number]).values():
                mark_changed(tx, {account.institution_id})
                book_again(tx, account)


def rebook(tx: Transaction, statements: Collection[Record]) -> None:
    """Bring the accounts of accepted statements up to date, and mark whose data changed."""
    accepted = [row for row in statements if row["status"] == "accepted"]
    accounts = bankfiles.lock_accounts(tx, {row["account_no"] for row in accepted})
    mark_changed(tx, {account.institution_id for account in accounts.values()})
    for account in accounts.values():
        book_again(tx, account)
