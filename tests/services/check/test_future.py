"""A check of a day to come is refused; one that an administrator insisted on can be taken back."""

import pytest
from worlds import builder
from worlds.builder import School, build

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check import future
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.check.future import require_past, take_back
from feewatch.services.check.keeping import check_and_keep, read_kept
from feewatch.services.people import users
from feewatch.store.check import checks

TODAY = parse_day(builder.AS_OF)
YEARS_ON = parse_day("2036-08-02")


@pytest.fixture
def office(any_app, tmp_path):
    """One contract that was never paid for and one short deposit; the clock stands at their day."""
    unpaid, short = School(1), School(2, opening="100.00")
    unpaid.contract(arrives="")
    short.facts["custody"] = "risk_deposit"
    short.account |= {"kind": "deposit", "statement_cycle": "monthly"}
    short.contract(paid_on="2026-07-20", arrives="")
    build(any_app, [unpaid, short], tmp_path / "world")
    for name, role in (("gu", "administrator"), ("li", "officer")):
        users.add_user(any_app, name, role, password="correct horse", actor="test")
    moment = clock.dt.datetime.fromisoformat(f"{builder.AS_OF}T10:00:00+08:00")
    with clock.fixed(moment):
        yield any_app


def standing(app):
    """The alerts that stand: rule, subject, day, severity."""
    rows = list_alerts(app, status=None, rule=None, uscc=None)
    return sorted(
        (row["rule"], str(row["subject"]), row["on"], row["severity"])
        for row in rows
        if row["status"] in ("open", "in_case")
    )


def test_a_day_to_come_is_refused_but_for_an_administrator(office):
    require_past(office, TODAY, act="check", forced_by=None)
    with pytest.raises(InvalidInputError, match="晚于今天"):
        require_past(office, TODAY + 1, act="check", forced_by=None)
    with pytest.raises(ForbiddenError):
        require_past(office, TODAY + 1, act="check", forced_by="li")
    require_past(office, TODAY + 1, act="check", forced_by="gu")


def test_a_check_of_a_wrong_day_leaves_nothing_once_it_is_taken_back(office):
    run_check(office, TODAY, full=True)
    before = standing(office)
    assert before
    run_check(office, YEARS_ON, full=True)
    assert standing(office) != before
    back = take_back(office, actor="gu", reason="时钟走错")
    assert back.as_of == TODAY
    assert standing(office) == before
    with office.database.reading() as tx:
        assert checks.latest_as_of(tx) == TODAY
    breaches = [each for each in list_findings(office, TODAY) if each.outcome == "breach"]
    assert len(breaches) == back.breaches


def test_no_standing_of_a_day_that_was_taken_back_is_read(office, monkeypatch):
    """Not either where the check of today that follows is broken off."""
    check_and_keep(office, TODAY, full=True)
    check_and_keep(office, YEARS_ON, full=True)
    assert read_kept(office, Scope()).as_of == YEARS_ON

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(future, "check_and_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            take_back(office, actor="gu", reason="时钟走错")
    assert read_kept(office, Scope()) is None
    check_and_keep(office, TODAY, full=True)
    assert read_kept(office, Scope()).as_of == TODAY


def test_only_an_administrator_with_a_reason_takes_back_and_only_what_there_is(office):
    run_check(office, TODAY, full=True)
    with pytest.raises(ConflictError):
        take_back(office, actor="gu", reason="无")
    run_check(office, YEARS_ON)
    with pytest.raises(ForbiddenError):
        take_back(office, actor="li", reason="时钟走错")
    with pytest.raises(InvalidInputError):
        take_back(office, actor="gu", reason=" ")
