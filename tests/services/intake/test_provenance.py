"""Whose word counts: where bank and institution tell a day, the bank's stands in any order.

Institutions' files may be true or typed by themselves, in part or in whole.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import bankfiles
import pytest
from bankfiles import FIRST, Payment
from services.ledgers import office, picture
from sqlalchemy import insert, select

from feewatch.bootstrap import App
from feewatch.services.intake import recording
from feewatch.services.intake.provenance import complete_words, word_of
from feewatch.store.people import users
from feewatch.store.tables.ledger import (
    account_day,
    entry,
    source_file,
    statement,
    statement_link,
    told_days,
)
from feewatch.store.tables.registers import account

LAST = FIRST + bankfiles.DAYS - 1
BANK, OWN = "bank-api", "school"
Arrival = tuple[str, str, bytes]  # sender, name, bytes


def people(app: App) -> App:
    with app.database.transaction() as tx:
        users.add(tx, BANK, "api", "370702", None, "-")
        users.add(tx, OWN, "institution", None, 1, "-")
        users.add(tx, "own-api", "api", None, 1, "-")
        users.add(tx, "lin", "officer", "370702", None, "-")
    return app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = people(office(tmp_path))
    yield app
    app.database.dispose()


def hand_in(app: App, sender: str, content: bytes, name: str = "a.csv") -> recording.FileOutcome:
    outcome = recording.ingest_content(app, content, name, actor=sender, channel="upload")
    assert outcome.is_taken, (outcome.problems, outcome.statements)
    return outcome


def payments(*told: tuple[int, int, str]) -> list[Payment]:
    """Payments told as (day, fen, memo), each with the balance after it."""
    balance, made = 0, []
    for n, (day, fen, memo) in enumerate(told):
        balance += fen
        made.append(Payment(FIRST + day, "09:00:00", fen, balance, "王芳", memo, f"R{n}"))
    return made


def file(made: Sequence[Payment], first: int, last: int) -> bytes:
    within = [each for each in made if FIRST + first <= each.day <= FIRST + last]
    opening = [0, *(each.balance for each in made if each.day < FIRST + first)][-1]
    piece = bankfiles.Piece(FIRST + first, FIRST + last, opening, tuple(within))
    return bankfiles.generic(piece)


def told(app: App) -> list[tuple[str, int, int]]:
    with app.database.reading() as tx:
        columns = told_days.c.word, told_days.c.from_day, told_days.c.to_day
        rows = tx.execute(select(*columns).order_by(told_days.c.from_day)).all()
    return [(word, first - FIRST, last - FIRST) for word, first, last in rows]


def ledger(app: App) -> list[tuple[int, int]]:
    """(day, fen) of all that counts as money."""
    query = select(entry.c.booked_on - FIRST, entry.c.amount_fen)
    with app.database.reading() as tx:
        return sorted(map(tuple, tx.execute(query.where(entry.c.merged_into.is_(None)))))


def contradicted(app: App) -> list[tuple[int, int]]:
    link = statement_link.c
    query = select(link.on_day - FIRST, link.contradicted_fen).where(link.contradicted_fen > 0)
    with app.database.reading() as tx:
        return sorted(map(tuple, tx.execute(query)))


def test_each_sender_has_a_word(app: App) -> None:
    with app.database.reading() as tx:
        words = {
            name: word_of(users.find_by_name(tx, name))
            for name in (BANK, OWN, "own-api", "lin", "nobody")
        }
    assert words == {
        BANK: "bank", OWN: "institution", "own-api": "institution", "lin": "office",
        "nobody": "office",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "actor", "word"),
    [
        ("feed", "feed:icbc", "bank"),
        ("inbox", "inbox", "office"),
        ("cli", "cli", "office"),
        ("cli", OWN, "institution"),
        ("api", BANK, "bank"),
        ("api", "own-api", "institution"),
        ("upload", "lin", "office"),
    ],
)
def test_a_file_says_whose_word_it_is(app: App, channel: str, actor: str, word: str) -> None:
    content = file(payments((0, 500_00, "学费")), 0, 1)
    outcome = recording.ingest_content(app, content, "a.csv", actor=actor, channel=channel)
    assert outcome.as_json()["provenance"] == word
    with app.database.reading() as tx:
        assert tx.scalars(select(source_file.c.provenance)).all() == [word]
    assert told(app) == [(word, 0, 1)]


def test_a_day_that_two_tell_is_told_by_the_better_word(app: App) -> None:
    truth = payments((1, 500_00, "学费"), (5, 300_00, "学费"), (9, 200_00, "学费"))
    hand_in(app, OWN, file(truth, 0, 9))
    hand_in(app, "lin", file(truth, 3, 6))
    hand_in(app, BANK, file(truth, 5, 7))
    assert told(app) == [
        ("institution", 0, 2), ("office", 3, 4), ("bank", 5, 7), ("institution", 8, 9)
    ]  # fmt: skip
    assert ledger(app) == [(1, 500_00), (5, 300_00), (9, 200_00)]
    assert contradicted(app) == []


def test_the_same_bytes_from_the_bank_make_a_file_the_banks(app: App) -> None:
    content = file(payments((1, 500_00, "学费")), 0, 3)
    hand_in(app, OWN, content)
    assert hand_in(app, BANK, content).status == "duplicate"
    assert told(app) == [("bank", 0, 3)]
    assert hand_in(app, OWN, content).status == "duplicate"
    assert told(app) == [("bank", 0, 3)]


@pytest.mark.parametrize("bank_first", [True, False])
def test_money_that_the_institution_alone_tells_of_a_day_of_the_banks_is_none(
    app: App, bank_first: bool
) -> None:
    truth = payments((1, 500_00, "学费"), (5, 300_00, "学费"))
    typed = payments((1, 500_00, "学费"), (4, 5_000_000_00, "学费"), (5, 300_00, "学费"))
    files = [(BANK, file(truth, 0, 6)), (OWN, file(typed, 0, 6))]
    for sender, content in files if bank_first else files[::-1]:
        hand_in(app, sender, content)
    assert ledger(app) == [(1, 500_00), (5, 300_00)]
    # the institution's row of the fifth day has another balance: it is none of the bank's
    assert contradicted(app) == [(4, 5_000_000_00 + 2 * 300_00)]
    with app.database.reading() as tx:
        days = tx.execute(select(account_day.c.day - FIRST, account_day.c.closing_fen)).all()
        kept = tx.scalars(select(entry.c.amount_fen)).all()
    assert dict(map(tuple, days)) == {0: 0, 1: 500_00, 5: 800_00, 6: 800_00}
    assert 5_000_000_00 in kept, "what was told stays on file"


def test_a_payment_that_the_institution_leaves_out_is_reported(app: App) -> None:
    truth = payments((1, 500_00, "学费"), (3, -200_00, "划拨"), (5, 300_00, "学费"))
    hand_in(app, BANK, file(truth, 0, 6))
    hand_in(app, OWN, file(payments((1, 500_00, "学费"), (5, 300_00, "学费")), 0, 6))
    assert (3, -200_00) in ledger(app)
    assert contradicted(app) == [(3, 200_00 + 2 * 300_00)]


def test_the_institution_fills_no_field_that_the_bank_leaves_empty(app: App) -> None:
    hand_in(app, BANK, file(payments((1, 500_00, "转账")), 0, 2))
    hand_in(app, OWN, file(payments((1, 500_00, "转账学费 HT1")), 0, 2))
    with app.database.reading() as tx:
        memos = tx.scalars(select(entry.c.memo).where(entry.c.merged_into.is_(None))).all()
    assert memos == ["转账"]


def lie(dice: Random, truth: Sequence[Payment]) -> list[Payment]:
    """The same account as an institution might type it: some left out, some more, some other."""
    made: list[Payment] = []
    balance = bankfiles.OPENING
    for payment in truth:
        what = dice.random()
        copies = [payment._replace(fen=payment.fen + 777)] if what < 0.1 else [payment]
        copies = [] if what > 0.9 else copies * (2 if 0.1 <= what < 0.2 else 1)
        for each in copies:
            balance += each.fen
            made.append(each._replace(balance=balance, is_reversal=False))
    return made


def arrivals(dice: Random, truth: Sequence[Payment], bank_until: int) -> list[Arrival]:
    """The bank's files up to a day and the institution's of all days, some true, some not."""
    files: list[Arrival] = []
    start = FIRST
    while start <= bank_until:
        end = min(bank_until, start + dice.randrange(1, 7))
        piece = bankfiles.piece(truth, start, end)
        files.append((BANK, f"bank{start}.csv", bankfiles.generic(piece)))
        start = end + 1
    for n in range(4):
        own = truth if n == 0 else lie(dice, truth)
        first = dice.randrange(FIRST, LAST - 2)
        piece = bankfiles.piece(own, first, dice.randrange(first, LAST + 1))
        files.append((OWN, f"own{n}.csv", bankfiles.generic(piece)))
    return files


def whole(app: App) -> dict[str, Any]:
    """The picture of an account with whose word it is and what is contradicted."""
    with app.database.reading() as tx:
        refuted = tx.execute(
            select(entry.c.booked_on, entry.c.amount_fen, statement.c.file_sha256)
            .join(statement, statement.c.id == entry.c.statement_id)
            .where(entry.c.merged_into == entry.c.id)
        ).all()
    seen = picture(app)  # a number stays as it was given first, also to what is refuted later
    seen["amounts"] = [(day, fen) for day, fen, _ in seen.pop("numbers")]
    return seen | {
        "told": told(app),
        "contradicted": contradicted(app),
        "refuted": sorted(map(tuple, refuted)),
    }


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_the_banks_word_stands(seed: int, tmp_path: Path) -> None:
    dice = Random(seed)
    truth = bankfiles.random_payments(dice)
    bank_until = FIRST + dice.choice([6, 10, bankfiles.DAYS - 1])
    files = arrivals(dice, truth, bank_until)
    pictures = []
    for n in range(4):
        app = people(office(tmp_path / str(n)))
        for sender, name, content in dice.sample(files, len(files)):
            hand_in(app, sender, content, name)
        pictures.append(whole(app))
        app.database.dispose()
    app = people(office(tmp_path / "alone"))
    for sender, name, content in files:
        if sender == BANK:
            hand_in(app, sender, content, name)
    alone = whole(app)
    app.database.dispose()
    for other in pictures[1:]:
        assert other == pictures[0]

    def of_bank(seen: dict[str, Any]) -> tuple[Any, Any]:
        return (
            [each for each in seen["amounts"] if each[0] <= bank_until],
            {day: fen for day, fen in seen["days"].items() if day in alone["days"]},
        )

    assert of_bank(pictures[0]) == of_bank(alone)


def test_an_account_booked_by_an_earlier_release_is_told_too(app: App) -> None:
    truth = payments((1, 500_00, "学费"))
    hand_in(app, OWN, file(truth, 0, 3))
    with app.database.transaction() as tx:
        tx.execute(told_days.delete())
    complete_words(app)
    assert told(app) == [("institution", 0, 3)]
    with app.database.transaction() as tx:
        tx.execute(insert(account).values(
            account_no="6222999900001111", institution_id=1, bank="行", kind="fee", imported_on=0
        ))  # fmt: skip
    complete_words(app)
    assert told(app) == [("institution", 0, 3)]
