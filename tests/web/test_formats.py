"""How figures and texts look on a page."""

import pytest
from flask import session

from feewatch.engine.book import UNITS
from feewatch.engine.rule_file import SUBJECTS
from feewatch.web import formats
from feewatch.web.labels import LABELS
from feewatch.web.language import half, say


@pytest.fixture
def in_language(site):
    def use(language: str):
        context = site.test_request_context()
        context.push()
        session["language"] = language
        contexts.append(context)

    contexts = []
    yield use
    for context in reversed(contexts):
        context.pop()


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456789, "1,234,567.89"), (None, "—")],
)
def test_yuan_are_grouped_with_two_decimals(fen, shown):
    assert formats.yuan(fen) == shown


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (250_000, "fen", "2,500.00 元", "¥2,500.00"),
        (61, "lessons", "61 课时", "61 lessons"),
        (3, "months", "3 个月", "3 months"),
        (361, "minutes", "361 分钟", "361 minutes"),
        ("2750.0000", "fen_per_lesson", "27.50 元/课时", "¥27.50 a lesson"),
        ("2750.0250", "fen_per_lesson", "27.50025 元/课时", "¥27.50025 a lesson"),
        ("0.9500", "ratio", "95.0%", "95.0%"),
        ("1.0004", "ratio", "100.04%", "100.04%"),
        ("∞", "ratio", "∞", "∞"),
        ("小额贷款", "text", "小额贷款", "小额贷款"),
        (None, "text", "—", "—"),
    ],
)
def test_a_figure_carries_its_unit(in_language, value, unit, zh, en):
    in_language("zh")
    assert formats.figure(value, unit) == zh
    in_language("en")
    assert formats.figure(value, unit) == en


def test_every_unit_and_kind_of_subject_has_its_word(in_language):
    in_language("zh")
    assert set(SUBJECTS) <= set(LABELS["kind"])
    whole = [unit for unit in UNITS if unit not in ("ratio", "text")]
    assert [unit for unit in whole if formats.figure(1, unit) == "1"] == []


def test_masks_leave_enough_to_recognise_and_no_more():
    assert formats.masked_account("26601891581262337") == "•••• 2337"
    assert formats.masked_account(None) == "—"
    assert formats.masked_name("王小明") == "王**"
    assert formats.masked_subject("entry", "6217000099998888/2026-01-10/-5/1").startswith(
        "•••• 8888/"
    )
    assert formats.masked_subject("contract", "HT1") == "HT1"


def test_a_text_is_said_in_the_language_of_the_page(in_language):
    in_language("en")
    assert say({"zh": "甲", "en": "a"}) == say(["甲", "a"]) == "a"
    assert say(None) == ""
    assert half("账户未备案 / not on the register") == "not on the register"
    assert half("期初 1 ≠ 期末 2 / opening 1 ≠ closing 2") == "opening 1 ≠ closing 2"
    assert half("甲 / 乙") == "甲 / 乙"
    assert half("已整改 1 项 / rectified 1\n详见附件") == "rectified 1\n详见附件"
    assert half("plain / text") == "plain / text"


def test_a_district_is_shown_by_its_name_and_code_where_the_office_named_it():
    place = formats.places({"370702": "潍城区"})
    assert place("370702") == "潍城区 370702"
    assert place("370703") == "370703"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("余额 213975.63 元 ÷ 600.00 元", "余额 213,975.63 元 ÷ 600.00 元"),
        ("-1234567.00 < 1000.00", "-1,234,567.00 < 1,000.00"),
        ("27.50025 元、12345.6789", "27.50025 元、12345.6789"),
        ("账号 26601891581262337，2026-07-01", "账号 26601891581262337，2026-07-01"),
    ],
)
def test_sums_in_a_line_of_arithmetic_are_grouped_and_nothing_else(line, shown):
    assert formats.grouped(line) == shown


def test_a_province_has_its_name_and_a_district_the_office_s(in_language):
    place = formats.places({"370702": "潍城区"})
    in_language("zh")
    assert [place(code) for code in ("370000", "370702", "370703", "000000")] == [
        "山东省",
        "潍城区 370702",
        "370703",
        "全国",
    ]
    in_language("en")
    assert place("370000") == "Shandong"


def test_what_nobody_did_was_done_by_the_system(in_language):
    in_language("zh")
    assert formats.actor("engine") == "系统"
    assert formats.actor("officer") == "officer"
