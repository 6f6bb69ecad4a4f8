"""Schemes of 信用评价 as data: what a file may say, and what it must not leave open."""

import shutil

import pytest

from feewatch.engine.loader import SHIPPED, load_rule_book, read_rule_book
from feewatch.kernel.days import format_day, parse_day
from feewatch.services.trials.grade_scenarios import run_grade_scenarios


@pytest.fixture(scope="module")
def book():
    return load_rule_book()


def test_three_examples_are_shipped_and_say_that_they_are_no_law(book):
    assert sorted(book.grade_schemes) == ["county-example", "neutral", "tianjin-shape"]
    for scheme in book.grade_schemes.values():
        assert scheme.example
        assert "不是法律" in scheme.note.zh
        assert "no law" in scheme.note.en


def test_only_what_stands_in_the_document_is_quoted_of_it(book):
    scheme = book.grade_schemes["tianjin-shape"]
    assert scheme.quoted == ("base", "grades")
    assert scheme.base == 1000_00
    limits = [(level.grade, level.least) for level in scheme.grades]
    assert limits == [("A", 980_00), ("B", 950_00), ("C", 900_00), ("D", 800_00), ("E", None)]
    assert book.certainty_of(scheme.reference) == "V2"
    assert [book.grade_schemes[name].quoted for name in ("neutral", "county-example")] == [(), ()]


def test_every_shipped_scenario_comes_out_as_it_says(book):
    results = run_grade_scenarios(book)
    assert len(results) > 40
    assert [result for result in results if result.wrong] == []


@pytest.mark.parametrize(
    ("points", "grade"),
    [(1000_00, "A"), (980_00, "A"), (979_99, "B"), (950_00, "B"), (949_99, "C"), (900_00, "C"),
     (899_99, "D"), (800_00, "D"), (799_99, "E"), (0, "E")],
)  # fmt: skip
def test_a_grade_begins_at_its_limit(book, points, grade):
    assert book.grade_schemes["tianjin-shape"].grade_of(points) == grade


@pytest.mark.parametrize(
    ("on", "last", "within", "percent"),
    [
        ("2025-12-31", "2025-12-31", True, 100),
        ("2026-01-01", "2025-12-31", False, 100),  # after the period
        ("2025-01-01", "2025-12-31", True, 100),
        ("2024-12-31", "2025-12-31", True, 50),  # twelve whole months
        ("2024-01-01", "2025-12-31", True, 50),
        ("2023-12-31", "2025-12-31", False, 50),  # twenty-four
        ("2024-08-31", "2026-02-28", True, 50),  # months are clipped to their last day
    ],
)
def test_window_and_decay_count_whole_months(book, on, last, within, percent):
    indicator = next(
        each for each in book.grade_schemes["neutral"].indicators if each.id == "case-red"
    )
    assert indicator.is_within(parse_day(on), parse_day(last)) is within
    assert indicator.percent(parse_day(on), parse_day(last)) == percent


def test_the_first_day_of_a_window_is_within_it_and_the_day_before_is_not(book):
    for scheme in book.grade_schemes.values():
        for indicator in scheme.indicators:
            for text in ("2025-12-31", "2024-02-29", "2026-02-28", "2025-06-30"):
                first = indicator.first_day(parse_day(text))
                assert indicator.is_within(first, parse_day(text)), format_day(first)
                assert not indicator.is_within(first - 1, parse_day(text)), format_day(first)


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("cap = 100", "cap = 49", "GRADE-SCHEME", "below the points of one fact"),
        ("points = -20\n", "points = 20\n", "GRADE-SCHEME", "below zero"),
        ("points = -20\n", "points = -20.005\n", "KEY-VALUE", "two decimals"),
        ('classes = ["serious"]', 'classes = ["grave"]', "KEY-VALUE", "serious"),
        ('classes = ["serious"]', 'sanctions = ["scolding"]', "GRADE-SCHEME", "unknown sanction"),
        ('grade_at_most = "D"', 'grade_at_most = "Z"', "GRADE-SCHEME", "no such grade"),
        ("from = 80\n", "from = 96\n", "GRADE-SCHEME", "best grade stands first"),
        ('grades = ["A"]', 'grades = ["AA"]', "GRADE-SCHEME", "unknown AA"),
        ("{ months = 24, percent = 50 }", "{ months = 36, percent = 50 }", "GRADE-SCHEME",
         "beyond window_months"),
        ('source = "case_overdue"', 'source = "alert"', "KEY-VALUE", "case_overdue"),
        ('source = "case_overdue"', 'source = "finding"', "GRADE-SCHEME", "needs the rules"),
        ('source = "case_overdue"', 'source = "finding"\nrules = ["BAL-COVER"]', "GRADE-SCHEME",
         "rests on presets alone"),
        ('source = "case_overdue"', 'source = "finding"\nrules = ["FEE-NONE"]', "GRADE-SCHEME",
         "unknown rule"),
        ('period = "year"', 'period = "decade"', "KEY-VALUE", "quarter"),
        ('id = "case-red"', 'id = "case-other"', "GRADE-SCHEME", "is there twice"),
        ("least_covered = 80", "least_covered = 101", "KEY-VALUE", "0 to 100"),
        ('period = "y', 'quoted = ["base"]\nperiod = "y', "GRADE-SCHEME", "name the document"),
        ("on = 2024-12-31 },\n  { indicator = \"decision-minor\"",
         "on = 2024-12-30 },\n  { indicator = \"decision-minor\"", "GRADE-SCHEME", "its window"),
        ("times = 3", "times = 2", "GRADE-SCHEME", "beyond its cap"),
        ("points = 92.5", "points = 99", "GRADE-SCHEME", "just below the limit of A"),
        ("valid_months = 18", "valid_months = 18\nvalid = 1", "KEY-UNKNOWN", "valid_months"),
    ],
)  # fmt: skip
def test_a_fault_in_a_scheme_is_named_with_its_file(tmp_path, old, new, code, word):
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    file = folder / "credit.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    _, faults = read_rule_book([folder])
    words = [(each.code, each.file, str(each.message)) for each in faults]
    assert any(
        each[0] == code and each[1] == "credit.toml" and word in each[2] for each in words
    ), words


def test_an_office_lays_its_own_scheme_over_the_shipped_ones(tmp_path):
    text = (SHIPPED / "credit" / "county-example.toml").read_text("utf-8")
    own = tmp_path / "credit"
    own.mkdir()
    (own / "ours.toml").write_text(text.replace('"county-example"', '"ours"', 1), "utf-8")
    book = load_rule_book([tmp_path])
    assert "ours" in book.grade_schemes
    (own / "ours.toml").write_text(text, "utf-8")
    _, faults = read_rule_book([SHIPPED, tmp_path])
    assert [each.column for each in faults] == ["id"]


def test_what_nobody_read_is_quoted_by_no_scheme(tmp_path):
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    file = folder / "sources" / "local.toml"
    text = file.read_text("utf-8")
    part = text[text.index("[tianjin-credit-2022]") :]
    unread = part.replace('"V2"', '"none"').replace('"secondary"', '"unread"')
    file.write_text(text.replace(part, unread), "utf-8")
    _, faults = read_rule_book([folder])
    assert [(each.code, each.file) for each in faults] == [
        ("RULE-CERTAINTY", "credit/tianjin-shape.toml")
    ]
