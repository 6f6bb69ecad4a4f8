"""Two rule books compared: what is added, gone or different, with places, days and figures."""

import shutil

import pytest

from feewatch.engine.difference import compare
from feewatch.engine.loader import SHIPPED, load_rule_book

BOOK = load_rule_book()


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def overlay(folder, file, *changes):
    """The book with a changed copy of one shipped file laid over it."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (SHIPPED / file).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return load_rule_book([folder])


def test_the_same_book_has_no_difference():
    assert compare(BOOK, BOOK) == []


def test_a_comment_is_no_difference(folder):
    assert compare(BOOK, overlay(folder, "rulebook/BAL-MIN.toml", ("id =", "# 说明\nid ="))) == []


def test_a_rule_changed_names_the_key_and_both_wordings(folder):
    book = overlay(folder, "rulebook/FEE-CAP-5000.toml", ('level = "orange"', 'level = "red"'))
    (found,) = compare(BOOK, book)
    assert found[:3] == ("rule", "FEE-CAP-5000", "changed")
    assert [line.en for line in found.details] == ["severity: orange → red"]


def test_a_day_of_change_that_moves_is_told(folder):
    book = overlay(folder, "rulebook/FEE-CAP-5000.toml", ("from = 2025-11-05", "from = 2026-01-01"))
    (found,) = compare(BOOK, book)
    assert [line.en for line in found.details] == [
        "370000 from 2025-11-05: local shandong-2025 收费限额 [subject = 'academic'] → none",
        "370000 from 2026-01-01: none → local shandong-2025 收费限额 [subject = 'academic']",
    ]


def test_a_figure_changed_is_told_with_place_and_day(folder):
    book = overlay(folder, "parameters/monitoring.toml", ("value = 0.01\n", "value = 0.005\n"))
    (found,) = [each for each in compare(BOOK, book) if each.id == "release_tolerance"]
    assert found[:3] == ("parameter", "release_tolerance", "changed")
    assert found.details[0].zh == "全国 自 2020-01-01 起:1.00%(preset) → 0.50%(preset)"


def test_a_price_changed_is_told_with_class_and_day(folder):
    book = overlay(
        folder, "parameters/guided_prices.csv", ("offline,1,9,32,0.10", "offline,1,9,30,0.05")
    )
    (found,) = [each for each in compare(BOOK, book) if each.id == "370700"]
    assert found.details[0].zh == (
        "compulsory offline 班额 1–9 自 2022-01-07 起:"
        "32.00 元 × 1.10 / 45 分钟（in_force，V2） → 30.00 元 × 1.05 / 45 分钟（in_force，V2）"
    )


def test_a_rule_added_and_one_removed_are_told(folder):
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    text = (folder / "rulebook/BAL-MIN.toml").read_text("utf-8")
    (folder / "rulebook/BAL-MIN.toml").unlink()
    (folder / "rulebook/BAL-LOW.toml").write_text(text.replace("BAL-MIN", "BAL-LOW"), "utf-8")
    coverage = (folder / "coverage.toml").read_text("utf-8")
    (folder / "coverage.toml").write_text(coverage.replace("BAL-MIN", "BAL-LOW"), "utf-8")
    found = compare(BOOK, load_rule_book([folder], shipped=False))
    assert [each[:3] for each in found] == [
        ("rule", "BAL-MIN", "removed"), ("rule", "BAL-LOW", "added"),
    ]  # fmt: skip
    assert found[1].details[0].en == "nationwide from 2020-01-01: none → preset"
