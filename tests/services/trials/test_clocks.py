"""Two clocks: a past day judged by the law and on the data of then or of now."""

import datetime as dt

import pytest
from offices import initialise
from worlds.builder import School, build

from feewatch.config import Config, DatabaseConfig, Folders, Office
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import NotFoundError, UnavailableError
from feewatch.services.check.checking import run_check
from feewatch.services.intake.manual_matches import set_match
from feewatch.services.intake.recording import ingest
from feewatch.services.people.users import add_user
from feewatch.services.registers.importing import import_registers
from feewatch.services.trials.clocks import Clocks, list_findings_then
from feewatch.store.tables import metadata

AS_OF = parse_day("2026-07-31")
STATEMENT = """账号,{no}
起止日期,{first},{last}
期初余额,{balance}
账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号
期末余额,{balance}
"""


def at(day):
    return clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00"))


@pytest.fixture
def office(request, any_app, tmp_path):
    """The installation with a folder of rules of its own, which may change between checks."""
    (tmp_path / "own").mkdir()
    config = Config(
        any_app.config.folder,
        Office(district="370702"),
        database=DatabaseConfig(any_app.config.database.url),
        rules=Folders([str(tmp_path / "own")]),
    )
    app = initialise(config)
    yield app
    app.database.dispose()


def outcome(app, rule, **clocks):
    found = list_findings_then(app, AS_OF, Clocks(**clocks), rules=[rule])
    return sorted((each.identity.subject_id, each.outcome) for each in found)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def set_limit(tmp_path, lessons):
    """The office's own book with another limit of lessons."""
    folder = tmp_path / "own" / "parameters"
    folder.mkdir(exist_ok=True)
    text = f"""
[prepaid_lessons_max]
title = {{ zh = "课时上限", en = "Most lessons" }}
unit = "lessons"
[[prepaid_lessons_max.values]]
jurisdiction = "000000"
from = 2021-10-29
value = {lessons}
source = "prepaid-2021"
article = "一次收费的时长和课时上限"
checked = 2026-11-23
"""
    write(folder / "own.toml", text)


@pytest.fixture
def world(any_app, tmp_path):
    """A contract of 61 lessons, a lesson held; all of it known on 31 July."""
    school = School(1, opening="1000.00")
    number = school.contract(lessons="61", paid_on="2026-04-01")
    school.lessons = [(number, "2026-07-10", 1), (number, "2026-07-11", 1)]
    with at("2026-07-31"):
        build(any_app, [school], tmp_path / "world")
    return any_app, school, number


def correct_contract(app, school, number, tmp_path, **given):
    row = school.contracts[0] | given
    path = write(tmp_path / "again.csv", ",".join(row) + "\n" + ",".join(row.values()) + "\n")
    report = import_registers(app, "contracts", path, actor="test")
    assert report.changed == 1, report


def test_a_correction_after_the_day_changes_now_and_not_then(world, tmp_path):
    app, school, number = world
    with at("2026-08-05"):
        correct_contract(app, school, number, tmp_path, lessons="60")
    assert outcome(app, "FEE-HOURS-60") == [(number, "compliant")]
    assert outcome(app, "FEE-HOURS-60", data=AS_OF) == [(number, "breach")]
    # five days later the correction was known
    assert outcome(app, "FEE-HOURS-60", data=AS_OF + 5) == [(number, "compliant")]


def test_what_came_after_the_day_was_not_known_then(world, tmp_path):
    app, _, number = world
    late = School(2)
    late.contract(lessons="61", arrives="")
    with at("2026-08-05"):
        build(app, [late], tmp_path / "late")
    assert len(outcome(app, "FEE-HOURS-60")) == 2
    assert outcome(app, "FEE-HOURS-60", data=AS_OF) == [(number, "breach")]


def test_a_lesson_cancelled_after_the_day_was_held_then(world, tmp_path):
    app, school, number = world
    cover = outcome(app, "BAL-COVER")
    with at("2026-08-05"):
        for day in ("2026-07-10", "2026-07-11"):
            text = f"contract_no,held_on,lessons,uscc\n{number},{day},0,{school.uscc}\n"
            path = write(tmp_path / "cancel.csv", text)
            assert import_registers(app, "lessons", path, actor="test").changed == 1
        correct_contract(app, school, number, tmp_path, fee="1001.00")
    # 1,001.00 with nothing held against 1,000.00; then 1,000.00 less two lessons
    assert outcome(app, "BAL-COVER") == [(school.uscc, "breach")]
    assert outcome(app, "BAL-COVER", data=AS_OF) == cover == [(school.uscc, "compliant")]


def test_a_statement_received_after_the_day_was_missing_then(any_app, tmp_path):
    school = School(1, opening="1000.00", period=("2026-05-01", "2026-07-01"))
    school.contract(paid_on="2026-04-01")
    with at("2026-07-31"):
        build(any_app, [school], tmp_path / "world")
    text = STATEMENT.format(
        no=school.account_no, first="2026-07-02", last="2026-07-31", balance="1000.00"
    )
    late = write(tmp_path / "late.csv", text)
    with at("2026-08-02"):
        (taken,) = ingest(any_app, [late], actor="test")
        assert taken.as_json()["status"] == "accepted", taken
    assert outcome(any_app, "BAL-COVER") == [(school.uscc, "compliant")]
    assert outcome(any_app, "BAL-COVER", data=AS_OF) == [(school.uscc, "undetermined")]


def test_the_law_as_it_stood_is_the_book_that_was_in_use(office, tmp_path):
    school = School(1)
    number = school.contract(lessons="50")
    build(office, [school], tmp_path / "world")
    set_limit(tmp_path, 48)
    with at("2026-07-31"):
        run_check(office, AS_OF)
    set_limit(tmp_path, 55)
    with at("2026-08-10"):
        run_check(office, AS_OF + 10)
    assert outcome(office, "FEE-HOURS-60") == [(number, "compliant")]
    assert outcome(office, "FEE-HOURS-60", law=AS_OF) == [(number, "breach")]
    assert outcome(office, "FEE-HOURS-60", law=AS_OF + 9) == [(number, "breach")]
    assert outcome(office, "FEE-HOURS-60", law=AS_OF + 10) == [(number, "compliant")]
    with pytest.raises(NotFoundError, match="the first is of 2026-07-31"):
        outcome(office, "FEE-HOURS-60", law=AS_OF - 1)


def test_a_book_in_a_form_no_longer_read_is_answered_in_words(office, tmp_path):
    build(office, [School(1)], tmp_path / "world")
    with at("2026-07-31"):
        run_check(office, AS_OF)
    with office.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE rule_book_file SET content = 'certainty = 1'")
    with pytest.raises(UnavailableError, match="in a form that this version no longer reads"):
        outcome(office, "FEE-HOURS-60", law=AS_OF)


def test_looking_back_writes_nothing(world):
    app, *_ = world
    with at("2026-07-31"):
        run_check(app, AS_OF)

    def contents():
        with app.database.reading() as tx:
            return {each.name: tx.execute(each.select()).all() for each in metadata.sorted_tables}

    before = contents()
    files = sorted(path.name for path in app.files.rglob("*"))
    outcome(app, "FEE-HOURS-60", law=AS_OF, data=AS_OF)
    assert contents() == before
    assert sorted(path.name for path in app.files.rglob("*")) == files


def test_what_was_known_on_a_day_gives_what_a_check_of_that_day_gave(world):
    app, *_ = world
    with at("2026-07-31"):
        run_check(app, AS_OF)
    now = list_findings_then(app, AS_OF, Clocks())
    then = list_findings_then(app, AS_OF, Clocks(law=AS_OF, data=AS_OF))
    # institutions are numbered anew in the rebuilt installation
    assert [(each.identity, each.outcome, each.reason) for each in then] == [
        (each.identity, each.outcome, each.reason) for each in now
    ]


def test_an_officers_match_counts_from_the_day_it_was_decided(any_app, tmp_path):
    school = School(1)
    number = school.contract(arrives="", fee="1000.00")
    school.entries.append(("2026-07-02", "600.00", "王女士", "学费"))
    with at("2026-07-31"):
        build(any_app, [school], tmp_path / "world")
        add_user(any_app, "anna", "officer", password="correct horse", actor="cli")
    entry = f"{school.account_no}/2026-07-02/60000/1"
    with at("2026-08-05"):
        set_match(any_app, entry, number, amount_fen=None, actor="anna", reason="家长来电")
    assert outcome(any_app, "ACC-UNMATCHED") == [(entry, "compliant")]
    assert outcome(any_app, "ACC-UNMATCHED", data=AS_OF) == [(entry, "breach")]
    assert outcome(any_app, "ACC-UNMATCHED", data=AS_OF + 5) == [(entry, "compliant")]
