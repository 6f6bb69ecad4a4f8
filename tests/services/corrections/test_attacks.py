"""How the supervised would erase a breach, as it was tried: none of it ends or lowers one."""

import hashlib

import pytest
from worlds.builder import School

from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.services.cases import steps
from feewatch.services.corrections import deciding, reading
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake import rawfiles
from feewatch.services.people.acting import find_person
from feewatch.services.registers.importing import import_content
from feewatch.store.cases import matters

PDF = b"%PDF-1.7 contract"


def open_case(office, rule, by="li"):
    """A case over the matter of a rule, served."""
    with office.app.database.reading() as tx:
        (matter,) = [row for row in matters.list_matters(tx) if row["rule"] == rule]
    number = steps.open_case(office.app, [matter["id"]], actor=by, reason="立案", then="triage")
    steps.step(office.app, number, "notify", actor=by, reason="限期整改")
    return number


def test_attack_1_smaller_figures_of_many_contracts(office):
    school = School(1)
    for lessons in ("61", "56", "64"):
        school.contract(lessons=lessons)
    office.settle(school)
    before = office.alerts()
    report = office.hand_in("contracts", *[row | {"lessons": "40"} for row in school.contracts])
    assert report.proposed == 2  # and 56 -> 40 lowers nothing
    assert office.check().withdrawn == 0
    same = [each | {"correction": None} for each in office.alerts()]
    assert [each for each in same if each["rule"] == "FEE-HOURS-60"] == [
        each for each in before if each["rule"] == "FEE-HOURS-60"
    ]


def test_attack_2_the_fee_of_a_contract_whose_case_is_served(office, long_course):
    office.settle(long_course)
    open_case(office, "FEE-HOURS-60")
    report = office.hand_in("contracts", {**long_course.contracts[0], "fee": "1.00"})
    assert (report.changed, report.proposed) == (0, 1)
    office.check()
    alert = office.alert("FEE-HOURS-60")
    assert (alert["status"], alert["correction"]["zh"]) == ("in_case", "资料更正待核")


def test_attack_6_all_contracts_become_pay_after(office):
    """A receipt before the first lesson makes them prepaid again: nothing is won by it."""
    school = School(1, opening="0.00")
    school.contract("2026-07-01")
    school.entries.append(("2026-07-05", "-600.00", "装修公司", "货款"))
    office.settle(school)
    before = {each["rule"] for each in office.alerts(status="open")}
    assert "BAL-COVER" in before
    office.hand_in("contracts", {**school.contracts[0], "payment": "pay_after"})
    office.check()
    after = {each["rule"] for each in office.alerts(status="open") if not each["recovered_on"]}
    assert before <= after


def test_f1_a_lower_fee_after_the_order_was_served_though_the_bank_shows_the_money(office):
    school = School(1)
    school.contract(lessons="40", fee="6000.00")
    office.settle(school)
    assert office.alert("FEE-CAP-5000")["status"] == "open"
    open_case(office, "FEE-CAP-5000")
    report = office.hand_in("contracts", {**school.contracts[0], "fee": "4000.00"})
    assert report.proposed == 1
    office.check()
    assert office.alert("FEE-CAP-5000")["status"] == "in_case"
    assert office.effect(1)["opened"], "2,000 yuan would belong to no contract"


@pytest.mark.parametrize(
    "changes",
    [{"ended_on": "2026-07-20", "settlement": "agreed"}, {"paid_on": "2026-06-01"}],
    ids=["settled", "another day"],
)
def test_other_fields_of_a_row_under_an_alert_wait_too(office, long_course, changes):
    office.settle(long_course)
    report = office.hand_in("contracts", {**long_course.contracts[0], **changes})
    assert (report.changed, report.proposed) == (0, 1)


def test_a_row_of_a_harmless_contract_goes_in_beside_one_that_waits(office, long_course):
    office.settle(long_course)
    rows = [row | {"gift_lessons": "1"} for row in long_course.contracts]
    report = office.hand_in("contracts", *rows)
    assert (report.changed, report.proposed) == (1, 1)


def test_the_charge_of_a_contract_under_an_alert_waits(office):
    school = School(1)
    number = school.contract(lessons="61", fee="1000.00")
    office.settle(school)
    head = "contract_no,charge_no,due_on,amount,lessons,paid_on"
    row = f"{number},1,2026-07-01,1000.00,61,2026-07-01"
    import_content(office.app, "charges", "c.csv", f"{head}\n{row}".encode(), actor="cli")
    office.check()
    charge = dict(zip(head.split(","), row.split(","), strict=True))
    report = office.hand_in("charges", charge | {"lessons": "60"})
    assert (report.changed, report.proposed) == (0, 1)


def test_who_issued_the_order_of_a_red_case_does_not_accept_what_may_end_it(office):
    school = School(1, opening="0.00")
    school.contract("2026-07-01", arrives="")
    office.settle(school)
    alert = office.alert("ACC-OFF")
    office.hand_in("contracts", {**school.contracts[0], "fee": "1.00"})
    assert alert["id"] in office.proposals()[0]["alerts"]
    with office.app.database.reading() as tx:
        (matter,) = [row for row in matters.list_matters(tx) if row["rule"] == "ACC-OFF"]
    open_case(office, "ACC-OFF", by="li")
    if matter["severity"] != "red":
        pytest.fail(f"the case is {matter['severity']}, the test wants a red one")
    with pytest.raises(ForbiddenError, match="下发督办者以外"):
        office.decide("accept", 1)
    office.decide("accept", 1, by="wang")


def test_a_voucher_is_told_by_its_bytes_kept_under_its_hash_and_may_follow_later(
    office, long_course
):
    office.settle(long_course)
    row = {**long_course.contracts[0], "lessons": "60"}
    office.hand_in("contracts", row, voucher=read_voucher("C:\\合同.pdf", PDF))
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert office.proposals()[0]["voucher"] == {"name": "合同.pdf", "sha256": sha256}
    assert rawfiles.load(office.app, sha256) == PDF
    office.decide("ask", 1, reason="请附补充协议")
    other = read_voucher("补充.png", b"\x89PNG\r\n\x1a\nrest")
    with pytest.raises(ForbiddenError):
        deciding.add_voucher(office.app, 1, other, actor="li")
    deciding.add_voucher(office.app, 1, other, actor="school")
    scope = find_person(office.app, "li").scope
    assert reading.get_voucher(office.app, scope, 1) == ("补充.png", other.content, "image/png")
    changes = [each["change"] for each in office.proposals()[0]["history"]]
    assert changes == ["proposed", "asked", "voucher"]
    rawfiles.path_of(office.app, other.sha256).write_bytes(b"\x89PNG\r\n\x1a\nforged")
    with pytest.raises(Exception, match="不予采用"):
        reading.get_voucher(office.app, scope, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"MZ\x90", "VOUCHER-TYPE"), (b"", "VOUCHER-TYPE"), (PDF + bytes(10 << 20), "VOUCHER-SIZE")],
    ids=["program", "empty", "large"],
)
def test_other_files_are_no_vouchers(content, code):
    with pytest.raises(InvalidInputError) as refusal:
        read_voucher("合同.pdf", content)
    assert refusal.value.code == code


def test_several_are_accepted_together_or_none(office):
    school = School(1)
    for _ in range(2):
        school.contract(lessons="61")
    office.settle(school)
    office.hand_in("contracts", *[row | {"lessons": "60"} for row in school.contracts])
    office.hand_in("contracts", school.contracts[1] | {"lessons": "62"}, by="li")
    keys = [each["id"] for each in office.proposals()]
    with pytest.raises(ConflictError, match="重新提请"):
        office.decide("accept", *keys)
    assert {each["state"] for each in office.proposals()} == {"open"}


def test_a_row_of_the_old_institution_that_would_lower_a_breach_of_its_successor_waits(office):
    old, new = School(1, opening="0.00"), School(2, opening="0.00")
    number = old.contract("2026-07-01", arrives="")
    office.settle(old, new)
    head = "from_uscc,to_uscc,on,document"
    row = f"{old.uscc},{new.uscc},2026-07-10,潍教函〔2026〕3号"
    import_content(office.app, "successions", "s.csv", f"{head}\n{row}".encode(), actor="cli")
    office.check()
    short = [each for each in office.alerts("BAL-COVER") if each["uscc"] == new.uscc]
    assert [each["status"] for each in short] == ["open"]
    row = {"contract_no": number, "held_on": "2026-07-12", "lessons": "20"}
    assert office.hand_in("lessons", row, reason="").new == 1
    report = office.hand_in("lessons", row | {"lessons": "39"})
    assert (report.changed, report.proposed) == (0, 1)
    assert short[0]["id"] in office.proposals()[0]["alerts"]
