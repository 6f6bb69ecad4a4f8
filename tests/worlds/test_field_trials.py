"""Files made after public reports of other projects: what the books hold when each was taken in.

Each case of ``data/field/expected.json`` goes through registers and intake as in an office.
"""

import csv
import json
import unicodedata
from pathlib import Path

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config, Office
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import format_day
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from feewatch.store.tables.ledger import account_coverage, entry, match, statement
from feewatch.store.tables.registers import account, contract

FIELD = Path(__file__).parents[1] / "data" / "field"
EXPECTED = json.loads((FIELD / "expected.json").read_text(encoding="utf-8"))
NUMBERS = EXPECTED["accounts"]
USCC = "52370702000000001" + check_character("52370702000000001")
SCHOOL = "鲁星河培训学校"


class Books:
    """What an office has and was told when the files of a case came in one after the other."""

    def __init__(self, case, folder):
        self.app = initialise(Config(folder / "home", Office(district="370702")))
        self.first = case["register"][0]
        self._register(case, folder)
        self.files = []  # the outcome of each file as JSON
        for name in case["files"]:
            self.files += [each.as_json() for each in ingest(self.app, [FIELD / name], actor="t")]
        with self.app.database.reading() as tx:
            self.covered = self._read_covered(tx)
            self.rows = self._read_rows(tx, case["register"])

    def close(self):
        self.app.database.dispose()

    def _register(self, case, folder):
        school = {
            "uscc": USCC, "name": SCHOOL, "district": "370702", "subject": "academic",
            "nature": "non_profit", "custody": "bank_custody",
        }  # fmt: skip
        accounts = [
            {"uscc": USCC, "account_no": NUMBERS[letter], "bank": "某银行", "kind": "fee"}
            for letter in case["register"]
        ]
        contracts = [
            {
                "contract_no": number, "uscc": USCC, "course_id": "K1", "student": f"S{number}",
                "basis": "hours", "lessons": "40", "starts_on": day, "ends_on": "", "fee": fee,
                "paid_on": day,
            }
            for number, fee, day in case.get("contracts", [])
        ]  # fmt: skip
        for kind, rows in [
            ("institutions", [school]), ("accounts", accounts), ("contracts", contracts),
        ]:  # fmt: skip
            if rows:
                path = folder / f"{kind}.csv"
                with path.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, list(rows[0]))
                    writer.writeheader()
                    writer.writerows(rows)
                report = import_registers(self.app, kind, path, actor="t").as_json()
                assert report["bad"] == 0, report["problems"]

    def _read_covered(self, tx):
        ranges = select(
            account.c.account_no, account_coverage.c.from_day, account_coverage.c.to_day
        )
        covered = {}
        query = ranges.join(account, account.c.id == account_coverage.c.account_id)
        for number, first, last in tx.execute(query.order_by(account_coverage.c.from_day)):
            covered.setdefault(number, []).append([format_day(first), format_day(last)])
        return covered

    def _read_rows(self, tx, letters):
        """The entries by account, day and place in their statement, under the keys of a case."""
        query = (
            select(entry, account.c.account_no)
            .join(account, account.c.id == entry.c.account_id)
            .join(statement, statement.c.id == entry.c.statement_id)
            .where(entry.c.merged_into.is_(None))
            .order_by(entry.c.booked_on, statement.c.from_day, statement.c.id, entry.c.seq)
        )
        by_account = [NUMBERS[letter] for letter in letters]
        rows = sorted(tx.execute(query), key=lambda row: by_account.index(row.account_no))
        places = {row.id: n for n, row in enumerate(rows, 1)}
        paid = select(match.c.entry_id, contract.c.contract_no).join(
            contract, contract.c.id == match.c.contract_id
        )
        pays = [tuple(row) for row in tx.execute(paid)]
        return [
            {
                "account": letters[by_account.index(row.account_no)],
                "on": format_day(row.booked_on),
                "fen": row.amount_fen,
                "kind": row.kind,
                "memo": row.memo,
                "counterparty": row.counterparty,
                "reference": row.reference,
                "reverses": places.get(row.reverses),
                "pays": {number for key, number in pays if key == row.id},
            }
            for row in rows
        ]


def plain(text):
    """A text without its spaces, which do not count."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def is_named(row, number):
    return number in plain(row["memo"]) or number in row["pays"]


#: What each key of an expected row asks of the row in the books.
ROW_CHECKS = {
    "account": lambda row, wanted: row["account"] == wanted,
    "on": lambda row, wanted: row["on"] == wanted,
    "fen": lambda row, wanted: row["fen"] == wanted,
    "kind": lambda row, wanted: row["kind"] == wanted,
    "names": is_named,
    "never_pays": lambda row, wanted: wanted not in row["pays"],
    "memo": lambda row, wanted: all(plain(part) in plain(row["memo"]) for part in wanted),
    "memo_is": lambda row, wanted: plain(row["memo"]) == plain(wanted),
    "counterparty": lambda row, wanted: plain(row["counterparty"]) == plain(wanted),
    "reference": lambda row, wanted: row["reference"] == wanted,
    "reverses": lambda row, wanted: row["reverses"] == wanted,
}


def are_rows(books, wanted):
    rows = [{"account": books.first} | row for row in wanted]
    return len(rows) == len(books.rows) and all(
        ROW_CHECKS[key](row, value)
        for row, asked in zip(books.rows, rows, strict=True)
        for key, value in asked.items()
    )


def is_said(books, wanted):
    """A problem with the line (or between two), or a message with one of the texts."""
    assert wanted.keys() <= {"line", "text"}
    line = wanted.get("line")
    first, last = line if isinstance(line, list) else (line, line)
    problems = [problem for file in books.files for problem in file["problems"]]
    return any(
        (line is not None and problem["line"] is not None and first <= problem["line"] <= last)
        or any(text in problem["message"] for text in wanted.get("text", []))
        for problem in problems
    )


def are_statuses(books, wanted):
    meant = {"refused": ("quarantined", "rejected")}
    return len(books.files) == len(wanted) and all(
        file["status"] in meant.get(status, (status,))
        for file, status in zip(books.files, wanted, strict=True)
    )


def are_balances(books, field, wanted):
    stated = {each["account"]: each[field] for file in books.files for each in file["statements"]}
    return all(stated.get(NUMBERS[letter]) == fen for letter, fen in wanted.items())


def statements_of(books):
    return [each for file in books.files for each in file["statements"]]


#: What each key of an answer asks of the office.
CHECKS = {
    "status": are_statuses,
    "rows": are_rows,
    "said": is_said,
    "covered": lambda books, wanted: all(
        books.covered.get(NUMBERS[letter], []) == ranges for letter, ranges in wanted.items()
    ),
    "opening": lambda books, wanted: are_balances(books, "opening_fen", wanted),
    "closing": lambda books, wanted: are_balances(books, "closing_fen", wanted),
    "statements": lambda books, wanted: len(statements_of(books)) == wanted,
    "reason": lambda books, wanted: {each["reason"] for each in statements_of(books)} == {wanted},
}
#: What a case says of the office before, and that one of several answers will do.
GIVEN = {"case", "files", "register", "contracts", "any_of"}


def answers_of(case):
    common = {key: value for key, value in case.items() if key not in GIVEN}
    return [common | answer for answer in case.get("any_of", [{}])]


def wrong_in(books, answer):
    """The keys of an answer that do not hold; a key that nobody knows is an error."""
    return [key for key, wanted in answer.items() if not CHECKS[key](books, wanted)]


@pytest.mark.parametrize("case", EXPECTED["cases"], ids=lambda case: case["case"])
def test_the_books_hold_what_the_files_say(case, tmp_path):
    books = Books(case, tmp_path)
    try:
        wrong = [wrong_in(books, answer) for answer in answers_of(case)]
        assert [] in wrong, (wrong, books.files, books.rows, books.covered)
    finally:
        books.close()


def test_every_key_of_the_cases_is_known_and_every_file_is_tried():
    answers = [answer for case in EXPECTED["cases"] for answer in answers_of(case)]
    assert {key for answer in answers for key in answer} <= CHECKS.keys()
    rows = [row for answer in answers for row in answer.get("rows", [])]
    assert {key for row in rows for key in row} <= ROW_CHECKS.keys()
    tried = {name for case in EXPECTED["cases"] for name in case["files"]}
    assert tried == {path.name for path in FIELD.iterdir()} - {"expected.json"}
