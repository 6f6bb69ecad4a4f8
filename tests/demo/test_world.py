from pathlib import Path

import pytest

from feewatch.demo.scenarios import PLANTED
from feewatch.demo.world import World, build
from feewatch.engine.loader import load_rule_book
from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register

RULES_OF_THE_BOOK = set(load_rule_book().rules)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(1, tmp_path_factory.mktemp("district"))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = tmp_path / "1", tmp_path / "2", tmp_path / "3"
    build(7, first, count=len(PLANTED) + 2, contracts_each=8)
    build(7, again, count=len(PLANTED) + 2, contracts_each=8)
    build(8, other, count=len(PLANTED) + 2, contracts_each=8)
    assert contents(first) == contents(again)
    assert contents(first) != contents(other)


def test_the_district_is_as_large_as_a_district_is(district: World) -> None:
    assert len(district.schools) >= 60
    assert district.contracts >= 3000
    assert district.entries >= 20_000


def test_every_rule_of_the_book_is_broken_more_than_once(district: World) -> None:
    rules = [each.rule for each in district.expected]
    assert set(rules) == RULES_OF_THE_BOOK
    assert min(rules.count(rule) for rule in RULES_OF_THE_BOOK) >= 2


def test_at_least_a_third_of_the_schools_is_clean(district: World) -> None:
    with_breaches = {each.uscc for each in district.expected}
    clean = [school for school in district.schools if school.uscc not in with_breaches]
    assert len(clean) * 3 >= len(district.schools)


def test_every_register_is_read_without_a_fault_or_a_warning(district: World) -> None:
    for register in district.registers:
        content = register.path.read_bytes()
        reading = read_register(KINDS[register.kind], content, register.path.name)
        assert reading.rows
        assert not [*reading.faults, *reading.warnings, *reading.refused], register
