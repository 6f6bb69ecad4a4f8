"""A long first file of an institution comes to the ledger to which its rows come one by one.

The first rows are classified and matched before they are written, most of them outside memory;
those of an institution with a history are written and matched from the database.
"""

import csv
from pathlib import Path
from random import Random

import pytest
from offices import initialise
from sqlalchemy import insert, select

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel import scratch
from feewatch.kernel.days import LAST_DAY, Day, format_day, parse_day
from feewatch.kernel.money import format_yuan
from feewatch.services.audit.verifying import verify
from feewatch.services.intake.recording import ingest
from feewatch.statements import columns
from feewatch.store.tables import ledger
from feewatch.store.tables.registers import account, contract, institution, institution_fact

FEE, DEPOSIT, SETTLEMENT = "6222000011112221", "6222000011112222", "6222000011112223"
FIRST: Day = parse_day("2026-01-01") or 0
HEADER = ("账号", "币种", "交易日期", "交易时间", "借方发生额", "贷方发生额", "余额",
          "对方户名", "对方账号", "摘要", "流水号")  # fmt: skip
NAME = "启明培训中心"
CONTRACTS, DAYS = 1_000, 60


def an_office(folder: Path) -> App:
    folder.mkdir(exist_ok=True)
    app = initialise(Config(folder=folder))
    with app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
        tx.execute(
            insert(institution_fact).values(
                institution_id=1, valid_from=0, valid_to=LAST_DAY, name=NAME, district="370702",
                subject="arts", nature="non_profit", custody="bank_custody",
            )
        )  # fmt: skip
        for number, kind in ((FEE, "fee"), (DEPOSIT, "deposit"), (SETTLEMENT, "settlement")):
            values = {"account_no": number, "kind": kind, "bank": "农商行", "imported_on": 0}
            tx.execute(insert(account).values(institution_id=1, **values))
        tx.execute(
            insert(contract),
            [
                {
                    "institution_id": 1, "contract_no": f"HT{n:06d}", "course_id": "K",
                    "student": "S", "basis": "hours", "fee_fen": 1000_00 + n * 100,
                    "paid_on": FIRST + n * DAYS // CONTRACTS, "payment": "prepaid",
                    "channel": "wechat" if n % 10 == 0 else None,
                }
                for n in range(CONTRACTS)
            ],
        )  # fmt: skip
    return app


def moneys(dice: Random, rows: int) -> list[tuple[int, str, str, str]]:
    """Fen, other side, its account and memo of rows of a fee account, of every kind."""
    told = []
    for n in range(rows):
        at = dice.randrange(CONTRACTS)
        fee, party = 1000_00 + at * 100, f"家长{n % 900}"
        if n % 200 == 0:
            told.append((994_00, "财付通支付科技有限公司", "", "微信支付结算款"))
            continue
        told.append(
            dice.choice(
                [
                    (fee // 2, party, f"6217{n:012d}", f"学费HT{at:06d}"),
                    (1000_00 + n * CONTRACTS // rows * 100, party, "", "学费"),
                    (-fee, party, f"6217{n:012d}", f"退费 HT{at:06d}"),
                    (fee, party, "", "退汇"),
                    (-fee, party, "", "冲正"),
                    (-500_00, NAME, DEPOSIT, "转存"),
                    (-200_00, "房东", "6217999", f"房租 {n}"),
                    (12, "", "", "结息"),
                    (-3_00, "", "", "手续费"),
                ]
            )
        )
    return told


def lines(number: str, told: list[tuple[int, str, str, str]], days: int) -> list[tuple[str, ...]]:
    balance, rows = 10_000_000_00, []
    for n, (fen, party, its_account, memo) in enumerate(told):
        balance += fen
        amount = format_yuan(abs(fen))
        at = n * days * 86_399 // len(told)
        time = f"{at % 86_399 // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"
        rows.append(
            (number, "CNY", format_day(FIRST + n * days // len(told)), time,
             *(("", amount) if fen > 0 else (amount, "")), format_yuan(balance),
             party, its_account, memo, f"{number[-1]}{n:08d}")
        )  # fmt: skip
    return rows


def write(path: Path, *tables: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADER, *(line for table in tables for line in table)])
    return path


def take(app: App, *paths: Path) -> None:
    for outcome in ingest(app, paths, actor="cli"):
        assert outcome.is_taken, (outcome.problems, outcome.statements)


def picture(app: App) -> dict[str, list[tuple[object, ...]]]:
    """All that is on file of the two accounts, entries by account and place instead of keys."""
    told: dict[str, list[tuple[object, ...]]] = {}
    with app.database.reading() as tx:
        numbers = dict(tx.execute(select(account.c.id, account.c.account_no)).all())
        concerned = [key for key, number in numbers.items() if number != SETTLEMENT]
        statements = dict(
            tx.execute(select(ledger.statement.c.id, ledger.statement.c.account_no)).all()
        )
        mine = ledger.entry.c.account_id.in_(concerned)
        entries = tx.execute(select(ledger.entry).where(mine)).all()
        names = {row.id: (numbers[row.account_id], row.seq) for row in entries}
        links = {"account_id": numbers, "statement_id": statements, "previous_id": statements,
                 "entry_id": names, "reverses": names, "merged_into": names}  # fmt: skip

        def told_of(row: object) -> tuple[object, ...]:
            return tuple(
                links[name].get(value) if name in links else value
                for name, value in row._mapping.items()  # type: ignore[attr-defined]
                if name not in ("id", "recorded_at")
            )

        told["entry"] = sorted(map(told_of, entries), key=repr)
        told["match"] = sorted(map(told_of, tx.execute(select(ledger.match)).all()), key=repr)
        for name in ("account_day", "account_coverage", "told_days", "statement_link", "statement"):
            table = getattr(ledger, name)
            rows = tx.execute(select(table).where(table.c.account_id.in_(concerned))).all()
            told[name] = sorted(map(told_of, rows), key=repr)
    return told


@pytest.fixture(scope="module")
def both_ways(
    tmp_path_factory: pytest.TempPathFactory,
) -> list[dict[str, list[tuple[object, ...]]]]:
    """The picture of a long file taken first, and of the same file after another account's."""
    folder = tmp_path_factory.mktemp("files")
    # as of a file of a million rows nearly all lies outside memory
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(columns, "_MOST_KEPT", 0)
    monkeypatch.setattr(scratch, "_TOGETHER", 256)
    dice = Random(14)
    deposits = [(500_00, NAME, FEE, "转存") if dice.random() < 0.8 else (7, "", "", "结息")
                for _ in range(600)]  # fmt: skip
    long = write(
        folder / "long.csv",
        lines(FEE, moneys(dice, 3_000), DAYS),
        lines(DEPOSIT, deposits, DAYS)[::-1],  # newest first, as many banks list them
    )
    other = write(folder / "other.csv", lines(SETTLEMENT, [(100, "", "", "往来")] * 3, 3))
    pictures = []
    for before in ([], [other]):
        app = an_office(tmp_path_factory.mktemp("office"))
        for path in (*before, long):
            take(app, path)
        pictures.append(picture(app))
        assert verify(app).is_good
        app.database.dispose()
    monkeypatch.undo()
    return pictures


def test_a_long_first_file_comes_to_the_same_ledger_as_its_rows_after_others(both_ways):
    first, ordinary = both_ways
    assert len(first["entry"]) == 3_600
    assert {name: rows == ordinary[name] for name, rows in first.items()} == dict.fromkeys(
        first, True
    )


def test_files_cut_within_days_come_to_the_same_ledger_first_and_after_others(tmp_path):
    dice = Random(15)
    fees, deposits = lines(FEE, moneys(dice, 900), 30), lines(DEPOSIT, moneys(dice, 90), 30)
    cut = [
        write(tmp_path / f"{n}.csv", fees[n * 130 : n * 130 + 130], deposits[n * 13 : n * 13 + 13])
        for n in range(7)
    ]
    other = write(tmp_path / "other.csv", lines(SETTLEMENT, [(100, "", "", "往来")] * 3, 3))
    pictures = []
    for name, before in (("first", []), ("later", [other])):
        app = an_office(tmp_path / name)
        for paths in (before, cut):
            take(app, *paths)
        pictures.append(picture(app))
        app.database.dispose()
    first, later = pictures
    assert len(first["entry"]) == 990
    assert {name: rows == later[name] for name, rows in first.items()} == dict.fromkeys(first, True)


def test_the_long_file_tells_of_money_of_every_kind(both_ways):
    first, _ = both_ways
    at = [c.name for c in ledger.entry.columns if c.name != "id"].index("kind")
    kinds = {row[at] for row in first["entry"]}
    assert kinds == {
        "receipt", "interest", "returned", "refund", "charge", "release", "internal", "reversal",
        "deposit_in",
    }  # fmt: skip
    how = [c.name for c in ledger.match.columns if c.name != "id"].index("how")
    assert {row[how] for row in first["match"]} >= {"contract_no", "amount"}
