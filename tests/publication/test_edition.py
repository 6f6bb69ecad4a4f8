import pytest

from feewatch.kernel.text import Text
from feewatch.publication.edition import (
    Gates,
    arrange,
    check_gates,
    compare,
    key_of,
    without_additions,
)

GATES = Gates(0.20, 5)


def white(*numbers):
    return [{"uscc": f"{n:018d}", "name": f"机构{n}", "subject": "arts"} for n in numbers]


def changes(before, after):
    told = Text("因", "because")
    return compare(before, after, lambda *_: told, lambda *_: told)


def test_the_difference_names_what_came_what_left_and_what_reads_differently():
    before = {"white": white(1, 2, 3)}
    after = {"white": [*white(1, 4), {**white(3)[0], "name": "新名"}]}
    found = [(each.change, int(each.entry["uscc"])) for each in changes(before, after)]
    assert found == [("removed", 2), ("changed", 3), ("added", 4)]


def test_premises_without_a_credit_code_are_told_apart_by_name():
    first = {"uscc": "", "name": "甲", "document": "1号"}
    assert key_of(first) != key_of({**first, "name": "乙"})


@pytest.mark.parametrize(
    ("size", "added", "passes"),
    [(10, 5, True), (10, 6, False), (100, 20, True), (100, 21, False), (0, 5, True), (0, 6, False)],
)
def test_an_edition_adds_a_share_or_a_floor_whichever_is_more(size, added, passes):
    before = {"white": white(*range(size))}
    after = {"white": white(*range(size + added))}
    assert (check_gates(before, changes(before, after), GATES) == []) is passes


def test_a_share_is_counted_exactly():
    before, after = {"white": white(*range(100))}, {"white": white(*range(129))}
    assert check_gates(before, changes(before, after), Gates(0.29, 0)) == []


def test_removals_pass_in_any_number():
    before = {"white": white(*range(100))}
    assert check_gates(before, changes(before, {"white": []}), GATES) == []


def test_a_first_edition_has_nothing_to_be_measured_against():
    after = {"white": white(*range(100))}
    assert check_gates(None, changes({}, after), GATES) == []


def test_what_the_gates_let_out_of_a_refused_edition_are_its_removals():
    before = {"white": white(1, 2)}
    after = {"white": white(2, 3), "black": [{"uscc": "", "name": "甲", "document": "1号"}]}
    assert without_additions(before, after) == {"black": [], "white": white(2)}


def test_the_order_of_the_data_does_not_show():
    assert arrange({"white": white(2, 1), "notice": []}) == arrange(
        {"notice": [], "white": white(1, 2)}
    )
