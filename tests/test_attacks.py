"""Attacks 10 to 22 of the review, each with the tests that try it again."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
#: attack: (what was tried, files and functions that try it)
ATTACKS: dict[int, tuple[str, tuple[str, ...]]] = {
    10: ("one person puts a name on the black list", (
        "web/test_attacks.py::test_attack_10_one_person_puts_a_name_on_the_black_list",)),
    11: ("a decision whose window of objections is open is listed", (
        "services/lists/test_procedure.py::test_no_decision_passes_while_the_window_is_open",)),
    12: ("one officer buries a red matter", (
        "web/test_attacks.py::test_attack_12_one_officer_buries_a_red_matter_in_a_case_opened_to_dismiss_it",
        "web/test_inbox.py::test_a_red_matter_is_dismissed_by_two_persons",
        "web/test_inbox.py::test_many_are_dismissed_with_one_reason")),
    13: ("one officer takes a red case to its end", (
        "services/cases/test_steps.py::test_a_red_case_is_closed_by_another_than_issued_it",)),
    14: ("publish, keys, people by whoever types a name", (
        "web/test_attacks.py::test_attack_14_publish_keys_and_people_by_whoever_types_a_name",
        "web/test_attacks.py::test_attack_14_a_security_administrator_alone_makes_nobody_who_decides")),
    15: ("another's name in a shell", (
        "web/test_attacks.py::test_attack_15_another_s_name_leaves_the_user_of_the_machine_on_record",)),
    16: ("out of scope, barred, another role", (
        "web/test_attacks.py::test_attack_16_out_of_scope_barred_and_of_another_role",
        "services/people/test_acting.py::test_an_unknown_and_a_disabled_person_are_refused_alike")),
    17: ("reading by a name of another place", (
        "web/test_attacks.py::test_attack_17_reading_is_narrowed_to_the_person_named",)),
    18: ("one officer proposes and confirms a release", (
        "web/test_quarantine.py::test_a_second_officer_releases_and_all_is_on_record",)),
    19: ("a reviewer signs what they added", (
        "services/registers/test_openings.py::test_who_added_it_may_not_sign_it",)),
    20: ("many open one case at once", (
        "services/cases/test_races.py::test_of_two_officers_who_open_a_case_at_once_one_is_refused",)),
    21: ("fields that no form has", (
        "web/test_attacks.py::test_attack_21_fields_that_no_form_has_change_nothing",)),
    22: ("what excuses a breach, by an administrator", (
        "web/test_attacks.py::test_attack_22_no_administrator_registers_what_excuses_a_breach",)),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_tests_that_are_named_exist(attack):
    for named in ATTACKS[attack][1]:
        file, _, function = named.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
