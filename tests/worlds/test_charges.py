"""Contracts in charges, how they end, who succeeds to them: findings F11, F12, F17 of a review."""

import csv

from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake.matching import list_unmatched
from feewatch.services.registers.importing import import_registers

DAY = parse_day(AS_OF)
#: Rules that ask how fees are charged, whether they arrived and are still there.
OF_FEES = (
    "FEE-HOURS-60", "FEE-SPAN-3M", "FEE-CAP-5000", "FEE-SPLIT", "FEE-EARLY-NEW", "ACC-NONE",
    "ACC-OFF", "ACC-UNMATCHED", "BAL-COVER", "REL-SYNC",
)  # fmt: skip


def arts(number, **given):
    """A school outside guided prices."""
    course = {"discipline": "舞蹈", "title": "舞蹈"}
    return School(number, facts={"subject": "arts"}, course=course, **given)


def put(app, tmp_path, kind, rows):
    """Import rows of a register, each with the columns of the first."""
    path = tmp_path / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    report = import_registers(app, kind, path, actor="test").as_json()
    assert report["bad"] == 0, report["problems"]


def in_charges(school, *charges, lessons="40", **given):
    """A contract charged as listed: (yuan, lessons, due on, paid on); its number and the rows."""
    fee = f"{sum(float(yuan) for yuan, *_ in charges):.2f}"
    paid = [day for *_, day in charges if day]
    number = school.contract(paid[0], fee=fee, lessons=lessons, arrives="", **given)
    rows = [
        {
            "contract_no": number, "charge_no": str(n), "due_on": due, "amount": yuan,
            "lessons": taught, "paid_on": day, "uscc": school.uscc,
        }
        for n, (yuan, taught, due, day) in enumerate(charges, 1)
    ]  # fmt: skip
    for row in rows:
        if row["paid_on"]:
            school.entries.append((row["paid_on"], row["amount"], "王女士", f"学费 {number}"))
    return number, rows


def outcomes(app, rules=OF_FEES):
    """(rule, kind, id) of every breach, and whether anything could not be judged."""
    findings = [each for each in list_findings(app, DAY) if each.identity.rule in rules]
    breaches = [tuple(f.identity[i] for i in (0, 2, 3)) for f in findings if f.outcome == "breach"]
    return breaches, [f.identity for f in findings if f.outcome == "undetermined"]


def test_a_hundred_lessons_in_two_charges_of_fifty_are_lawful_and_in_one_are_not(any_app, tmp_path):
    parted, whole = arts(1), arts(2)
    _, rows = in_charges(
        parted,
        ("1000.00", "50", "2026-05-10", "2026-05-10"),
        ("1000.00", "50", "2026-07-10", "2026-07-10"),
        lessons="100",
    )
    number = whole.contract("2026-05-10", fee="2000.00", lessons="100")
    build(any_app, [parted, whole], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    run_check(any_app, DAY)
    assert outcomes(any_app) == ([("FEE-HOURS-60", "contract", number)], [])


def test_instalments_due_and_paid_are_compliant_everywhere(any_app, tmp_path):
    """4,000 yuan in three instalments, two of them due and paid, ten lessons held and released."""
    school = arts(1, opening="0.00")
    number, rows = in_charges(
        school,
        ("1500.00", "", "2026-05-10", "2026-05-10"),
        ("1500.00", "", "2026-06-15", "2026-06-15"),
        ("1000.00", "", "2026-08-15", ""),
    )
    school.lessons = [
        (number, "2026-05-20", 2),
        (number, "2026-05-27", 2),
        (number, "2026-06-03", 2),
    ]
    school.entries.append(("2026-06-20", "-600.00", "测试1号", "划拨已消课资金"))
    build(any_app, [school], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    report = run_check(any_app, DAY)
    assert outcomes(any_app) == ([], [])
    assert report.breaches == 0


def test_an_instalment_paid_a_month_late_breaches_nothing(any_app, tmp_path):
    school = arts(1)
    _, rows = in_charges(
        school,
        ("1500.00", "15", "2026-05-10", "2026-05-10"),
        ("1500.00", "15", "2026-06-15", "2026-06-15"),
        ("1000.00", "10", "2026-06-20", "2026-07-21"),
    )
    build(any_app, [school], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    assert run_check(any_app, DAY).breaches == 0


def test_three_charges_within_thirty_days_are_a_split(any_app, tmp_path):
    school = arts(1)
    number, rows = in_charges(
        school,
        ("2000.00", "10", "2026-06-01", "2026-06-01"),
        ("2000.00", "10", "2026-06-15", "2026-06-15"),
        ("2000.00", "10", "2026-07-01", "2026-07-01"),
        student="S1",
    )
    build(any_app, [school], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    run_check(any_app, DAY)
    subject = f"{school.uscc}/S1/{school.course_id}/2026-07-01"
    assert outcomes(any_app) == ([("FEE-SPLIT", "student", subject)], [])
    (alert,) = list_alerts(any_app, status=None, rule="FEE-SPLIT", uscc=None)
    assert (alert["measured"], alert["limit"]) == (600_000, 500_000)
    assert [each["id"] for each in alert["evidence"]] == [number]


def test_receipts_without_a_number_find_their_charge_and_its_alert_its_rows(any_app, tmp_path):
    """The second charge's money came, the first one's did not: the breach is the first one's."""
    school = arts(1)
    number, rows = in_charges(
        school,
        ("1500.00", "15", "2026-05-10", "2026-05-10"),
        ("2500.00", "25", "2026-06-15", "2026-06-15"),
    )
    school.entries = [("2026-06-17", "2500.00", "王女士", "学费")]
    build(any_app, [school], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    run_check(any_app, DAY)
    (alert,) = list_alerts(any_app, status=None, rule="ACC-OFF", uscc=None)
    assert alert["subject"] == {"kind": "charge", "id": f"{number}/1"}
    assert (alert["measured"], alert["on"]) == (150_000, "2026-05-10")
    assert alert["evidence"] == [
        {"record": "charge", "id": f"{number}/1"}, {"record": "contract", "id": number},
    ]  # fmt: skip
    assert list(list_unmatched(any_app)) == []


def test_a_check_of_what_changed_sees_a_charge_that_was_paid(any_app, tmp_path):
    """A second charge that reaches the register as paid, without money, is a breach then."""
    school = arts(1)
    number, rows = in_charges(
        school,
        ("1500.00", "15", "2026-05-10", "2026-05-10"),
        ("2500.00", "25", "2026-07-15", ""),
    )
    build(any_app, [school], tmp_path / "world")
    put(any_app, tmp_path, "charges", rows)
    assert run_check(any_app, DAY).breaches == 0
    put(any_app, tmp_path, "charges", [rows[1] | {"paid_on": "2026-07-15"}])
    report = run_check(any_app, DAY)
    assert (report.institutions, report.opened) == (1, 1)
    found = {("ACC-OFF", "charge", f"{number}/2")}
    assert {each for each in outcomes(any_app)[0] if each[0] == "ACC-OFF"} == found
    assert run_check(any_app, DAY, full=True).opened == 0


def test_an_agreed_deduction_ends_the_contract(any_app, tmp_path):
    """1,000.00, 860.00 of them refunded as agreed, 140.00 taken out: nothing is owed any more."""
    settled, open_still = arts(1, opening="0.00"), arts(2, opening="0.00")
    for n, school in enumerate((settled, open_still), 1):
        number = school.contract("2026-05-02")
        school.lessons = [(number, "2026-05-03", 0)]
        school.refunds = [
            {
                "refund_no": f"TF{n}", "contract_no": number, "uscc": school.uscc,
                "requested_on": "2026-06-01", "amount": "860.00", "cause": "consumer",
            }
        ]  # fmt: skip
        school.entries += [
            ("2026-06-05", "-860.00", "王女士", f"退费 TF{n}"),
            ("2026-06-08", "-140.00", f"测试{n}号", "手续费"),
        ]
    settled.contracts[0] |= {"ended_on": "2026-06-05", "settlement": "agreed"}
    build(any_app, [settled, open_still], tmp_path / "world")
    run_check(any_app, DAY)
    breaches = {
        (each["rule"], each["uscc"])
        for each in list_alerts(any_app, status=None, rule=None, uscc=None)
    }
    assert ("BAL-COVER", open_still.uscc) in breaches
    assert {uscc for _, uscc in breaches} == {open_still.uscc}


def merged(on="2026-06-10"):
    """An old school with a paid contract, its money moved to the new one on the day."""
    old, new = arts(1, opening="0.00"), arts(2, opening="0.00")
    number = old.contract("2026-05-10", fee="4000.00", lessons="40")
    old.lessons = [(number, "2026-05-20", 10), (number, "2026-06-20", 10)]
    old.entries += [
        ("2026-05-25", "-1000.00", "测试1号", "划拨已消课资金"),
        (on, "-3000.00", "测试2号", "划转", new.account_no),
    ]
    new.entries += [
        (on, "3000.00", "测试1号", "划转", old.account_no),
        ("2026-06-25", "-1000.00", "测试2号", "划拨已消课资金"),
    ]
    return old, new, number


def test_a_merger_moves_contracts_money_and_liability(any_app, tmp_path):
    old, new, number = merged()
    build(any_app, [old, new], tmp_path / "world")
    before = run_check(any_app, DAY)
    assert before.breaches >= 3  # the old one's cover and release, the new one's receipt
    row = {"from_uscc": old.uscc, "to_uscc": new.uscc, "on": "2026-06-10", "document": "承1号"}
    put(any_app, tmp_path, "successions", [row])
    report = run_check(any_app, DAY)
    assert outcomes(any_app)[0] == []
    assert report.institutions == 2
    assert list(list_unmatched(any_app)) == []
    held = {
        (each.identity.rule, each.identity.uscc)
        for each in list_findings(any_app, DAY)
        if each.identity.subject_id in (number, f"{new.uscc}/2026-06-25")
    }
    # what was paid before is the old one's, what is taught and released since the new one's
    assert ("ACC-OFF", old.uscc) in held
    assert ("REL-SYNC", new.uscc) in held
    assert run_check(any_app, DAY, full=True).opened == 0


def test_money_for_a_contract_that_moved_reaches_it_at_the_successor(any_app, tmp_path):
    """Paid on the eve of the succession, received at the new school two days later."""
    old, new, _ = merged()
    number = old.contract("2026-06-09", fee="800.00", lessons="8", arrives="")
    new.entries.append(("2026-06-11", "800.00", "王女士", f"学费 {number}"))
    build(any_app, [old, new], tmp_path / "world")
    row = {"from_uscc": old.uscc, "to_uscc": new.uscc, "on": "2026-06-10", "document": ""}
    put(any_app, tmp_path, "successions", [row])
    run_check(any_app, DAY)
    assert outcomes(any_app)[0] == []
    assert list(list_unmatched(any_app)) == []


def test_a_successor_owes_what_moved_and_the_old_one_nothing(any_app, tmp_path):
    """A fen short at the new school after the merger is the new school's breach."""
    old, new, _ = merged()
    new.entries.append(("2026-07-01", "-0.01", "测试2号", "手续费"))
    build(any_app, [old, new], tmp_path / "world")
    row = {"from_uscc": old.uscc, "to_uscc": new.uscc, "on": "2026-06-10", "document": ""}
    put(any_app, tmp_path, "successions", [row])
    run_check(any_app, DAY)
    assert outcomes(any_app)[0] == [("BAL-COVER", "institution", new.uscc)]
