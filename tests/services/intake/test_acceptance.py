"""Days that cannot be, days that a statement does not cover, and the day of receipt."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import bankfiles
import pytest
from services.ledgers import office
from sqlalchemy import delete, select

from feewatch.bootstrap import App
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import format_day
from feewatch.services.intake import recording, reexamination
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.store.tables.ledger import account_coverage, account_day, entry, statement_link
from feewatch.store.tables.registers import account

HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
RECEIVED = "2026-04-02"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = office(tmp_path / "home")
    yield app
    app.database.dispose()


def generic(*rows: tuple[str, str], days: str = "", opening: str = "100.00") -> bytes:
    """A `generic` export; rows are day and money in."""
    lines = [*([f"起止日期,{days}"] if days else []), f"期初余额,{opening}", HEAD]
    for day, yuan in rows:
        lines.append(f"{bankfiles.ACCOUNT},甲,CNY,{day},,,{yuan},,,,学费,")
    return "\n".join([*lines, ""]).encode()


def take(app: App, content: bytes, on: str = RECEIVED) -> FileOutcome:
    with fixed(dt.datetime.fromisoformat(f"{on}T23:59:59").replace(tzinfo=SHANGHAI)):
        return recording.ingest_content(app, content, "a.csv", actor="cli", channel="cli")


def covered(app: App) -> list[list[str]]:
    days = account_coverage.c.from_day, account_coverage.c.to_day
    with app.database.reading() as tx:
        return [list(map(format_day, row)) for row in tx.execute(select(*days).order_by(days[0]))]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (RECEIVED, "accepted"),
        ("2026-04-03", "quarantined"),
        ("2000-01-01", "accepted"),
        ("1999-12-31", "quarantined"),
    ],
)
def test_an_entry_of_a_day_that_cannot_be_quarantines_its_statement(
    app: App, day: str, status: str
) -> None:
    outcome = take(app, generic(("2026-03-05", "1.00"), (day, "2.00")))
    assert outcome.status == status
    reasons = [each.reason for each in outcome.statements]
    assert reasons == (["days"] if status == "quarantined" else [None])
    named = [(each["code"], each["line"]) for each in outcome.problems]
    assert named == ([("STATEMENT-DAY", 4)] if status == "quarantined" else [])


def test_the_day_comes_last_among_the_reasons(app: App) -> None:
    content = generic(("2026-04-03", "2.00")) + "期末余额,500.00\n".encode()
    assert [each.reason for each in take(app, content).statements] == ["arithmetic"]


def test_a_statement_examined_again_keeps_the_day_on_which_it_was_received(app: App) -> None:
    with app.database.transaction() as tx:
        known = tx.execute(select(account)).one()
        tx.execute(delete(account))
    content = generic(("2026-04-03", "2.00"))
    assert [each.reason for each in take(app, content).statements] == ["unregistered"]
    with app.database.transaction() as tx:
        tx.execute(account.insert().values(known._mapping))
    assert reexamination.re_examine(app, [bankfiles.ACCOUNT], "cli") == 0
    assert [each.reason for each in take(app, content, "2026-05-01").statements] == ["days"]


def test_the_head_names_the_days_and_none_after_the_receipt(app: App) -> None:
    outcome = take(app, generic(("2026-03-05", "1.00"), days="2026-03-01,2026-04-30"))
    assert covered(app) == [["2026-03-01", RECEIVED]]
    assert outcome.as_json()["period"] == ["2026-03-01", RECEIVED]
    assert outcome.problems == ()


def test_days_that_have_not_come_cover_nothing(app: App) -> None:
    outcome = take(app, generic(("2026-03-05", "1.00"), days="2026-05-01,2026-05-31"))
    assert (outcome.status, covered(app)) == ("accepted", [])
    assert [each["code"] for each in outcome.problems] == ["STATEMENT-DAY-OUTSIDE"]


def test_an_entry_outside_the_named_days_is_kept_and_said_and_covers_no_day(app: App) -> None:
    march = "2026-03-01,2026-03-31"
    outcome = take(app, generic(("2026-02-05", "3.00"), ("2026-03-05", "1.00"), days=march))
    assert outcome.status == "accepted"
    assert covered(app) == [["2026-03-01", "2026-03-31"]]
    said = [(each["code"], each["line"]) for each in outcome.problems]
    assert said == [("STATEMENT-DAY-OUTSIDE", 4)]
    with app.database.reading() as tx:
        days = tx.execute(select(account_day.c.day, account_day.c.closing_fen)).all()
    assert [(format_day(day), fen) for day, fen in days] == [
        ("2026-03-01", 103_00), ("2026-03-05", 104_00), ("2026-03-31", 104_00),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_entry_outside_one_statement_is_that_of_the_statement_whose_day_it_is(
    app: App, order: tuple[int, int]
) -> None:
    files = [
        generic(("2026-02-05", "3.00"), days="2026-02-01,2026-02-28"),
        generic(("2026-02-05", "3.00"), ("2026-03-05", "1.00"), days="2026-03-01,2026-03-31"),
    ]
    for n in order:
        take(app, files[n])
    with app.database.reading() as tx:
        standing = tx.execute(select(entry).where(entry.c.merged_into.is_(None))).all()
        joints = tx.execute(select(statement_link.c.difference_fen)).scalars().all()
    assert sorted(each.amount_fen for each in standing) == [100, 300]
    assert joints == [0]
