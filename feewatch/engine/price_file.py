"""Reads a file of guided prices (CSV, a dated price a row), strictly: every fault of each row."""

import csv
import io

from feewatch.engine.book import MILLION, Price
from feewatch.engine.law import LARGEST_CLASS
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.numbers import read_decimal, read_whole
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table

COLUMNS = (
    "place_code", "place", "stage", "mode", "class_from", "class_to", "price_yuan", "float_up",
    "standard_minutes", "valid_from", "valid_to", "document", "certainty", "status", "note",
)  # fmt: skip
#: The article on file that sets the price; an office's own table may leave both columns out.
BASIS = ("source", "article")
_STAGES = ("compulsory", "primary", "junior", "senior")
_MODES = ("offline", "online")
_STATUSES = ("in_force", "expired", "unconfirmed")
_CERTAINTIES = ("V1", "V2")
_DAY = Text("日期，如 2026-01-31", "a day such as 2026-01-31")
_YUAN = Text("金额（元）", "an amount in yuan")
_COUNT = Text("整数", "a whole number")
_SHARE = Text("比例，如 0.1", "a share such as 0.1")


def read_prices(text: str, file: str, faults: list[Problem]) -> list[Price]:
    """The prices of a file; faults are collected."""
    rows = [row for row in enumerate(csv.reader(io.StringIO(text, newline="")), 1) if any(row[1])]
    header = tuple(rows[0][1]) if rows else ()
    wrong = [line for line, cells in rows if len(cells) != len(header)]
    if header not in (COLUMNS, COLUMNS + BASIS):
        wrong = [line for line, _ in rows] or [1]
    wanted = ",".join(COLUMNS + BASIS)
    columns = Text(f"列应为 {wanted}", f"columns must be {wanted}")
    faults += [Problem("PRICE-COLUMNS", columns, file, line) for line in wrong]
    return [
        _price(Table(dict(zip(header, cells, strict=True)), file, faults, line=line))
        for line, cells in rows[1:]
        if line not in wrong
    ]


def _price(row: Table) -> Price:
    return Price(
        row.place("place_code"),
        row.filled("place"),
        row.choice("stage", _STAGES),
        row.choice("mode", _MODES),
        row.parsed("class_from", _count, _COUNT, 1),
        row.parsed("class_to", lambda text: _count(text) if text else LARGEST_CLASS, _COUNT, 1),
        row.parsed("price_yuan", parse_yuan, _YUAN, 0),
        row.parsed("float_up", _millionths, _SHARE, 0),
        row.parsed("standard_minutes", _count, _COUNT, 1),
        row.parsed("valid_from", parse_day, _DAY, FIRST_DAY),
        row.parsed("valid_to", lambda text: parse_day(text) if text else LAST_DAY, _DAY, LAST_DAY),
        row.text("document"),
        row.choice("certainty", _CERTAINTIES),
        row.choice("status", _STATUSES),
        row.text("source", required=False),
        row.text("article", required=False),
    )


def _count(text: str) -> int | None:
    return read_whole(text, 10**9)


def _millionths(text: str) -> int | None:
    share = read_decimal(text)
    millionths = None if share is None else share * MILLION
    return None if millionths is None or millionths != int(millionths) else int(millionths)
