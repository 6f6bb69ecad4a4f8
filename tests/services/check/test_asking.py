"""What is kept of institutions: asked again of those that changed, and of those not yet matched."""

from worlds.builder import School, build

from feewatch.services.check.asking import ask_of_changed
from feewatch.services.intake.matching import match_changed
from feewatch.store.state import list_to_match, mark_changed


def test_only_those_that_changed_are_asked_again(any_app, tmp_path):
    build(any_app, [School(number) for number in (1, 2)], tmp_path)
    match_changed(any_app)
    asked = []

    def ask(keys):
        asked.append(sorted(keys))
        return {key: f"{key}, {len(asked)}" for key in keys if key != 2}

    def look(*keys):
        with any_app.database.reading() as tx:
            return ask_of_changed(any_app, tx, "test", keys, ask)

    assert look(1, 2) == {1: "1, 1"}
    assert look(1, 2) == {1: "1, 1"}
    assert asked == [[1, 2]]  # that nothing is said of the second one is known too

    with any_app.database.transaction() as tx:
        mark_changed(tx, [1])
        assert list_to_match(tx) == [1]
    assert look(1, 2) == {1: "1, 2"}
    assert look(1) == {1: "1, 3"}  # its entries are not matched yet: nothing of it is kept
    match_changed(any_app)
    assert look(1) == {1: "1, 4"}
    assert look(1) == {1: "1, 4"}
    assert asked == [[1, 2], [1], [1], [1]]


def test_one_that_has_no_data_is_asked_every_time(any_app):
    with any_app.database.reading() as tx:
        answers = [ask_of_changed(any_app, tx, "test", [7], lambda keys: dict.fromkeys(keys, 1))]
        answers += [ask_of_changed(any_app, tx, "test", [7], lambda keys: dict.fromkeys(keys, 2))]
    assert answers == [{7: 1}, {7: 2}]
