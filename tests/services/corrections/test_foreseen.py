"""What is to be held is judged beside the writers, and judged anew where its ground has moved."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from worlds.builder import School

from feewatch.config import People
from feewatch.kernel.errors import TryLaterError
from feewatch.services.corrections.trial import RegisterTrial
from feewatch.services.corrections.weighed_matches import set_match, undo_match
from feewatch.services.foreseeing import TRIES
from feewatch.services.registers.rejecting import Rejects
from feewatch.store import state
from feewatch.store.database import Database
from feewatch.store.people import users
from feewatch.store.tables.ledger import manual_match
from feewatch.store.tables.registers import register_import

RULE = "FEE-HOURS-60"
#: A writer who has to wait longer than that waits for who judges.
AT_ONCE = 0.3


class Meanwhile:
    """Lets somebody else write in the middle of a judgement; counts how often was judged."""

    def __init__(self, monkeypatch):
        self.judged, self._wanted = 0, {}
        judge = RegisterTrial.judge

        def judge_while_others_write(trial):
            self.judged += 1
            act = self._wanted.pop(self.judged, None) or self._wanted.get("always")
            before = judge(trial)
            if act is not None:
                with trial_of(trial):
                    act()
            return before

        monkeypatch.setattr(RegisterTrial, "judge", judge_while_others_write)

    def at(self, number, act):
        self._wanted[number] = act


def trial_of(trial):
    """All that a judgement writes is written when the other comes."""
    return _Part(trial._tx, trial._institutions)


class _Part:
    """Rows of the institutions as a trial leaves them: marked, locked and not yet rolled back."""

    def __init__(self, tx, institutions):
        self._tx, self._institutions = tx, institutions

    def __enter__(self):
        self._part = self._tx.begin_nested()
        state.hold_still(self._tx, self._institutions)
        state.mark_matched(self._tx, self._institutions)

    def __exit__(self, *_):
        self._part.rollback()


@pytest.fixture
def meanwhile(monkeypatch):
    return Meanwhile(monkeypatch)


@pytest.fixture
def unnamed():
    """900 yuan that name no contract, and a contract nobody paid: ACC-UNMATCHED."""
    school = School(1, entries=[("2026-07-03", "900.00", "王女士", "往来")])
    school.contract("2026-06-01", fee="1500.00", arrives="")
    return school


@pytest.fixture
def strict(office):
    """The same office, in which what excuses takes two."""
    people = People(four_eyes_on_approvals=True)
    office.app = replace(office.app, config=replace(office.app.config, people=people))
    return office


def changed(app, *, patience=AT_ONCE):
    """Data of the school change; a writer who is kept waiting gives up."""
    with app.database.transaction(patience_seconds=patience) as tx:
        state.mark_changed(tx, [1])


def noted(app, name="new"):
    """Somebody writes what has nothing to do with the school."""
    with app.database.transaction(patience_seconds=AT_ONCE) as tx:
        users.add(tx, name, "viewer", "370702", None, "x")


def imports(app):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(register_import))


def smaller(school, lessons="60"):
    return {**school.contracts[0], "lessons": lessons}


def test_others_write_while_an_import_judges_and_it_is_judged_but_once(
    office, long_course, meanwhile
):
    office.settle(long_course)
    other = {**long_course.contracts[1], "lessons": "41"}
    report = office.hand_in("contracts", smaller(long_course), other)
    once = meanwhile.judged
    assert (report.changed, report.proposed) == (1, 1)
    for number in range(1, once + 1):
        meanwhile.at(once + number, lambda number=number: noted(office.app, f"viewer{number}"))
    report = office.hand_in("contracts", smaller(long_course, "59"), {**other, "lessons": "42"})
    assert (report.changed, report.proposed) == (1, 1)
    assert meanwhile.judged == 2 * once


def test_a_change_of_the_school_itself_waits_for_no_judgement_and_makes_it_judged_anew(
    office, long_course, meanwhile
):
    office.settle(long_course)
    meanwhile.at(1, lambda: changed(office.app))
    report = office.hand_in("contracts", smaller(long_course))
    often = meanwhile.judged
    assert (report.changed, report.proposed) == (0, 1)
    office.hand_in("contracts", smaller(long_course, "59"))
    assert often == 2 * (meanwhile.judged - often)


def test_what_an_officer_imports_in_mid_judgement_is_what_the_file_is_compared_with(
    office, long_course, meanwhile
):
    office.settle(long_course)
    word = {**smaller(long_course), "discipline": "舞蹈"}
    meanwhile.at(1, lambda: office.hand_in("contracts", word, by="li"))
    report = office.hand_in("contracts", word)
    assert (report.changed, report.unchanged, report.proposed) == (0, 1, 0)
    assert office.proposals() == []


def test_a_breach_that_comes_in_mid_judgement_cannot_be_taken_back_by_it(
    office, long_course, meanwhile
):
    long_course.contracts[0]["lessons"] = "40"
    office.settle(long_course)
    wrong = smaller(long_course, "61")
    meanwhile.at(1, lambda: office.hand_in("contracts", wrong, by="li"))
    report = office.hand_in("contracts", smaller(long_course, "39"))
    assert (report.changed, report.proposed) == (0, 1)
    (proposal,) = office.proposals()
    assert (proposal["old"], proposal["new"]) == ({"lessons": 61}, {"lessons": 39})


def test_a_check_in_mid_judgement_has_its_alerts_wait_for_the_change(
    office, long_course, meanwhile
):
    long_course.contracts[0]["lessons"] = "40"
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course, "61"), by="li")
    meanwhile.at(1, office.check)
    assert office.hand_in("contracts", smaller(long_course, "40")).proposed == 1
    (proposal,) = office.proposals()
    assert office.alert(RULE)["id"] in proposal["alerts"]


def test_where_it_moves_again_and_again_nothing_is_taken(office, long_course, meanwhile):
    office.settle(long_course)
    before = imports(office.app)
    meanwhile.at("always", lambda: changed(office.app))
    new = {**long_course.contracts[1], "contract_no": "NEU"}
    with pytest.raises(TryLaterError) as refusal:
        office.hand_in("contracts", smaller(long_course), new)
    assert (refusal.value.code, refusal.value.seconds) == ("OFFICE-BUSY", 10)
    assert meanwhile.judged % TRIES == 0
    assert (imports(office.app), office.proposals()) == (before, [])
    meanwhile.at("always", lambda: None)
    assert office.hand_in("contracts", smaller(long_course), new).new == 1


def test_bad_rows_are_told_once_however_often_it_was_begun_anew(office, long_course, meanwhile):
    office.settle(long_course)
    meanwhile.at(1, lambda: changed(office.app))
    bad = {**long_course.contracts[1], "lessons": "many"}
    kept: list[Rejects] = []
    report = office.hand_in(
        "contracts", smaller(long_course), bad, skip_bad=True, keep=lambda bad: kept.append(bad)
    )
    assert (report.bad, report.proposed, len(report.problems), len(kept)) == (1, 1, 2, 1)


def test_the_writing_itself_judges_nothing(office, long_course, meanwhile, monkeypatch):
    office.settle(long_course)
    begin, judged = Database.transaction, []

    def begin_noting(database, **options):
        judged.append(meanwhile.judged)
        return begin(database, **options)

    monkeypatch.setattr(Database, "transaction", begin_noting)
    office.hand_in("contracts", smaller(long_course))
    assert judged == [meanwhile.judged]


def test_a_match_is_judged_beside_the_writers_and_anew_where_the_school_changed(
    strict, unnamed, meanwhile
):
    strict.settle(unnamed)
    entry = f"{unnamed.account_no}/2026-07-03/90000/1"
    number = unnamed.contracts[0]["contract_no"]
    given = {"amount_fen": None, "actor": "li", "reason": "家长来电"}
    meanwhile.at(1, lambda: changed(strict.app))
    meanwhile.at(2, lambda: noted(strict.app))
    assert set_match(strict.app, entry, number, **given) == (1, True)
    assert meanwhile.judged == 4


def test_a_match_whose_school_changes_again_and_again_is_refused_and_not_put_down(
    strict, unnamed, meanwhile
):
    strict.settle(unnamed)
    entry = f"{unnamed.account_no}/2026-07-03/90000/1"
    number = unnamed.contracts[0]["contract_no"]
    meanwhile.at("always", lambda: changed(strict.app))
    with pytest.raises(TryLaterError):
        set_match(strict.app, entry, number, amount_fen=None, actor="li", reason="家长来电")
    with strict.app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(manual_match)) == 0


def test_a_match_is_taken_back_beside_the_writers(strict, unnamed, meanwhile):
    strict.settle(unnamed)
    entry = f"{unnamed.account_no}/2026-07-03/90000/1"
    number = unnamed.contracts[0]["contract_no"]
    office = replace(strict.app, config=replace(strict.app.config, people=People()))
    key, _ = set_match(office, entry, number, amount_fen=None, actor="li", reason="家长来电")
    meanwhile.at(1, lambda: changed(strict.app))
    assert undo_match(strict.app, key, actor="li", reason="家长改口") == (key, False)
    assert meanwhile.judged == 4
