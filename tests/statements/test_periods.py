"""The days that a head names, in any of the usual wordings; what is not understood is said."""

import pytest

from feewatch.kernel.days import format_day
from feewatch.statements.periods import label_of, range_of

MARCH = ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-01—2026-03-31", "2026-03-01 - 2026-03-31", "2026-03-01-2026-03-31",
        "2026-03-01~2026-03-31", "2026-03-01～2026-03-31", "2026-03-01至2026-03-31",
        "2026/03/01 到 2026/3/31", "20260301-20260331", "20260301 20260331", "2026.3.1--2026.3.31",
        "2026年3月1日至2026年3月31日", "2026年3月1日至31日", "2026年3月1日—3月31日",
        "自2026-03-01起至2026-03-31止", "2026-03-01 00:00:00至2026-03-31 23:59:59",
        "2026-03-01 00:00:00 至 2026-04-01 00:00:00", "20260301000000-20260331235959",
        "2026-03-01T00:00:00 ~ 2026-03-31T24:00:00", "2026年03月", "2026-03", "202603",
        "２０２６－０３－０１至２０２６－０３－３１", "2026-03-01 00时00分至2026-03-31 23时59分",
    ],
)  # fmt: skip
def test_a_range_is_read_in_any_usual_wording(told):
    days = range_of(told)
    assert days is not None
    assert tuple(map(format_day, days)) == MARCH


@pytest.mark.parametrize(
    "told",
    ["", "2026-03-01", "2026-02-30至2026-03-31", "2026-03-01 2026-03-02 2026-03-03", "三月",
     "2026-13", "2026-03-31至01", "6222000011112222", "9" * 10_000],
)  # fmt: skip
def test_what_is_no_range_names_no_days(told):
    assert range_of(told) is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("起止日期", "period"), ("查询日期", "period"), ("起止时间", "period"),
        ("查询区间", "period"), ("账单周期", "period"), ("交易日期", "period"),
        ("查询时间段", "period"), ("对账单期间", "period"), ("账单起止", "period"),
        ("起始时间", "from"), ("查询开始日期", "from"), ("起日期", "from"),
        ("终止时间", "to"), ("截止日期", "to"), ("查询结束日期", "to"),
        ("户名", None), ("余额", None), ("有效期", None), ("开户日期", None), ("2026", None),
    ],
)  # fmt: skip
def test_labels_of_ranges_and_their_ends_are_known(key, name):
    assert label_of(key) == name


HEAD = "期初余额,1000.00"
FEB = ["2026-02-01", "2026-04-30"]


@pytest.fixture
def read(samples, statement):
    def read_with(*head):
        return statement(samples.table(before=[*head, HEAD]))

    return read_with


def days(told):
    return [format_day(told.from_day), format_day(told.to_day)]


@pytest.mark.parametrize(
    "head",
    [
        ["起止日期,2026-02-01,2026-04-30"],
        ["查询日期：2026-02-01—2026-04-30"],
        ["起止时间,2026-02-01 00:00:00至2026-04-30 23:59:59"],
        ["起始时间,2026-02-01", "终止时间,2026-04-30"],
        ["起始时间：2026-02-01 00:00:00 终止时间：2026-05-01 00:00:00"],
        ["起始日期：2026-02-01，终止日期：2026-04-30"],
        ["开始日期,结束日期", "20260201,20260430"],
        ["账单周期：2026年2月1日至2026年4月30日，币种：人民币"],
        ["账号：6222000011112222 查询区间：2026/02/01-2026/04/30 币种：CNY"],
        ["账户明细（2026-02-01至2026-04-30）"],
        ["2026-02-01 至 2026-04-30"],
        ["交易日期：2026-02-01到2026-04-30"],
        ["打印日期,2026-05-02", "查询期间,20260201,20260430"],
        ["查询日期,2026-05-02", "起止日期,20260201-20260430"],
    ],
)
def test_the_head_names_the_days(read, head):
    told = read(*head)
    assert days(told) == FEB
    assert (told.faults, told.notes) == ([], [])


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (["起止日期,2026-02-30,2026-04-30"], 1),
        (["币种,CNY", "账单周期：本季度"], 2),
        (["起止日期：2026-02-01"], 1),
        (["证书有效期：2020-01-01至2030-12-31"], 1),
        (["甲乙丙丁,2026-02-01,2026-04-30"], 1),
    ],
)
def test_a_range_that_is_not_understood_is_said_and_covers_nothing(read, head, line):
    told = read(*head)
    assert days(told) == ["2026-03-02", "2026-03-09"]
    assert [(each.code, each.line) for each in told.notes] == [("STATEMENT-PERIOD", line)]


def test_the_day_on_which_somebody_asked_is_no_range(read):
    told = read("查询时间：2026-04-01 10:00:00", "打印日期,2026-04-01")
    assert (days(told), told.notes) == (["2026-03-02", "2026-03-09"], [])
