"""Brings classification and matching up to date, and tells which money no explanation fits."""

from collections.abc import Iterator
from typing import NamedTuple

from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.text import Text
from feewatch.ledger.classification import Entry, Kind
from feewatch.ledger.matching import REASONS, derive
from feewatch.store import matching, state
from feewatch.store.database import Database

#: Institutions a transaction: other writers wait no longer than these take.
CHUNK = 20


class Unmatched(NamedTuple):
    """A receipt or refund of which money belongs to no contract, and why."""

    uscc: str
    source: matching.Source
    entry: Entry
    kind: Kind
    matched_fen: int
    code: str  # a key of REASONS
    reason: Text

    @property
    def unmatched_fen(self) -> int:
        """What is left over, at least 0."""
        return abs(self.entry.amount_fen) - self.matched_fen


def match_changed(database: Database) -> int:
    """Classify and match all institutions whose data changed; how many they were."""
    with database.reading() as tx:
        changed = state.list_to_match(tx)
    for start in range(0, len(changed), CHUNK):
        institutions = changed[start : start + CHUNK]
        with database.transaction() as tx:
            # before reading: whoever changes data meanwhile waits here and marks them anew
            state.mark_matched(tx, institutions)
            matching.clear_merged(tx, institutions)
            for each in institutions:
                stored = matching.load(tx, each)
                matching.write(tx, stored, derive(stored.books))
    return len(changed)


def list_unmatched(database: Database, uscc: str | None = None) -> Iterator[Unmatched]:
    """Money that belongs to no contract, institution by institution, in order of booking.

    Raises: NotFoundError for a credit code that is not on the register.
    """
    with database.reading() as tx:
        if uscc is not None and not matching.is_registered(tx, uscc):
            raise NotFoundError(
                "INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc} on the register"
            )
        for institution_id, code in matching.list_unmatched(tx, uscc):
            books = matching.load(tx, institution_id).books
            derivation = derive(books)
            sources = matching.sources(tx, institution_id)
            for entry, derived in zip(books.entries, derivation.entries, strict=True):
                reason = derivation.unexplained.get(entry.id)
                if reason:
                    yield Unmatched(
                        code,
                        sources[entry.id],
                        entry,
                        derived.kind,
                        derived.matched_fen,
                        reason,
                        REASONS[reason],
                    )
