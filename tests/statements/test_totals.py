"""Control totals at the foot and among the rows, in whatever words banks state them."""

import pytest

from feewatch.statements.totals import total_of, totals_within

#: Of the rows of the samples: two payments of 50.50 together, two receipts of 1050.50.
TRUE = [
    "借方总笔数,2", "贷方合计：1050.50", "支出总额：50.50 收入总额：1050.50", "总笔数：4",
    "合计：借方 2 笔 50.50 元，贷方 2 笔 1050.50 元", "借方合计：2笔 50.50元",
    '"共4笔，支出2笔50.50元，收入2笔1,050.50元"', "累计借方发生额,50.50,累计贷方发生额,1050.50",
    "借方发生额合计：50.50,贷方发生额合计：1050.50", "合计,,,,,50.50,1050.50",
    "本页合计,,,,,50.50,1050.50", "本月累计,,,,,5000.00,9000.00",
]  # fmt: skip
WRONG = [
    "借方总笔数,3", "贷方合计：1050.51", "支出总额：50.50 收入总额：1050.00", "总笔数：5",
    "合计：借方 2 笔 50.50 元，贷方 3 笔 1050.50 元", "借方合计：1笔 50.50元",
    "借方合计：2笔 50.00元",
    '"共4笔，支出2笔50.50元，收入2笔1,050.00元"', "累计借方发生额,50.50,累计贷方发生额,1050.00",
    "借方发生额合计：50.00,贷方发生额合计：1050.50", "合计,,,,,50.50,1050.00",
    "本页合计,,,,,50.50,1050.00", "收入笔数：1", "转出金额合计：1.00", "存入总金额：1.00",
]  # fmt: skip


@pytest.mark.parametrize("foot", TRUE)
def test_a_total_that_agrees_is_no_fault(samples, faults, foot):
    assert faults(samples.table(before=["期初余额,1000.00"], after=[foot])) == []


@pytest.mark.parametrize("foot", WRONG)
def test_a_total_that_differs_is_a_fault(samples, statement, foot):
    read = statement(samples.table(before=["期初余额,1000.00"], after=[foot]))
    assert [(each.kind, each.problem.code) for each in read.faults] == [
        ("arithmetic", "STATEMENT-TOTALS")
    ]


def test_totals_of_pages_are_of_the_rows_since_the_last_or_of_all_so_far(samples, faults):
    first, second = samples.rows[:2], samples.rows[2:]
    page, both = "本页合计,,,,,1.00,800.00", "本页合计,,,,,49.50,250.50"
    assert faults(samples.table(*first, page, *second, both)) == []
    assert faults(samples.table(*first, page, *second, "本页合计,,,,,50.50,1050.50")) == []
    assert faults(samples.table(*first, both, *second)) != []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("借方总笔数", "out_count"), ("汇总收入金额", "in_sum"), ("总笔数", "count"),
        ("贷方累计发生额", "in_sum"), ("借方发生额", "out_sum"), ("支出合计金额(元)", "out_sum"),
        ("借方", None), ("收入", None), ("总金额", None), ("余额", None), ("金额", None),
        ("对方户名", None), ("合计", None), ("收入支出合计", None),
    ],
)  # fmt: skip
def test_words_that_name_a_total_are_known(key, name):
    assert total_of(key) == name


def test_a_sentence_without_counts_states_nothing():
    assert totals_within("以上数据仅供参考，收入支出以银行为准") == {}
    assert totals_within("笔" * 1000) == {}
