"""Texts as they are compared and as they are shown."""

import pytest

from feewatch.kernel.text import normalise, tidy


@pytest.mark.parametrize(
    ("typed", "compared", "shown"),
    [
        ("潍坊市教育局（演示）", "潍坊市教育局(演示)", "潍坊市教育局（演示）"),
        ("一、收费；二、\u3000退费：！", "一、收费;二、 退费:!", "一、收费；二、 退费：！"),
        ("ＡＢＣ１２３ ", "ABC123", "ABC123"),
        ("e\u0301tude  ①", "étude 1", "étude 1"),
        ("", "", ""),
    ],
)
def test_marks_of_chinese_stay_where_a_text_is_shown(typed, compared, shown):
    assert (normalise(typed), tidy(typed)) == (compared, shown)
    assert normalise(tidy(typed)) == compared
