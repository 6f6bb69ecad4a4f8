"""The check: who is looked at again and when, what it changes in alerts, what it leaves alone."""

import pytest
from worlds import builder
from worlds.builder import School, build

from feewatch.casework.workdays import add_working_days
from feewatch.config import Config, RuleFolders
from feewatch.engine.loader import SHIPPED
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check import checking, findings, judgement
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.store.cases.alerts import list_events
from feewatch.store.check import checks
from feewatch.store.state import list_to_match, mark_changed

AS_OF = parse_day(builder.AS_OF)


def day(text):
    return parse_day(text)


def alerts(app, rule=None):
    return list_alerts(app, status=None, rule=rule, uscc=None)


def changes(app, alert):
    with app.database.reading() as tx:
        return [each["change"] for each in list_events(tx, alert["id"])]


def unpaid(number=1):
    """A contract whose fee never arrived: ACC-OFF."""
    school = School(number)
    school.contract(arrives="")
    return school


def short_deposit(cycle="monthly"):
    """A deposit of 100.00 against a fee of 1,000.00, its account covered to 2026-07-31."""
    school = School(1, opening="100.00")
    school.facts["custody"] = "risk_deposit"
    school.account |= {"kind": "deposit", "statement_cycle": cycle}
    school.contract(paid_on="2026-07-20", arrives="")
    return school


def test_nobody_is_looked_at_twice_without_need(any_app, tmp_path):
    build(any_app, [unpaid(1), unpaid(2)], tmp_path / "world")
    first = run_check(any_app, AS_OF, full=True)
    assert (first.institutions, first.opened) == (2, 2)
    again = run_check(any_app, AS_OF)
    assert (again.institutions, again.opened, again.withdrawn, again.recovered) == (0, 0, 0, 0)


def test_one_institution_can_be_checked_alone(any_app, tmp_path):
    schools = [unpaid(1), unpaid(2)]
    build(any_app, schools, tmp_path / "world")
    report = run_check(any_app, AS_OF, uscc=schools[1].uscc)
    assert (report.institutions, report.opened) == (1, 1)
    assert {each["uscc"] for each in alerts(any_app)} == {schools[1].uscc}
    with pytest.raises(NotFoundError):
        run_check(any_app, AS_OF, uscc="91370702MA3TEST00X")


def test_an_earlier_as_of_gives_findings_and_changes_no_alert(any_app, tmp_path):
    build(any_app, [unpaid()], tmp_path / "world")
    run_check(any_app, AS_OF)
    before = alerts(any_app)
    report = run_check(any_app, AS_OF - 40, full=True)
    assert report.evaluated > 0
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
    assert alerts(any_app) == before
    assert run_check(any_app, AS_OF).institutions == 0


@pytest.mark.parametrize("uscc", [None, School(1).uscc])
def test_rows_booked_after_each_matching_are_judged_once_matched_while_nobody_books(
    any_app, tmp_path, monkeypatch, uscc
):
    """Until then rows carry the kind of first sight, which matching may correct."""
    schools = [unpaid(1), unpaid(2)]
    build(any_app, schools, tmp_path / "world")

    with any_app.database.reading() as tx:
        changed, other = (checks.find_institution(tx, each.uscc) for each in schools)
    judged = []

    def judge_and_note(app, tx, book, as_of, institutions, **how):
        assert not institutions & {*list_to_match(tx)}
        judged.append(institutions)
        return judgement.judge(app, tx, book, as_of, institutions, **how)

    def match_and_change(app, **how):
        match_changed(app, **how)
        with app.database.transaction() as tx:
            mark_changed(tx, [changed])

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(checking, "match_changed", match_and_change)
        meanwhile.setattr(checking, "judge", judge_and_note)
        meanwhile.setattr(findings, "match_changed", match_and_change)
        report = run_check(any_app, AS_OF, uscc=uscc)
        found = list_findings(any_app, AS_OF)
    wanted = schools[:1] if uscc else schools
    assert report.institutions == len(wanted)
    assert {each["uscc"] for each in alerts(any_app)} == {each.uscc for each in wanted}
    assert [changed in each for each in judged] == [False, False, True]
    assert {each.institution_id for each in found} - {None} == {other}
    assert run_check(any_app, AS_OF).opened == 2 - len(wanted)


def test_a_state_has_one_alert_while_it_lasts_and_recovers(any_app, tmp_path):
    build(any_app, [short_deposit()], tmp_path / "world")
    for later in range(3):
        run_check(any_app, AS_OF + later)
    (alert,) = alerts(any_app, "DEP-MIN")
    assert (alert["on"], alert["measured"], alert["limit"]) == (format_day(AS_OF), 10000, 100000)
    assert changes(any_app, alert) == ["opened"]

    top_up = School(1, opening="100.00", period=("2026-08-01", "2026-08-05"))
    top_up.account |= {"kind": "deposit"}
    top_up.entries.append(("2026-08-05", "900.00", "测试1号", "补足保证金"))
    builder._statement(top_up, tmp_path / "top_up.csv")
    list(ingest(any_app, [tmp_path / "top_up.csv"], actor="test"))
    report = run_check(any_app, AS_OF + 6)
    assert report.recovered == 1
    (alert,) = alerts(any_app, "DEP-MIN")
    assert (alert["status"], alert["recovered_on"]) == ("open", format_day(AS_OF + 6))


def test_a_short_deposit_turns_red_after_ten_working_days_with_no_other_news(any_app, tmp_path):
    build(any_app, [short_deposit()], tmp_path / "world")
    red_on = add_working_days(AS_OF, 10).day
    assert format_day(red_on) == "2026-08-14"
    severities = []
    for as_of in range(AS_OF, red_on + 1):
        run_check(any_app, as_of)
        severities.append(alerts(any_app, "DEP-MIN")[0]["severity"])
    assert severities == ["orange"] * 14 + ["red"]
    assert changes(any_app, alerts(any_app, "DEP-MIN")[0]) == ["opened", "raised"]


def test_an_estimate_that_begins_later_is_looked_at_when_it_begins(any_app, tmp_path):
    """A fee of 310.00 for August, prepaid; 300.00 are there: covered once a day was taught."""
    school = School(1, opening="-10.00")
    school.account["statement_cycle"] = "monthly"
    school.contract(basis="period", lessons="", fee="310.00", starts_on="2026-08-10",
                    ends_on="2026-09-09", paid_on="2026-07-30")  # fmt: skip
    build(any_app, [school], tmp_path / "world")
    found = {}
    for as_of in range(AS_OF, day("2026-08-11")):
        run_check(any_app, as_of)
        (alert,) = alerts(any_app, "BAL-COVER")
        found[as_of] = alert["recovered_on"]
    assert found[day("2026-08-09")] is None
    assert found[day("2026-08-10")] == "2026-08-10"


def office_app(app, tmp_path, change):
    """The same installation with a folder of the office's own rules laid over the book."""
    folder = tmp_path / "office" / "rulebook"
    folder.mkdir(parents=True, exist_ok=True)
    change(folder)
    config = Config(
        app.config.folder, app.config.office, database=app.config.database,
        rules=RuleFolders([str(folder.parent)]),
    )  # fmt: skip
    return type(app)(config, app.database)


def own_rule(source, name, **replaced):
    def change(folder):
        text = (SHIPPED / "rulebook" / f"{source}.toml").read_text(encoding="utf-8")
        for old, new in {f'id = "{source}"': f'id = "{name}"', **replaced}.items():
            assert old in text
            text = text.replace(old, new)
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")

    return change


@pytest.mark.parametrize("source", ["ACC-OFF", "DEP-MIN"])
def test_a_rule_taken_out_of_the_book_withdraws_its_alerts(any_app, tmp_path, source):
    school = unpaid() if source == "ACC-OFF" else short_deposit()
    build(any_app, [school], tmp_path / "world")
    app = office_app(any_app, tmp_path, own_rule(source, "OWN-1"))
    run_check(app, AS_OF)
    (alert,) = alerts(app, "OWN-1")
    assert alert["status"] == "open"

    app = office_app(any_app, tmp_path, lambda folder: (folder / "OWN-1.toml").unlink())
    report = run_check(app, AS_OF + 1)
    assert report.withdrawn == 1
    (after,) = alerts(app, "OWN-1")
    assert after["status"] == "withdrawn"
    assert "规则库" in after["withdrawn_reason"]
    unchanged = ("measured", "limit", "basis", "evidence", "calculation", "opened_at")
    assert all(after[key] == alert[key] for key in unchanged)
    assert changes(app, after) == ["opened", "withdrawn"]
    assert alerts(app, source)[0]["status"] == "open"


def test_a_law_that_ends_is_a_day_on_which_all_are_looked_at(any_app, tmp_path):
    school = School(1, period=("2026-05-01", "2026-07-01"))
    school.account["statement_cycle"] = "monthly"
    build(any_app, [school], tmp_path / "world")
    ends = {"from = 2025-03-26": "from = 2025-03-26\nto = 2026-08-15"}
    app = office_app(any_app, tmp_path, own_rule("DATA-STALE", "OWN-1", **ends))
    run_check(app, day("2026-08-10"))
    assert alerts(app, "OWN-1")[0]["recovered_on"] is None
    run_check(app, day("2026-08-15"))
    assert alerts(app, "OWN-1")[0]["recovered_on"] is None
    run_check(app, day("2026-08-16"))
    assert alerts(app, "OWN-1")[0]["recovered_on"] == "2026-08-16"
    assert alerts(app, "DATA-STALE")[0]["recovered_on"] is None


def test_a_rule_of_two_kinds_of_subjects_counts_each_balance_once(any_app, tmp_path):
    """Blocks for different subjects both read the fact; neither doubles the money."""
    school = School(1, opening="-0.01")
    school.contract()
    school.entries = [("2026-07-01", "1000.00", "王女士", school.contracts[0]["contract_no"])]
    build(any_app, [school], tmp_path / "world")

    def two_blocks(folder):
        text = (SHIPPED / "rulebook" / "BAL-COVER.toml").read_text(encoding="utf-8")
        head, block = text.split("[[in_force]]")
        blocks = (
            f"[[in_force]]\napplies = \"custody = '{mode}'\"{block}\n"
            for mode in ("bank_custody", "both")
        )
        text = (head + "".join(blocks)).replace("BAL-COVER", "OWN-1")
        (folder / "OWN-1.toml").write_text(text, encoding="utf-8")

    app = office_app(any_app, tmp_path, two_blocks)
    run_check(app, AS_OF)
    (alert,) = alerts(app, "OWN-1")
    assert alert["measured"] == alerts(app, "BAL-COVER")[0]["measured"] == "1.0000"
    assert alert["calculation"]["en"].startswith("balance 999.99 (in 1 open accounts) ÷ claims")


def test_money_that_left_an_empty_account_is_endless_and_not_nothing(any_app, tmp_path):
    school = School(1, opening="0.00")
    school.entries = [
        ("2026-07-20", "80000.00", "张三", "往来"),
        ("2026-07-21", "-60000.00", "某", "款"),
    ]
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    (alert,) = alerts(any_app, "OUT-LARGE")
    assert (alert["measured"], alert["limit"]) == ("∞", "0.4000")
    assert "60000.00 out ÷ 0.00 before = ∞ > 40.00%" in alert["calculation"]["en"]


@pytest.mark.parametrize(
    ("yuan", "outcome"),
    [
        ("1616.00", "compliant"),
        ("1616.01", "undetermined"),
        ("2121.00", "undetermined"),
        ("2121.01", "breach"),
    ],
)
def test_releases_are_judged_where_the_unknown_cannot_change_the_answer(
    any_app, tmp_path, yuan, outcome
):
    """A second contract states no lessons: what it consumed adds to the 1,600.00 known
    at most its whole fee of 500.00."""
    school = School(1)
    number = school.contract(paid_on="2026-05-02", fee="3200.00", lessons="32")
    unknown = school.contract(paid_on="2026-05-02", fee="500.00", lessons="")
    school.lessons += [(number, "2026-07-10", 16), (unknown, "2026-07-10", 1)]
    school.entries.append(("2026-07-20", f"-{yuan}", "测试", "划拨"))
    build(any_app, [school], tmp_path / "world")
    (finding,) = list_findings(any_app, AS_OF, rules=["REL-SYNC"])
    assert finding.outcome == outcome
