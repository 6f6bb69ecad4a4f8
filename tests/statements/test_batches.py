"""Many lines read together come to what each line by itself comes to."""

import csv
import io
import random

import pytest

from feewatch.sheets.lines import TableError, batches_of, csv_batches, csv_lines
from feewatch.statements import tabular
from feewatch.statements.columns import Builder, Rows, StatedRow
from feewatch.statements.dialects import load_dialects
from feewatch.statements.tabular import read_table

LAYOUTS = {each.id: each for each in load_dialects()}
GENERIC = (
    "账号", "户名", "币种", "交易日期", "交易时间", "借方发生额", "贷方发生额", "余额", "对方户名",
    "对方账号", "摘要", "流水号",
)  # fmt: skip
AMOUNTS = ("", "-", "0.00", "1.00", "1,234.56", "-5.00", "１２.50", " 3.10 ", "999999999999.99")
TEXTS = (
    "",
    "-",
    "--",
    "学费",
    "学费 ",
    " a  b",
    "ＡＢ１",
    "x\ny",
    "王*明",
    "-HT1",
    "—",
    "a\u3000b",
)
DAYS = ("2026-01-05", "2026/1/5", "20260105", "2026年1月5日", "2026-01-05 08:30:00")
TIMES = ("08:30:00", "8:30", "083000", "", "25:00:00", "83000")


def line(rng, *, plain):
    def pick(cells):
        return cells[3] if plain else rng.choice(cells)

    amount = rng.choice(("1.00", "20.50")) if plain else rng.choice(AMOUNTS)
    sides = rng.choice([(amount, ""), ("", amount)])
    account = rng.choice(("6222000000001", "6222 0000 00002"))
    return [
        account, "虚构学校", rng.choice(("CNY", "人民币", "")),
        rng.choice(DAYS[: 1 if plain else 5]), rng.choice(TIMES[: 1 if plain else 6]),
        *sides, rng.choice(("", "7.00")), pick(TEXTS), pick(TEXTS), pick(TEXTS),
        f"R{rng.randrange(30)}",
    ]  # fmt: skip


def table(seed):
    rng = random.Random(seed)
    share = rng.choice((0, 0.02, 0.5))
    rows = [line(rng, plain=rng.random() >= share) for _ in range(rng.randrange(1, 60))]
    if rng.random() < 0.3:
        rows.insert(rng.randrange(len(rows)), ["期初余额", "100.00"])
    if rng.random() < 0.3:
        rows.insert(rng.randrange(len(rows)), list(GENERIC))
    if rng.random() < 0.2:
        rows.insert(rng.randrange(len(rows)), ["", "", ""])
    return list(enumerate([list(GENERIC), *rows], 1))


@pytest.mark.parametrize("seed", range(200))
def test_lines_read_together_are_the_lines_read_one_by_one(seed, monkeypatch):
    lines = table(seed)
    together = read_table(batches_of(lines), 1, LAYOUTS["generic"])
    monkeypatch.setattr(tabular, "_FEW", len(lines))
    assert together == read_table(batches_of(lines), 1, LAYOUTS["generic"])


@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "generic"])
def test_so_they_are_in_every_layout(layout, monkeypatch):
    dialect = LAYOUTS[layout]
    names = {field: of[0] for field, of in dialect.columns.items()}
    cells = {
        "booked_on": "2026-01-05", "out": "", "in": "5.00", "amount": "5.00", "balance": "9.00",
        "account": "6222000000001", "direction": next(iter(dialect.in_words), ""),
        "reversal": next(iter(dialect.reversal_marks), ""), "memo": "学费 HT1", "currency": "CNY",
        "payer_account": "6217", "payee_account": "6222000000001",
    }  # fmt: skip
    row = [cells.get(field, "") for field in names]
    lines = [["账号", "6222000000001"], list(names.values()), *([row] * 9)]
    numbered = list(enumerate(lines, 1))
    together = read_table(batches_of(numbered), 2, dialect)
    monkeypatch.setattr(tabular, "_FEW", len(lines))
    assert together.statements or together.problems
    assert together == read_table(batches_of(numbered), 2, dialect)


def test_a_line_of_the_table_may_stand_on_several_lines_of_the_file():
    text = 'a,b\r\n"x\ny",1\n\n"p",2\n'
    assert list(csv_lines(text)) == [
        (1, ["a", "b"]),
        (2, ["x\ny", "1"]),
        (4, []),
        (5, ["p", "2"]),
    ]


def test_a_fault_names_the_line_on_which_it_begins():
    with pytest.raises(tabular.TableError) as fault:
        list(csv_batches(['a,"b\n', 'c",d\n', '"x"y\n']))
    assert fault.value.problem.line == 3


def rows(count):
    return [
        StatedRow(n, 20_000 + n // 9, None, None, n, None, "王", None, f"m{n}", None, False)
        for n in range(count)
    ]


def test_many_rows_are_the_same_rows_in_blocks_half_of_them_in_a_file():
    many = rows(100_000)
    held = Rows.of(many)
    assert len(held) == 100_000
    assert held == many
    assert held[-1] == many[-1]
    assert held[70_000] == many[70_000]
    assert held[5:8] == many[5:8]
    assert held.backwards() == many[::-1]
    assert list(held.column("amount_fen")) == list(range(100_000))


def test_a_builder_keeps_the_rows_of_each_key_apart_and_in_order():
    builder = Builder()
    for row in rows(60_000):
        builder.add((f"{row.line % 3}", "CNY"), tuple([field] for field in row))
    assert builder.list_keys() == [("0", "CNY"), ("1", "CNY"), ("2", "CNY")]
    builder.drop_last(("2", "CNY"))
    builder.rename(("0", "CNY"), ("1", "CNY"))
    assert [row.line for row in builder.take(("1", "CNY"))] == [
        n for n in range(60_000) if n % 3 < 2
    ]
    assert [row.line for row in builder.take(("2", "CNY"))] == list(range(2, 59_999, 3))


CELLS = ["a", "学费", "", "12.00", " ", "x y"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("seed", range(20))
def test_an_open_text_has_the_lines_that_it_has_one_by_one(monkeypatch, end, seed):
    dice = random.Random(seed)
    monkeypatch.setattr("feewatch.sheets.lines._CHUNK", dice.choice([1, 7, 60, 5_000]))
    width = dice.randint(1, 5)
    rows = [
        [dice.choice(CELLS) for _ in range(width if seed % 4 else dice.randint(1, 5))]
        for _ in range(60)
    ]
    if seed % 5 == 0:
        rows[dice.randrange(60)][0] = f'"q{end}r"'  # a cell of two lines
    text = "".join(",".join(row) + end for row in rows)[: -len(end) if seed % 3 else None]
    plain = csv.reader(io.StringIO(text, newline=""))
    expected = [(plain.line_num, line) for line in plain if line]
    for opened in (
        io.StringIO(text, newline=""),
        io.TextIOWrapper(io.BytesIO(text.encode("gb18030")), "gb18030", newline=""),
    ):
        lines = [
            (number + sum(cell.count(end) for cell in line), line)  # where it ends
            for numbers, batch in csv_batches(opened)
            for number, line in zip(numbers, batch, strict=True)
            if line
        ]
        assert lines == expected


@pytest.mark.parametrize("delimiters", [0, 1])
def test_a_cell_that_is_too_long_is_refused_in_plain_lines_too(delimiters):
    line = "a,b\n" * 100 + "x" * (csv.field_size_limit() + 1) + ",y" * delimiters + "\n"
    with pytest.raises(TableError):
        list(csv_batches(io.StringIO(line, newline="")))
