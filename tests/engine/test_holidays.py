"""Public holidays as dated, cited data: strict files, years together, an office's own over them."""

import shutil

import pytest

from feewatch.engine.difference import compare
from feewatch.engine.holidays import lay_together
from feewatch.engine.loader import SHIPPED, load_holidays, load_rule_book, read_rule_book
from feewatch.engine.revision import list_touched
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError

BOOK = load_rule_book()
FILE = "holidays/2026.toml"
NOTICE = 'source = "holidays-2026"\narticle = "一至七"'

# broken files: (what to replace, by what, words of the fault)
BROKEN = [
    ("year = 2026", "year = 2027", "the file must be named after the year"),
    ("year = 2026", "", "year is missing"),
    (NOTICE, 'source = "holidays-2026"', "the article is empty: name the article of holidays-2026"),
    ("holidays-2026", "hearsay", "unknown source hearsay"),
    (NOTICE, 'source = "prepaid-2021"\narticle = "退费"', "退费: leave the year out"),
    ("from = 2026-05-01", "from = 2026-05-06", "to lies before from"),
    ("from = 2026-05-01", "from = 2026-04-06", "two holidays overlap from 2026-04-06 on"),
    ("from = 2026-01-01", "from = 2025-11-30", "2025-11-30 does not belong to 2026"),
    ("work = [2026-05-09]", "work = [2026-05-08]", "2026-05-08 is no weekend"),
    ("work = [2026-05-09]", "work = [2026-05-02]", "2026-05-02 is both a day off and a make-up"),
    ("work = [2026-05-09]", 'work = ["2026-05-09"]', "work: must be a list of dates"),
    ("work = [2026-05-09]", "worked = [2026-05-09]", "unknown key worked"),
    ('name = { zh = "元旦", en = "New Year" }', "", "name is missing"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "rules")


@pytest.mark.parametrize(("old", "new", "words"), BROKEN, ids=[each[2] for each in BROKEN])
def test_a_broken_year_is_named(folder, old, new, words):
    text = (folder / FILE).read_text("utf-8")
    assert old in text
    (folder / FILE).write_text(text.replace(old, new), "utf-8")
    found = read_rule_book([folder])[1]
    said = "\n".join(f"{each.file} {each.column}: {each.message.en}" for each in found)
    assert words in said, said
    assert all(each.message.zh for each in found)


def test_every_shipped_year_names_the_notice_that_announced_it():
    for year in BOOK.holidays.values():
        for reference in year.references:
            assert BOOK.certainty_of(reference) in ("V1", "V2")
            assert BOOK.cite(reference).issuer == "国务院办公厅"
    assert BOOK.cite(BOOK.holidays[2026].reference).number == "国办发明电〔2025〕7号"
    assert {BOOK.certainty_of(BOOK.holidays[year].reference) for year in (2025, 2026)} == {"V1"}


def test_a_notice_reaches_into_the_december_before():
    holidays = load_holidays()
    assert parse_day("2022-12-31") in holidays.off  # by the notice of 2023
    assert parse_day("2018-12-29") in holidays.work  # by the notice of 2019
    assert lay_together([BOOK.holidays[2022]]).off.isdisjoint({parse_day("2022-12-31")})


OWN = """
year = 2027
source = "holidays-2027"
article = "一"
checked = 2026-12-01
[[holidays]]
name = { zh = "元旦", en = "New Year" }
from = 2027-01-01
to = 2027-01-03
work = [2027-01-09]
"""
NOTICE_2027 = """
[holidays-2027]
title = { zh = "关于2027年部分节假日安排的通知", en = "Notice on the public holidays of 2027" }
issuer = "国务院办公厅"
[[holidays-2027.articles]]
article = "一"
certainty = "V1"
read = "original"
read_in = "gov.cn"
says = { zh = "元旦放假三天。", en = "Three days off for New Year." }
checked = 2026-12-01
"""


@pytest.fixture
def office(tmp_path):
    for name, text in (("holidays/2027.toml", OWN), ("sources/own.toml", NOTICE_2027)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_an_office_lays_a_year_over_the_shipped_ones(office):
    book = load_rule_book([office])
    assert sorted(book.holidays) == [*sorted(BOOK.holidays), 2027]
    assert parse_day("2027-01-02") in load_holidays([office]).off
    assert parse_day("2027-01-02") not in load_holidays().off
    assert book.version != BOOK.version


def test_a_year_that_changes_touches_the_rules_that_look_at_days_and_is_told(office):
    book = load_rule_book([office])
    touched = list_touched(BOOK, book)
    assert "TIME-ACADEMIC" in touched
    assert "FEE-CAP-5000" not in touched
    told = {(each.kind, each.id): each for each in compare(BOOK, book)}
    (line,) = told["holidays", "2027"].details
    assert line.en == "New Year: none → 2027-01-01..2027-01-03 (worked: 2027-01-09)"


def test_a_broken_year_stops_whoever_counts_days(office):
    (office / "holidays" / "2027.toml").write_text(OWN.replace("2027-01-09", "2027-01-08"), "utf-8")
    with pytest.raises(InvalidInputError, match="2027-01-08 is no weekend"):
        load_holidays([office])
