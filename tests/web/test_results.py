"""What rules could not judge stands on both institution pages in words, never as passed."""

import pytest
from worlds.builder import School, build

from feewatch.kernel.days import parse_day
from feewatch.services.check.checking import run_check


@pytest.fixture
def wendeng(app, tmp_path):
    """An institution in Wendeng, where no price is on file."""
    school = School(7, facts={"district": "371081"}, course={"stage": "primary"})
    school.contract()
    build(app, [school], tmp_path / "registers")
    run_check(app, parse_day("2026-07-31"), uscc=school.uscc)
    return school.uscc


def test_the_page_says_what_the_office_must_enter_and_where(as_user, wendeng):
    text = as_user("administrator").get(f"/desk/institutions/{wendeng}").text
    assert "收费高于政府指导价上限" in text
    assert "当日当地没有政府指导价" in text
    assert "政府指导价表：学段" in text
    assert "parameters/guided_prices.csv" in text
    assert "区划 371081" in text
    assert "不等于合规" in text


def test_the_page_says_it_in_english_too(as_user, wendeng):
    client = as_user("administrator")
    client.get("/account/language/en")
    text = client.get(f"/desk/institutions/{wendeng}").text
    assert "no guided price on file for that place and day" in text
    assert "the table of guided prices" in text


def test_an_institution_reads_the_reason_and_that_the_office_enters_prices(app, as_user):
    text = as_user("luzhi").get("/own/").text
    assert "不能判定 3" in text
    assert "原因待下次检查写明" in text  # a check of before reasons were kept
    run_check(app, parse_day("2026-07-31"), uscc="52370702651728628K")
    text = as_user("luzhi").get("/own/").text
    assert "课程未登记" in text
    assert "“课程”登记册" in text


def test_an_institution_nothing_was_judged_of_is_not_shown_as_passed(as_user):
    text = as_user("nanjing").get("/desk/institutions/523201041982410526").text
    assert "尚未检查" in text
    assert "均可判定" not in text
