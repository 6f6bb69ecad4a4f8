"""What an institution and an officer may hand in: their own, and nothing of anybody else."""

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import User
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.registers.desk import kinds_of
from feewatch.services.registers.importing import import_content
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import account, contract, lesson, refund_request

A, B = "52370702651728628K", "523201041982410526"  # in 370702 and in 320104
FACTS = "uscc,name,district,subject,nature,custody"
CONTRACTS = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
CONTRACT = "KC1,S1,hours,40,2026-03-01,2026-05-31,2800,2026-02-20"
REFUNDS = "refund_no,contract_no,requested_on,uscc"


def user(role, district=None, institution_id=None):
    return User(1, "somebody", role, district, institution_id, "", False, 1)


OWNER = user("institution", institution_id=1)
OFFICER = user("officer", "370702")


@pytest.fixture
def app(tmp_path):
    app = initialise(Config(folder=tmp_path / "home"))
    facts = "academic,non_profit,bank_custody"
    put(app, "institutions", FACTS, f"{A},甲,370702,{facts}", f"{B},乙,320104,{facts}")
    put(app, "contracts", CONTRACTS, f"HT1,{A},{CONTRACT}", f"HT1,{B},{CONTRACT}")
    put(app, "contracts", CONTRACTS, f"HT9,{B},{CONTRACT}")
    put(app, "accounts", "uscc,account_no,bank,kind", f"{B},900001,行,fee")
    put(app, "refunds", REFUNDS, f"TF1,HT1,2026-04-01,{B}")
    yield app
    app.database.dispose()


def put(app, kind, *lines):
    report = import_content(app, kind, "f.csv", "\n".join(lines).encode(), actor="cli")
    assert not report.refused, report.problems


def give(app, person, kind, *lines, **options):
    return hand_in(app, person, kind, "f.csv", "\n".join(lines).encode(), **options)


def codes(report):
    return [(problem.line, problem.code) for problem in report.problems]


def count(app, table):
    with app.database.reading() as tx:
        return len(tx.execute(select(table)).all())


def test_an_institution_hands_in_what_it_declares_and_an_officer_every_kind():
    assert kinds_of(OWNER) == ("courses", "contracts", "charges", "lessons", "refunds")
    assert len(kinds_of(OFFICER)) == 12
    assert kinds_of(user("viewer", "370702")) == ()


@pytest.mark.parametrize("kind", ["institutions", "accounts", "approvals", "sites", "successions"])
def test_an_institution_cannot_register_itself_its_accounts_or_its_permits(app, kind):
    with pytest.raises(ForbiddenError):
        give(app, OWNER, kind, FACTS)


def test_a_row_of_another_institution_is_bad_and_nothing_is_imported(app):
    report = give(app, OWNER, "contracts", CONTRACTS, f"HT2,{A},{CONTRACT}", f"HT3,{B},{CONTRACT}")
    assert report.refused
    assert (3, "INSTITUTION-FOREIGN") in codes(report)
    assert count(app, contract) == 3


def test_rows_without_code_are_the_institutions_own(app):
    report = give(app, OWNER, "lessons", "contract_no,held_on,lessons", "HT1,2026-03-07,2")
    assert (report.refused, report.new) == (False, 1)
    with app.database.reading() as tx:
        assert tx.execute(select(lesson.c.institution_id)).scalars().all() == [1]


def test_a_contract_of_another_institution_is_unknown_to_it(app):
    report = give(app, OWNER, "lessons", "contract_no,held_on,lessons", "HT9,2026-03-07,2")
    assert codes(report) == [(2, "CONTRACT-UNKNOWN")]


def test_a_refund_number_of_another_institution_cannot_be_taken(app):
    row = f"TF1,HT1,2026-04-02,{A}"
    assert codes(give(app, OWNER, "refunds", REFUNDS, row)) == [(2, "KEY-FOREIGN")]
    assert codes(give(app, OFFICER, "refunds", REFUNDS, row)) == [(2, "KEY-FOREIGN")]
    assert count(app, refund_request) == 1


def test_an_officer_imports_within_the_district_alone(app):
    accounts = "uscc,account_no,bank,kind"
    report = give(
        app, OFFICER, "accounts", accounts,
        f"{A},100001,行,fee", f"{B},100002,行,fee", f"{A},900001,行,fee",
    )  # fmt: skip
    assert codes(report) == [(3, "INSTITUTION-OUTSIDE"), (4, "KEY-FOREIGN")]
    report = give(app, OFFICER, "accounts", accounts, f"{A},100001,行,fee")
    assert (report.new, count(app, account)) == (1, 2)


def test_an_officer_cannot_put_an_institution_into_another_district_or_take_one_from_it(app):
    facts = "academic,non_profit,bank_custody"
    report = give(
        app, OFFICER, "institutions", FACTS,
        f"{A},甲,320104,{facts}", f"{B},乙,370702,{facts}", f"52370703123456789F,丙,370702,{facts}",
    )  # fmt: skip
    assert codes(report) == [(2, "DISTRICT-OUTSIDE"), (3, "INSTITUTION-OUTSIDE")]


def test_a_city_officer_reaches_its_counties_and_an_administrator_all(app):
    row = f"{A},100001,行,fee"
    for person in (user("officer", "370700"), user("administrator", "000000")):
        report = give(app, person, "accounts", "uscc,account_no,bank,kind", row, only_try=True)
        assert (report.new, report.bad) == (1, 0)


def test_trying_tells_everything_and_changes_nothing(app):
    rows = (f"HT2,{A},{CONTRACT}", f"HT1,{A},{CONTRACT}", f"HT3,{A},KC1,张三,x")
    before = count(app, audit)
    report = give(app, OWNER, "contracts", CONTRACTS, *rows, skip_bad=True, only_try=True)
    assert (report.new, report.changed, report.unchanged, report.bad) == (1, 0, 1, 1)
    assert report.rejects.name == "f.rejected.csv"
    assert "张三" not in report.rejects.content.decode()
    assert (count(app, contract), count(app, audit)) == (3, before)
    done = give(app, OWNER, "contracts", CONTRACTS, *rows, skip_bad=True)
    assert (done.new, count(app, contract)) == (1, 4)
