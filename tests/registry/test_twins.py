"""Names that look alike are one to the eye."""

import pytest

from feewatch.registry.twins import TwinNames, folded_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("启航00培训", "启航００培训"),
        ("启航00培训", "启航OO培训"),
        ("启航1l培训", "启航Il培训"),
        ("启航 培训", "启航培训"),
        ("潍坊启航培训有限公司", "潍坊启航培训有限责任公司"),
        ("启航（潍坊）培训", "启航(潍坊)培训"),
        ("ABC英语", "ａｂｃ英语"),
    ],
)
def test_names_that_look_alike_are_told(one, other):
    assert folded_name(one) == folded_name(other)
    twins = TwinNames([("A", one), ("B", other)])
    assert twins.others("A", one) == {"B": other}


def test_other_names_and_the_institution_itself_are_no_twins():
    twins = TwinNames([("A", "启航培训"), ("A", "启航培训有限公司"), ("B", "远航培训")])
    assert twins.others("A", "启航培训") == {}
    assert twins.others("B", "远航培训") == {}
