"""What a bank file came to, in the contract's form: one record a file, one a statement in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.days import Day, format_day
from feewatch.store.database import Record

#: From the best to the worst: a file's status is the worst of its statements.
STATUSES = ("accepted", "quarantined", "rejected")


def worst(statuses: Sequence[str]) -> str:
    """The status of a file whose statements have these; without any it could not be read."""
    return max(statuses, key=STATUSES.index, default="rejected")


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """One statement of a file as it stands at present."""

    n: int
    status: str
    account: str
    entries: int
    new_entries: int
    opening_fen: int | None
    closing_fen: int | None
    period: tuple[Day, Day]
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "n": self.n,
            "status": self.status,
            "account": self.account,
            "entries": self.entries,
            "new_entries": self.new_entries,
            "opening_fen": self.opening_fen,
            "closing_fen": self.closing_fen,
            "period": [format_day(day) for day in self.period],
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file: accepted, duplicate, quarantined or rejected; problems as JSON."""

    file: str
    sha256: str | None  # None where the bytes could not be had
    status: str
    dialect: str | None
    statements: tuple[StatementOutcome, ...]
    problems: tuple[dict[str, Any], ...]
    provenance: str | None = None  # bank, office, institution; None where the file is not kept

    @property
    def present(self) -> str:
        """The status of the file as it stands at present, which a duplicate does not say."""
        if self.status != "duplicate":
            return self.status
        return worst([each.status for each in self.statements])

    @property
    def is_taken(self) -> bool:
        """Whether the file needs nobody's attention: accepted, or here before."""
        return self.status in ("accepted", "duplicate")

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "status": self.status,
            "dialect": self.dialect,
            **self._account(),
            "statements": [each.as_json() for each in self.statements],
            "problems": list(self.problems),
            "provenance": self.provenance,
        }

    def _account(self) -> dict[str, Any]:
        """The file's own fields, filled where it has one account."""
        if len({each.account for each in self.statements}) != 1:
            names = ("account", "entries", "new_entries", "opening_fen", "closing_fen", "period")
            return dict.fromkeys(names)
        ordered = sorted(self.statements, key=lambda each: (*each.period, each.n))
        last = max(ordered, key=lambda each: (each.period[1], each.n))
        return {
            "account": ordered[0].account,
            "entries": sum(each.entries for each in ordered),
            "new_entries": sum(each.new_entries for each in ordered),
            "opening_fen": ordered[0].opening_fen,
            "closing_fen": last.closing_fen,
            "period": [format_day(ordered[0].period[0]), format_day(last.period[1])],
        }


def outcome_of(
    file: str,
    stored: Record,
    statements: Sequence[Record],
    new_entries: Mapping[int, int],
    *,
    is_duplicate: bool = False,
) -> FileOutcome:
    """The outcome of a file on record; ``new_entries`` by key of statement."""
    problems = [*stored["problems"]]
    for row in statements:
        problems += row["problems"]
    return FileOutcome(
        file,
        stored["sha256"],
        "duplicate" if is_duplicate else stored["status"],
        stored["dialect"],
        tuple(
            StatementOutcome(
                n=row["n"],
                status=row["status"],
                account=row["account_no"],
                entries=row["entries"],
                new_entries=new_entries.get(row["id"], 0),
                opening_fen=row["opening_fen"],
                closing_fen=row["closing_fen"],
                period=(row["from_day"], row["to_day"]),
                reason=row["reason"],
            )
            for row in statements
        ),
        tuple(problems),
        stored["provenance"],
    )
