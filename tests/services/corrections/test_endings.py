"""How a breach ends: by a correction it never was, by anything else it has been and is over."""

from worlds import builder
from worlds.builder import School

from feewatch.services.cases.alerts import explain
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_content
from feewatch.store.tables.checks import institution_state

RULE = "FEE-HOURS-60"


def history(office, rule):
    return explain(office.app, office.alert(rule)["id"])["history"]


def smaller(school):
    return {**school.contracts[0], "lessons": "60"}


def test_an_accepted_correction_withdraws_and_names_who_when_old_and_new(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    office.decide("accept", 1)
    office.check()
    reason = office.alert(RULE)["withdrawn_reason"]
    number = long_course.contracts[0]["contract_no"]
    for word in ("li 于 20", "采纳 school 的提请 1", number, "课时数 61 → 60", "lessons 61 → 60",
                 "accepted proposal 1 of school"):  # fmt: skip
        assert word in reason


def test_an_offices_correction_withdraws_and_names_it(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course), by="li")
    office.check()
    assert "li 于 20" in office.alert(RULE)["withdrawn_reason"]
    assert "课时数 61 → 60" in office.alert(RULE)["withdrawn_reason"]


def test_an_institutions_own_change_never_withdraws(office, long_course):
    """Even where what it touched was no breach when it came, and is later part of one's end."""
    office.settle(long_course)
    office.hand_in("contracts", {**long_course.contracts[1], "gift_lessons": "1"}, reason="")
    with office.app.database.transaction() as tx:  # nothing but its change since the last check
        tx.execute(institution_state.update().values(to_check=True))
    office.check()
    assert office.alerts(status="withdrawn") == []


def test_a_contract_added_after_its_money_ends_the_alert_and_is_told_in_its_history(office):
    school = School(1, entries=[("2026-07-03", "900.00", "王女士", "学费 HT0001000")])
    office.settle(school)
    alert = office.alert("ACC-UNMATCHED")
    assert alert["status"] == "open"
    number = school.contract("2026-07-03", fee="900.00", arrives="")
    assert office.hand_in("contracts", school.contracts[0], reason="").new == 1
    report = office.check()
    after = office.alert("ACC-UNMATCHED")
    assert (after["status"], after["recovered_on"], after["withdrawn_reason"]) == (
        "open", builder.AS_OF, None,
    )  # fmt: skip
    assert (report.withdrawn, report.recovered >= 1) == (0, True)
    event = history(office, "ACC-UNMATCHED")[-1]
    assert f"事后补报 合同 {number}（school，" in event["reason"]
    arrivals = [(each["kind"], each["key"], each["by"]) for each in event["detail"]["arrivals"]]
    assert ("合同", number, "school") in arrivals


def test_lessons_reported_late_that_raise_the_cover_are_told(office):
    """Attack 7: all remaining lessons held on past days; the breach is over, not undone."""
    school = School(1, opening="0.00")
    number = school.contract("2026-07-01")
    school.entries.append(("2026-07-05", "-600.00", "装修公司", "货款"))
    office.settle(school)
    before = {each["rule"] for each in office.alerts(status="open")}
    assert "BAL-COVER" in before
    rows = [
        {"contract_no": number, "held_on": f"2026-07-{day:02d}", "lessons": "2"}
        for day in range(6, 25)
    ]
    assert office.hand_in("lessons", *rows, reason="").new == len(rows)
    office.check(builder.parse_day("2026-08-01"))
    alert = office.alert("BAL-COVER")
    assert (alert["status"], alert["withdrawn_reason"]) == ("open", None)
    assert alert["recovered_on"] is not None
    assert (
        f"事后补报 消课 {number} 2026-07-06（school，" in history(office, "BAL-COVER")[-1]["reason"]
    )


def test_a_statement_that_came_late_ends_an_alert_and_is_told(office, tmp_path):
    school = School(1)
    number = school.contract("2026-07-10")
    entry = school.entries.pop()
    school.period = (builder.FIRST, "2026-07-09")
    office.settle(school)
    later = School(1, opening="200000.00", entries=[entry])
    later.period = ("2026-07-10", builder.AS_OF)
    path = tmp_path / "late.csv"
    builder._statement(later, path)
    opened = {each["id"] for each in office.alerts(status="open")}
    assert opened
    list(ingest(office.app, [path], actor="cli"))
    office.check()
    assert office.alerts(status="withdrawn") == []
    ended = [each for each in office.alerts() if each["recovered_on"]]
    assert ended, number
    events = explain(office.app, ended[0]["id"])["history"]
    assert "对账单" in events[-1]["reason"]


def test_an_approval_added_later_ends_a_breach_and_does_not_undo_it(office):
    school = School(1, opening="500000.00")
    school.facts["custody"] = "risk_deposit"
    school.account |= {"kind": "deposit"}
    school.entries.append(("2026-07-05", "-60000.00", "某公司", "往来"))
    office.settle(school)
    alerts = {each["id"]: each for each in office.alerts(status="open")}
    head = "uscc,kind,document,amount,from,until"
    row = f"{school.uscc},deposit_use,潍教准〔2026〕1号,60000.00,2026-07-01,2026-07-31"
    import_content(office.app, "approvals", "a.csv", f"{head}\n{row}".encode(), actor="cli")
    office.check()
    assert office.alerts(status="withdrawn") == []
    ended = [each for each in office.alerts() if each["recovered_on"] and each["id"] in alerts]
    assert ended
    assert (
        "备案批准 潍教准〔2026〕1号" in explain(office.app, ended[0]["id"])["history"][-1]["reason"]
    )
