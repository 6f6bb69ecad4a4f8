import csv

import pytest
from offices import initialise
from sqlalchemy import func, insert, select

from feewatch.config import Config
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, format_day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.registry.kinds import KINDS
from feewatch.services.intake.recording import ingest_content
from feewatch.services.registers.importing import import_registers
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.ledger import account_coverage, entry, statement
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import (
    account,
    contract,
    coverage,
    institution,
    institution_fact,
    lesson,
    refund_request,
    register_change,
    register_import,
)

A = "52370702651728628K"
B = "523201041982410526"
FACTS = "uscc,name,district,subject,nature,custody,valid_from"
COURSES = "course_id,uscc,title,discipline,stage,mode,class_size,lesson_minutes,price_per_lesson"
CONTRACTS = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"


@pytest.fixture
def app(tmp_path):
    app = initialise(Config(folder=tmp_path / "home"))
    yield app
    app.database.dispose()


@pytest.fixture
def load(app, tmp_path):
    """Import rows of a kind written as one file; the header may be left to the kind's default."""

    def load(kind, *lines, name=None, **options):
        file = tmp_path / f"{name or kind}.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return import_registers(app, kind, file, actor="clerk", rejects=tmp_path / "r", **options)

    return load


@pytest.fixture
def world(load):
    """Two institutions with a course each; contract HT1 at both, HT2 at the first alone."""
    facts = "甲,370702,academic,non_profit,bank_custody,"
    load("institutions", FACTS, f"{A},{facts}", f"{B},{facts}")
    course = "数学班,数学,primary,offline,,45,40.00"
    load("courses", COURSES, f"KC1,{A},{course}", f"KC1,{B},{course}")
    load(
        "contracts",
        CONTRACTS,
        contract_row("HT1", A),
        contract_row("HT1", B),
        contract_row("HT2", A),
    )


def contract_row(number, uscc, fee="2800.00", paid="2026-02-20"):
    return f"{number},{uscc},KC1,S1,hours,40,2026-03-01,2026-05-31,{fee},{paid}"


def counts(report):
    return report.new, report.changed, report.unchanged, report.bad


def codes(report):
    return [(p.line, p.column, p.code) for p in report.problems]


def rows(app, *columns):
    with app.database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(columns[0]))]


def marks(app):
    """(uscc, to be matched, to be checked); then none is marked any more."""
    with app.database.transaction() as tx:
        found = tx.execute(
            select(
                institution.c.uscc, institution_state.c.to_match, institution_state.c.to_check
            ).join(institution, institution.c.id == institution_state.c.institution_id)
        ).all()
        tx.execute(institution_state.update().values(to_match=False, to_check=False))
    return sorted((uscc, match, check) for uscc, match, check in found if match or check)


def covered(app, register):
    """(uscc, first day, last day, declared)."""
    with app.database.reading() as tx:
        found = tx.execute(
            select(institution.c.uscc, coverage)
            .join(institution, institution.c.id == coverage.c.institution_id)
            .where(coverage.c.register == register)
        ).all()
    return sorted((r.uscc, format_day(r.from_day), format_day(r.to_day), r.declared) for r in found)


def test_the_example_world_is_new_the_first_time_and_unchanged_the_second(app, pytestconfig):
    folder = pytestconfig.rootpath / "tests/data/example-world/registers"
    expected = {
        "institutions": 6,
        "accounts": 7,
        "courses": 21,
        "contracts": 141,
        "lessons": 727,
        "refunds": 4,
        "charges": 23,
        "successions": 1,
    }
    for kind, count in expected.items():
        file = folder / f"{kind}.csv"
        assert counts(import_registers(app, kind, file, actor="clerk")) == (count, 0, 0, 0)
    for kind, count in expected.items():
        file = folder / f"{kind}.csv"
        report = import_registers(app, kind, file, actor="clerk")
        assert counts(report) == (0, 0, count, 0)
        assert report.problems == ()
    assert rows(app, func.count(register_change.c.id)) == [(0,)]


def test_a_changed_row_updates_and_leaves_what_it_said_in_the_history(app, world, load):
    report = load("contracts", CONTRACTS, contract_row("HT2", A, fee="2900.00", paid="2026-02-21"))
    assert counts(report) == (0, 1, 0, 0)
    assert rows(app, contract.c.contract_no, contract.c.fee_fen)[-1] == ("HT2", 290000)
    change = register_change.c
    assert rows(app, change.key, change.actor, change.before, change.after) == [
        (
            f"{A}/HT2",
            "clerk",
            {"fee_fen": 280000, "paid_on": "2026-02-20"},
            {"fee_fen": 290000, "paid_on": "2026-02-21"},
        )
    ]


def test_measures_of_a_contract_follow_its_days(app, world, load):
    measures = [contract.c[name] for name in ("total_lessons", "span_months", "lead_months_up")]
    assert rows(app, *measures)[0] == (40, 2, 1)
    load("contracts", CONTRACTS, contract_row("HT2", A).replace("2026-05-31", "2026-06-01"))
    assert rows(app, *measures)[-1] == (40, 3, 1)


def test_an_absent_column_says_nothing_of_what_is_on_file(app, world, load):
    load("contracts", CONTRACTS + ",channel", contract_row("HT2", A) + ",微信")
    assert counts(load("contracts", CONTRACTS, contract_row("HT2", A))) == (0, 0, 1, 0)
    report = load("contracts", CONTRACTS + ",channel", contract_row("HT2", A) + ",")
    assert counts(report) == (0, 1, 0, 0)


def test_facts_of_an_institution_join_without_gap_in_whatever_order_they_come(app, load):
    def fact(name, since):
        return f"{A},{name},370702,arts,non_profit,both,{since}"

    load("institutions", FACTS, fact("丙", "2026-03-01"), fact("甲", ""))
    load("institutions", FACTS, fact("乙", "2026-01-01"))
    fact_row = institution_fact.c
    assert rows(app, fact_row.valid_from, fact_row.valid_to, fact_row.name) == [
        (FIRST_DAY, parse_day("2025-12-31"), "甲"),
        (parse_day("2026-01-01"), parse_day("2026-02-28"), "乙"),
        (parse_day("2026-03-01"), LAST_DAY, "丙"),
    ]


def test_nothing_is_imported_while_a_row_is_bad(app, world, load):
    report = load("contracts", CONTRACTS, contract_row("HT3", A), contract_row("HT4", "X"))
    assert report.refused
    assert counts(report) == (0, 0, 0, 1)
    assert codes(report) == [(3, "uscc", "CREDIT-CODE")]
    assert len(rows(app, contract.c.id)) == 3
    assert report.reject_file is None


def test_skipping_bad_rows_imports_the_others_and_writes_the_bad_ones(app, world, load, tmp_path):
    unknown = "91110000100000000N"
    report = load(
        "contracts",
        CONTRACTS,
        contract_row("HT3", A),
        contract_row("HT4", "X"),
        contract_row("HT5", unknown),
        skip_bad=True,
    )
    assert not report.refused
    assert counts(report)[0] + counts(report)[3] == 3
    assert report.reject_file == tmp_path / "r" / "contracts.rejected.csv"
    with report.reject_file.open(encoding="utf-8-sig", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [(row["contract_no"], row["line"]) for row in rejected] == [("HT4", "3"), ("HT5", "4")]
    assert rejected[0]["code"] == "CREDIT-CODE"


def test_skipping_where_every_row_is_bad_imports_nothing_and_says_so(world, load):
    report = load("contracts", CONTRACTS, contract_row("HT3", "X"), skip_bad=True)
    assert report.refused
    assert report.reject_file


def test_a_file_that_is_no_table_is_refused(app, load):
    report = load("institutions", "a\0b")
    assert report.refused
    assert codes(report) == [(1, None, "FILE-NUL")]
    assert load("institutions", "uscc,name", f"{A},甲").bad == 1
    assert not rows(app, register_import.c.id)


def test_rows_of_unknown_institutions_and_contracts_are_bad(world, load):
    unknown = "5211010852470931XW"
    report = load(
        "lessons",
        "contract_no,held_on,lessons,uscc",
        f"HT1,2026-03-02,1,{unknown}",
        f"HT9,2026-03-02,1,{A}",
        "HT1,2026-03-02,1,",
        f"HT2,2026-03-02,1,{B}",
    )
    assert codes(report) == [
        (2, "uscc", "INSTITUTION-UNKNOWN"),
        (3, "contract_no", "CONTRACT-UNKNOWN"),
        (4, "contract_no", "CONTRACT-AMBIGUOUS"),
        (5, "contract_no", "CONTRACT-UNKNOWN"),
    ]
    assert codes(load("accounts", "uscc,account_no,bank,kind", f"{unknown},62170001,行,fee")) == [
        (2, "uscc", "INSTITUTION-UNKNOWN")
    ]


def test_an_unknown_course_is_a_warning(world, load):
    report = load("contracts", CONTRACTS, contract_row("HT3", A).replace("KC1", "KC2"))
    assert counts(report) == (1, 0, 0, 0)
    assert codes(report) == [(2, "course_id", "COURSE-UNKNOWN")]


def test_lessons_of_a_day_add_up_in_a_file_and_replace_those_of_an_earlier_file(app, world, load):
    header = "contract_no,held_on,lessons"
    first = load("lessons", header, "HT2,2026-03-02,1", "HT2,2026-03-02,2", "HT2,2026-03-03,1")
    assert counts(first) == (3, 0, 0, 0)
    assert rows(app, lesson.c.held_on, lesson.c.lessons) == [
        (parse_day("2026-03-02"), 3),
        (parse_day("2026-03-03"), 1),
    ]
    second = load("lessons", header, "HT2,2026-03-02,2", "HT2,2026-03-03,1")
    assert counts(second) == (0, 1, 1, 0)
    assert rows(app, lesson.c.lessons) == [(1,), (2,)]


def test_zero_lessons_cancel_the_day_and_the_history_keeps_it(app, world, load):
    header = "contract_no,held_on,lessons"
    load("lessons", header, "HT2,2026-03-02,2")
    assert counts(load("lessons", header, "HT2,2026-03-02,0")) == (0, 1, 0, 0)
    assert not rows(app, lesson.c.id)
    ((key, before, after),) = rows(
        app, register_change.c.key, register_change.c.before, register_change.c.after
    )
    assert (key, after) == (f"{A}/HT2/2026-03-02", {"lessons": 0})
    # the row is gone: the history alone tells what stood there
    stood = before["contract_no"], before["held_on"], before["lessons"]
    assert stood == ("HT2", "2026-03-02", 2)
    assert counts(load("lessons", header, "HT2,2026-03-02,0")) == (0, 0, 1, 0)


def test_a_day_is_confirmed_when_its_last_row_is(app, world, load):
    load(
        "lessons",
        "contract_no,held_on,lessons,confirmed_on,confirmed_by",
        "HT2,2026-03-02,1,2026-03-05,silence",
        "HT2,2026-03-02,1,2026-03-02,parent",
        "HT2,2026-03-03,1,2026-03-03,parent",
        "HT2,2026-03-03,1,,",
    )
    assert rows(app, lesson.c.held_on, lesson.c.confirmed_on, lesson.c.confirmed_by) == [
        (parse_day("2026-03-02"), parse_day("2026-03-05"), "silence"),
        (parse_day("2026-03-03"), None, "parent"),
    ]


def test_a_refund_finds_its_contract_by_a_number_that_is_unique(app, world, load):
    report = load(
        "refunds",
        "退费单号,合同编号,申请日期,应退金额,退费原因",
        "TF1,HT2,2026-03-10,100.00,学员",
    )
    assert counts(report) == (1, 0, 0, 0)
    assert rows(app, refund_request.c.refund_no, refund_request.c.amount_fen) == [("TF1", 10000)]


def test_approvals_are_read_under_chinese_words(world, load):
    report = load(
        "approvals", "uscc,批准事项,文号,金额,起,止", f"{A},保证金动用,教字1号,,2026-01-01,"
    )
    assert counts(report) == (1, 0, 0, 0)


def test_only_institutions_with_new_or_changed_rows_are_marked(app, world, load):
    assert marks(app) == [(B, True, True), (A, True, True)]
    load("contracts", CONTRACTS, contract_row("HT1", A), contract_row("HT1", B, fee="1.00"))
    assert marks(app) == [(B, True, True)]
    load("lessons", "contract_no,held_on,lessons", "HT2,2026-03-02,1")
    assert marks(app) == [(A, False, True)]
    load("lessons", "contract_no,held_on,lessons", "HT2,2026-03-02,1")
    assert marks(app) == []


def test_declared_days_stand_for_institutions_with_rows_in_the_file(app, world, load):
    marks(app)
    lines = ("contract_no,held_on,lessons", "HT2,2026-03-02,1")
    days = (parse_day("2026-03-01"), parse_day("2026-03-31"))
    for _ in range(2):
        load("lessons", *lines, covers=days)
        assert covered(app, "lessons") == [(A, "2026-03-01", "2026-03-31", True)]
    marks(app)
    load("lessons", *lines, covers=(parse_day("2026-03-01"), parse_day("2026-04-30")))
    assert marks(app) == [(A, False, True)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_coverage_does_not_depend_on_the_order_of_imports(app, world, load, order):
    march = (parse_day("2026-03-01"), parse_day("2026-03-31"))
    files = [
        (("HT2,2026-02-27,1", "HT2,2026-03-05,1"), None),
        (("HT2,2026-03-02,1", "HT2,2026-03-30,1"), march),
    ]
    for n in order:
        lines, covers = files[n]
        load("lessons", "contract_no,held_on,lessons", *lines, covers=covers)
    assert covered(app, "lessons") == [
        (A, "2026-02-27", "2026-03-30", False),
        (A, "2026-03-01", "2026-03-31", True),
    ]


def test_implied_coverage_goes_with_the_last_row_on_file(app, world, load):
    for lessons in (1, 0):
        load("lessons", "contract_no,held_on,lessons", f"HT2,2026-03-02,{lessons}")
    assert covered(app, "lessons") == []
    assert covered(app, "contracts")[0] == (B, "2026-02-20", "2026-02-20", False)


def test_only_contracts_and_lessons_cover_days(load):
    with pytest.raises(InvalidInputError, match="cover"):
        load("courses", "x", covers=(0, 1))


def test_an_account_that_moves_takes_its_entries_along_and_marks_both(app, world, load):
    header = "uscc,account_no,bank,kind"
    load("accounts", header, f"{A},62170001,行,fee")
    with app.database.transaction() as tx:
        ids = {uscc: key for key, uscc in tx.execute(select(institution))}
        own = {"account_id": 1, "institution_id": ids[A]}
        tx.execute(insert(statement).values(
            file_sha256="0", n=1, account_no="62170001", currency="CNY", from_day=0, to_day=1,
            entries=1, status="accepted", problems=[], recorded_at="", **own,
        ))  # fmt: skip
        tx.execute(insert(entry).values(
            statement_id=1, line=1, seq=0, booked_on=0, amount_fen=1, reversal_mark=False,
            filled=0, n=1, matched_fen=0, **own,
        ))  # fmt: skip
        tx.execute(insert(account_coverage).values(from_day=0, to_day=1, **own))
    marks(app)
    report = load("accounts", header, f"{B},6217 0001,行,fee")
    assert counts(report) == (0, 1, 0, 0)
    assert codes(report) == [(2, "uscc", "MOVED")]
    for table in (account, statement, entry, account_coverage):
        assert rows(app, table.c.institution_id) == [(ids[B],)]
    assert {uscc for uscc, _, check in marks(app) if check} == {A, B}
    assert rows(app, register_change.c.key, register_change.c.before) == [("62170001", {"uscc": A})]


def test_registering_an_account_books_the_statement_that_waited_for_it(app, world, load):
    content = (
        "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
        "62170001,甲,CNY,2026-03-02,09:00:00,,100.00,100.00,某人,6222,学费,1\n"
    )
    ingest_content(app, content.encode(), "a.csv", actor="clerk", channel="cli")
    assert rows(app, statement.c.status, statement.c.reason) == [("quarantined", "unregistered")]
    load("accounts", "uscc,account_no,bank,kind", f"{A},62170001,行,fee")
    assert rows(app, statement.c.status) == [("accepted",)]
    assert rows(app, entry.c.amount_fen) == [(10000,)]


def test_an_import_is_on_record_with_its_actor_and_counts(app, world):
    audited = rows(app, audit.c.actor, audit.c.action, audit.c.object)
    assert ("clerk", "import.contracts", "contracts.csv") in audited
    imports = rows(app, register_import.c.kind, register_import.c.file_name)
    assert imports == [(kind, f"{kind}.csv") for kind in ("contracts", "courses", "institutions")]


def test_every_kind_has_its_table():
    assert set(KINDS) == {
        *("institutions", "accounts", "courses", "contracts", "lessons", "refunds", "approvals"),
        *("charges", "sites", "successions", "premises", "clues"),
    }


def test_a_name_that_looks_like_another_institutions_is_accepted_with_a_warning(load):
    facts = "370702,academic,non_profit,bank_custody,"
    assert load("institutions", FACTS, f"{A},启航00培训有限公司,{facts}").problems == ()
    row = f"{B},启航ＯＯ培训,{facts}"
    report = load("institutions", FACTS, row)
    assert counts(report) == (1, 0, 0, 0)
    [warning] = report.problems
    assert (warning.code, warning.line, warning.column) == ("NAME-TWIN", 2, "name")
    assert f"启航00培训有限公司（{A}）" in warning.message.zh
    assert load("institutions", FACTS, row).problems == ()
