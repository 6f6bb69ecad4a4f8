"""What the desk reads is the same on both databases, within the scope of who reads."""

import datetime as dt

import pytest
from sqlalchemy import insert, select, text, update
from standings import keep_standings

from feewatch.kernel import clock
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.cases import steps
from feewatch.services.cases.desk import get_institution
from feewatch.services.check import early_warning
from feewatch.services.check.checking import run_check
from feewatch.services.check.early_warning import read_early_warning
from feewatch.services.check.keeping import (
    check_and_keep,
    read_kept,
    read_warning,
    write_standings,
)
from feewatch.services.desk.board import read_board
from feewatch.services.desk.bulk import act_on_many
from feewatch.services.desk.district import list_month, read_district
from feewatch.services.desk.inbox import GROUPS, read_inbox
from feewatch.services.desk.institution import read_state
from feewatch.services.desk.today import list_missing, read_today
from feewatch.services.people.users import get_user
from feewatch.store.check import standings_kept
from feewatch.store.pages.board import SORTS as BOARD_SORTS
from feewatch.store.pages.board import WAITS, WantedCases
from feewatch.store.pages.inbox import SORTS, Wanted
from feewatch.store.state import mark_changed
from feewatch.store.tables import casework, checks, ledger
from feewatch.store.tables.registers import account
from tests.web import conftest as world
from tests.web.conftest import LUZHI, NOW, day

PLACE = Scope("370702")


@pytest.fixture
def office(any_app):
    """The small world behind the pages, checked this morning."""
    with any_app.database.transaction() as tx:
        world._people(tx)
        world._registers(tx)
        world._ledger(tx)
        world._alerts(tx)
        tx.execute(
            insert(checks.check_run),
            {"at": "2026-07-15T01:30:00+08:00", "as_of": day("2026-07-15"), "full": False}
            | {"rule_book": "rb", "counts": {}},
        )
    with clock.fixed(NOW):
        yield any_app


def test_today_counts_what_lies_in_the_place(office):
    today = read_today(office, get_user(office, "officer"), mine=False)
    assert today.counts["matters"] == 2
    assert today.counts["red_new"] == 1
    assert today.counts["missing"] == 1
    assert [row.uscc for row in today.missing] == [LUZHI]
    assert today.pulse.checked_as_of == day("2026-07-15")
    assert not today.pulse.is_check_late
    assert not today.is_fresh
    assert read_today(office, get_user(office, "nanjing"), mine=False).counts["red_new"] == 1


@pytest.mark.parametrize("by", GROUPS)
@pytest.mark.parametrize("sort", SORTS)
def test_the_inbox_stands_in_every_order_and_grouping(office, by, sort):
    inbox = read_inbox(office, Scope(), Wanted(status="open", sort=sort), by, 1)
    assert inbox.matters == 4
    assert inbox.facets["severity"] == {"orange": 1, "red": 2, "yellow": 1}
    assert inbox.page.total == {"institution": 3, "rule": 2, "none": 4}[by]
    assert len(inbox.page.rows) == inbox.page.total


def test_the_inbox_is_searched_in_one_place_only(office):
    for word in ("宁知", "M4", "HT1"):
        inside = read_inbox(office, PLACE, Wanted(text=word), "none", 1).page.rows
        assert all(line.row.district == "370702" for line in inside), word
    assert len(read_inbox(office, Scope(), Wanted(text="M4"), "none", 1).page.rows) == 1


@pytest.mark.parametrize("sort", BOARD_SORTS)
def test_the_board_stands_in_every_order_and_by_what_it_waits_for(office, sort):
    officer = get_user(office, "officer")
    act_on_many(office, [1, 2, 3, 4], "triage", actor="officer", reason="核实")
    with office.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(state="notified", deadline=day("2026-07-14")))
    for waits in ("", "any", *WAITS):
        board = read_board(office, officer, WantedCases(waits=waits, sort=sort), 1)
        assert board.page.total == (1 if waits in ("", "any", "overdue") else 0), waits
        assert board.page.total == len(board.page.rows)
    (row,) = read_board(office, officer, WantedCases(), 1).page.rows
    assert (row.matters, int(row.sum_fen)) == (2, 500_000)


def test_many_at_once_take_one_transaction_an_institution(office):
    results = act_on_many(office, [1, 2, 3, 4], "triage", actor="officer", reason="核实")
    assert [(each.matters, bool(each.case), bool(each.refusal)) for each in results] == [
        ([3], False, True), ([4], False, True), ([1, 2], True, False),
    ]  # fmt: skip
    with office.database.reading() as tx:
        assert len(tx.execute(select(casework.case_file)).all()) == 1


def test_what_a_check_kept_is_what_would_be_worked_out(office):
    assert read_kept(office, Scope()) is None  # this check kept nothing
    worked_out = read_warning(office, Scope())
    keep_standings(office)
    assert read_kept(office, Scope()) == worked_out
    assert {each.district for each in read_kept(office, PLACE).institutions} == {"370702"}
    assert len(read_kept(office, Scope(institution_id=1)).institutions) == 1
    assert read_warning(office, Scope(), window_days=60).window_days == 60
    with office.database.transaction() as tx:  # a later check that kept nothing yet
        tx.execute(
            insert(checks.check_run),
            {"at": "2026-07-16T01:30:00+08:00", "as_of": day("2026-07-16"), "full": False}
            | {"rule_book": "rb", "counts": {}},
        )
    assert read_kept(office, Scope()) is None


def number_on(office):
    """Let PostgreSQL number later rows after those that the world has numbered itself."""
    if not office.database.is_sqlite:
        with office.database.transaction() as tx:
            for name in ("matter", "alert_event", "check_run"):
                tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1000)"))


def begin_check(office, as_of):
    """The key of a check that has begun."""
    row = {"at": "2026-07-16T01:30:00+08:00", "as_of": day(as_of), "full": False, "rule_book": "rb"}
    made = insert(checks.check_run).values(**row, counts={}, is_unfinished=True)
    with office.database.transaction() as tx:
        return tx.execute(made.returning(checks.check_run.c.id)).scalar_one()


def end_check(office, run):
    ended = update(checks.check_run).where(checks.check_run.c.id == run)
    with office.database.transaction() as tx:
        tx.execute(ended.values(is_unfinished=False))


def test_what_is_kept_is_read_once_it_is_whole(office):
    keep_standings(office, at_once=1)
    whole = read_kept(office, Scope())
    assert whole is not None
    keys = [each.institution_id for each in whole.institutions]
    assert len(keys) > 1
    with office.database.reading() as tx:
        rows = [row._asdict() for row in tx.execute(select(checks.cover_standing))]
    number_on(office)
    later = begin_check(office, "2026-07-16")
    with office.database.transaction() as tx:
        standings_kept.begin(tx, later)
        standings_kept.put(tx, later, rows[:1])
    assert read_kept(office, Scope()) == whole  # a later check has kept some
    with office.database.transaction() as tx:
        standings_kept.begin(tx, later)  # it was ended and goes about it anew
        standings_kept.put(tx, later, rows)
    assert read_kept(office, Scope()) == whole
    with office.database.transaction() as tx:
        assert not standings_kept.end(tx, later, [*keys, 99], ())  # another took some away
    assert read_kept(office, Scope()) == whole
    with office.database.transaction() as tx:
        standings_kept.put(tx, later, rows[:1])
        assert standings_kept.end(tx, later, keys[:1], keys[-1:])
    end_check(office, later)
    after = read_kept(office, Scope())
    assert after.as_of == day("2026-07-16")
    assert {each.institution_id for each in after.institutions} == {*keys[:-1]}
    end_check(office, begin_check(office, "2026-07-16"))
    assert read_kept(office, Scope()) is None  # a check kept nothing


def written_by(office):
    """Institution -> the check that wrote its standing."""
    with office.database.reading() as tx:
        columns = checks.cover_standing.c
        return dict(tx.execute(select(columns.institution_id, columns.check_run_id)).all())


def test_a_check_writes_the_standings_that_differ_and_works_out_those_it_looked_at(
    office, monkeypatch
):
    worked_out = []
    real = early_warning.read_standings

    def noting(app, institutions, as_of):
        worked_out.append({*institutions})
        return real(app, institutions, as_of)

    monkeypatch.setattr(early_warning, "read_standings", noting)
    number_on(office)
    begin_check(office, "2026-07-14")  # broken off
    check_and_keep(office, day("2026-07-17"), full=True)
    everybody = {*written_by(office)}
    assert len(everybody) > 1
    assert set().union(*worked_out) == everybody
    first = written_by(office)

    worked_out.clear()
    check_and_keep(office, day("2026-07-17"))  # nothing is new
    assert worked_out == []
    assert written_by(office) == first
    assert read_kept(office, Scope()) == read_early_warning(office, Scope())

    with office.database.transaction() as tx:
        tx.execute(update(ledger.account_day).values(closing_fen=1))
        mark_changed(tx, [1])
    worked_out.clear()
    check_and_keep(office, day("2026-07-17"))
    assert worked_out == [{1}]
    later = written_by(office)
    assert [key for key in everybody if later[key] != first[key]] == [1]

    worked_out.clear()
    check_and_keep(office, day("2026-07-18"))  # another day: all, of which most stay as they are
    assert set().union(*worked_out) == everybody
    kept = read_kept(office, Scope())
    assert kept.as_of == day("2026-07-18")
    assert kept == read_early_warning(office, Scope())


def test_what_the_check_before_kept_is_read_until_the_next_one_ends(office):
    keep_standings(office)
    before = read_kept(office, Scope())
    seen = []

    def look(app, run, looked_at, aside):
        end = write_standings(app, run, looked_at, aside)
        seen.append(read_kept(office, Scope()))
        return end

    number_on(office)
    run_check(office, day("2026-07-17"), full=True, before_end=look)
    assert seen == [before]
    after = read_kept(office, Scope())
    assert (before.as_of, after.as_of) == (day("2026-07-15"), day("2026-07-17"))
    assert after == read_early_warning(office, Scope())


def test_the_district_s_figures_add_up(office):
    keep_standings(office)
    view = read_district(office, PLACE)
    assert view.whole.institutions == 1
    assert view.ages == {"red": [1, 0, 0, 0], "orange": [1, 0, 0, 0]}
    month = {month.name: month for month in view.months}
    assert list(month) == ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]
    assert month["2026-07"].matters == 2
    # opened 2025-11-01, covered from 2025-12-01 to 2026-05-31
    assert (month["2026-02"].days, month["2026-02"].covered) == (28, 28)
    assert (month["2026-06"].days, month["2026-06"].covered) == (30, 0)
    assert (month["2026-07"].days, month["2026-07"].covered) == (15, 0)  # to today
    assert view.shares["370702"][3] == 1
    with clock.fixed(NOW + dt.timedelta(days=40)):
        later = read_district(office, PLACE)
    assert later.ages["red"] == [0, 0, 1, 0]


def test_an_account_asks_for_no_days_before_it_was_opened_or_after_it_was_closed(office):
    change = {"opened_on": day("2026-03-11"), "closed_on": day("2026-04-11")}
    with office.database.transaction() as tx:
        tx.execute(update(account).where(account.c.id == 1).values(**change))
    months = {month.name: month for month in read_district(office, PLACE).months}
    assert (months["2026-02"].days, months["2026-02"].covered) == (0, 0)
    assert months["2026-02"].share is None
    assert (months["2026-03"].days, months["2026-03"].covered) == (21, 21)
    assert (months["2026-04"].days, months["2026-04"].covered) == (10, 10)
    assert months["2026-05"].days == 0


def test_missing_accounts_come_page_by_page(office):
    page = list_missing(office, Scope(), 1)
    assert page.total == len(page.rows) == 3
    assert [row.days for row in page.rows] == sorted((row.days for row in page.rows), reverse=True)


def test_the_figures_of_a_wide_place_stand_by_the_places_next_below(office):
    keep_standings(office)
    for scope, places in (
        (Scope(), {"320000", "370000"}),
        (Scope("370000"), {"370700"}),
        (Scope("370700"), {"370702", "370703"}),
    ):
        view = read_district(office, scope)
        assert {row.district for row in view.districts} <= places
        assert {row.district for row in view.districts} & places
        assert sum(row.institutions for row in view.districts) == view.whole.institutions
        assert set(view.shares) <= places
    inside = read_district(office, Scope("370000"), "370702")
    assert inside == read_district(office, PLACE)
    with pytest.raises(InvalidInputError, match="不在辖区内"):
        read_district(office, Scope("370702"), "320000")


def test_the_rows_of_a_month_come_to_its_figures(office):
    for month in read_district(office, Scope("370700")).months:
        page = list_month(office, Scope("370700"), month.name, "", 1)
        assert sum(row.days for row in page.rows) == month.days
        assert sum(row.covered for row in page.rows) == month.covered
        inside = list_month(office, Scope("370700"), month.name, "370702", 1)
        assert {row.district for row in inside.rows} <= {"370702"}
    with pytest.raises(InvalidInputError, match="月份应为"):
        list_month(office, PLACE, "2026-13", "", 1)


def test_cases_by_the_month_of_their_opening_and_closing(office):
    officer = get_user(office, "officer")
    steps.open_case(office, [1], actor="officer", reason="立案")
    with office.database.transaction() as tx:
        tx.execute(update(casework.case_file).values(closed_on=day("2026-07-14")))
    july, june = (day("2026-07-01"), day("2026-07-31")), (day("2026-06-01"), day("2026-06-30"))
    for wanted, count in (
        (WantedCases(opened="2026-07"), 1),
        (WantedCases(opened="2026-06"), 0),
        (WantedCases(closed=july), 1),
        (WantedCases(closed=june), 0),
    ):
        assert read_board(office, officer, wanted, 1).page.total == count


def test_how_an_institution_stands_says_cover_and_days_of_statements_by_account(office):
    keep_standings(office)
    dossier = get_institution(office, PLACE, LUZHI)
    state = read_state(office, dossier)
    assert state.cover.uscc == LUZHI
    assert state.edition is None
    [(_, months), *_] = [row for row in state.calendar if row[0].id == 1]
    named = {month.name: month for month in months}
    assert (named["2026-05"].state, named["2026-05"].covered) == ("whole", 31)
    assert (named["2026-06"].state, named["2026-06"].days) == ("missing", 30)
    assert (named["2026-07"].state, named["2026-07"].days) == ("missing", 15)
    assert (named["2025-11"].state, named["2025-11"].days) == ("before", 30)
    assert named["2025-10"].state == "none"
