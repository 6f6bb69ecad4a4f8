"""After a change only those rules judge that read what changed, and the others keep their word."""

import pytest
from sqlalchemy import select
from worlds import builder
from worlds.builder import School, build

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.services.check.checking import run_check
from feewatch.services.check.concerned import LastChecks, data_read
from feewatch.services.check.rulebook import rule_book, shipped_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from feewatch.store.check import checks
from feewatch.store.state import TABLES, Touched, mark_to_check
from feewatch.store.tables import metadata
from feewatch.store.tables.checks import check_result, institution_state
from feewatch.store.tables.ledger import source_file
from feewatch.store.tables.registers import contract

AS_OF = parse_day(builder.AS_OF)


def make_office(app, folder):
    """Two schools with contracts, money and lessons, both checked."""
    made = [School(1, period=("2026-05-01", "2026-07-30")), School(2)]
    for school in made:
        contract = school.contract("2026-07-01")
        school.contract("2026-06-10", fee="300.00", arrives="")
        school.lessons += [(contract, "2026-07-05", 2), (contract, "2026-07-12", 2)]
    build(app, made, folder / "world")
    run_check(app, AS_OF)


@pytest.fixture
def office(prepared):
    app, _ = prepared(make_office)
    return app


def upload(app, folder):
    """One more day of the first school, on which fees come and a large sum goes."""
    path = folder / "more.csv"
    path.write_text(
        "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
        f"{School(1).account_no},,CNY,2026-07-31,,,700.00,201700.00,赵女士,,学费,Z1\n"
        f"{School(1).account_no},,CNY,2026-07-31,,190000.00,,11700.00,某公司,,往来款,Z2\n",
        encoding="utf-8",
    )
    (taken,) = ingest(app, [path], actor="bank")
    assert taken.is_taken


def fresh_lessons(folder):
    path = folder / "more-lessons.csv"
    path.write_text(
        "uscc,contract_no,held_on,lessons,confirmed_on,confirmed_by\n"
        f"{School(1).uscc},HT0001000,2026-07-19,2,,\n",
        encoding="utf-8",
    )
    return path


def rows_of(app, names):
    with app.database.reading() as tx:
        return {name: [*map(tuple, tx.execute(metadata.tables[name].select()))] for name in names}


def read_by_rules():
    book = shipped_book()
    used = {name for fact in book.facts.values() for name in fact.uses}
    return {name for name in used if name in metadata.tables}


def test_statements_write_their_own_tables_alone(office, tmp_path):
    others = read_by_rules() - TABLES[Touched.STATEMENTS]
    before = rows_of(office, others)
    upload(office, tmp_path)
    match_changed(office)
    assert rows_of(office, others) == before


def test_lessons_write_their_own_tables_alone(office, tmp_path):
    others = read_by_rules() - TABLES[Touched.LESSONS]
    before = rows_of(office, others)
    import_registers(office, "lessons", fresh_lessons(tmp_path), actor="office")
    match_changed(office)
    assert rows_of(office, others) == before


def rules_of(app, school, as_of=AS_OF):
    with app.database.reading() as tx:
        key = checks.find_institution(tx, school.uscc)
        return {*LastChecks(tx, rule_book(app), as_of, {key}).rules_of(key)}


def test_a_statement_concerns_the_rules_that_read_statements(office, tmp_path):
    book = rule_book(office)
    upload(office, tmp_path)
    reading = {r.id for r in book.rules.values() if data_read(r, book) & Touched.STATEMENTS}
    assert rules_of(office, School(1)) == reading
    assert "OUT-LARGE" in reading
    assert "CON-DAY" not in reading


#: Of contracts alone, whose money statements tell of.
OF_CONTRACTS = {"FEE-CAP-5000", "FEE-SPLIT", "ACC-NONE"}


def test_a_receipt_of_what_was_paid_in_advance_concerns_no_rule_on_contracts(office, tmp_path):
    further(office, tmp_path, ("300.00", "王女士", "学费 HT0001001"))
    concerned = rules_of(office, School(1))
    assert "ACC-OFF" in concerned
    assert not {*OF_CONTRACTS, "REF-SHORT"} & concerned


def test_a_refund_concerns_the_rules_that_read_refunds(office, tmp_path):
    further(office, tmp_path, ("-300.00", "王女士", "退费 HT0001000"))
    concerned = rules_of(office, School(1))
    assert {"REF-SHORT", "REF-LATE"} <= concerned
    assert not OF_CONTRACTS & concerned


def test_money_of_a_contract_paid_after_its_lessons_concerns_the_rules_on_contracts(
    office, tmp_path
):
    with office.database.transaction() as tx:
        tx.execute(contract.update().values(payment="pay_after"))
    further(office, tmp_path, ("300.00", "王女士", "学费 HT0001001"))
    assert rules_of(office, School(1)) >= OF_CONTRACTS


def test_what_may_be_proven_now_concerns_all_that_reads_matches(office, tmp_path):
    with office.database.transaction() as tx:
        tx.execute(source_file.update().values(provenance="institution"))
    further(office, tmp_path, ("-500.00", "某公司", "往来款"))
    assert rules_of(office, School(1)) >= {*OF_CONTRACTS, "REF-SHORT"}


def test_money_of_a_contract_concerns_rules_in_breach_that_name_contracts(office, tmp_path):
    """Whether their breaches are of the past goes by what the contract still carries."""
    with office.database.transaction() as tx:
        of = check_result.c.rule.in_(["PRICE-GUIDE", "CON-OVER"])
        tx.execute(check_result.update().where(of).values(breaches=1))
        tx.execute(institution_state.update().values(touched=int(Touched.REFUNDS)))
    concerned = rules_of(office, School(1))
    with office.database.reading() as tx:
        rows = {row["rule"] for row in checks.list_results(tx, [1]) if row["breaches"]}
    assert rows & {"PRICE-GUIDE", "CON-OVER"} <= concerned
    assert rows & {"PRICE-GUIDE", "CON-OVER"}
    assert "CON-DAY" not in concerned


def test_lessons_concern_the_rules_that_read_lessons(office, tmp_path):
    import_registers(office, "lessons", fresh_lessons(tmp_path), actor="office")
    concerned = rules_of(office, School(1))
    assert {"CON-DAY", "REL-SYNC"} <= concerned
    assert not {"BAL-MIN", "PRICE-GUIDE"} & concerned


def test_both_concern_what_reads_either(office, tmp_path):
    upload(office, tmp_path)
    import_registers(office, "lessons", fresh_lessons(tmp_path), actor="office")
    assert {"CON-DAY", "REL-SYNC", "DATA-BAL"} <= rules_of(office, School(1))


def test_a_rule_whose_day_has_come_judges_too(office, tmp_path):
    upload(office, tmp_path)
    with office.database.transaction() as tx:
        tx.execute(
            check_result.update().where(check_result.c.rule == "CON-OVER").values(due_on=AS_OF + 1)
        )
    assert "CON-OVER" not in rules_of(office, School(1))
    assert "CON-OVER" in rules_of(office, School(1), AS_OF + 1)


@pytest.mark.parametrize("change", ["contract", "book", "asked", "earlier"])
def test_all_rules_judge_where_what_they_said_is_not_known(office, tmp_path, change):
    book, key = rule_book(office), 1
    as_of = AS_OF
    with office.database.transaction() as tx:
        if change == "book":
            tx.execute(institution_state.update().values(rule_book="another"))
        elif change == "asked":
            mark_to_check(tx, [key], by_all_rules=True)
        elif change == "earlier":
            as_of = AS_OF - 1
    if change == "contract":
        school = School(1)
        school.contract("2026-07-20")
        school.contracts[0]["contract_no"] = "HT0001999"
        path = tmp_path / "contracts.csv"
        builder._write(path, [*school.contracts[0]], [[*school.contracts[0].values()]])
        import_registers(office, "contracts", path, actor="office")
    assert rules_of(office, School(1), as_of) == {*book.rules}


def test_results_are_those_of_a_full_check(office, tmp_path):
    upload(office, tmp_path)
    report = run_check(office, AS_OF)
    assert report.institutions == 1
    assert report.opened
    kept = sorted(rows_of(office, ["check_result"])["check_result"], key=str)
    again = run_check(office, AS_OF, full=True)
    assert (again.opened, again.withdrawn, again.recovered) == (0, 0, 0)
    assert sorted(rows_of(office, ["check_result"])["check_result"], key=str) == kept


def touched_from(app, school):
    with app.database.reading() as tx:
        key = checks.find_institution(tx, school.uscc)
        state = institution_state.c
        return tx.scalar(select(state.touched_from).where(state.institution_id == key))


def further(app, folder, *rows, opening="201000.00"):
    """A statement of the day after the first school's last."""
    part = School(1, opening=opening, entries=[("2026-07-31", *row) for row in rows])
    part.period = ("2026-07-31", "2026-07-31")
    builder._statement(part, folder / "further.csv")
    (taken,) = ingest(app, [folder / "further.csv"], actor="bank")
    assert taken.as_json()["status"] == "accepted"
    match_changed(app)


def test_after_a_check_nothing_is_touched(office):
    assert touched_from(office, School(1)) == LAST_DAY


def test_a_statement_touches_its_days_and_no_earlier_ones(office, tmp_path):
    further(office, tmp_path, ("-500.00", "某公司", "往来款"))
    assert touched_from(office, School(1)) == parse_day("2026-07-31")


def test_what_comes_back_touches_the_day_on_which_it_came(office, tmp_path):
    further(office, tmp_path, ("-1000.00", "王女士", "冲正 学费 HT0001000"))
    assert touched_from(office, School(1)) == parse_day("2026-07-01")


def test_money_of_a_contract_touches_the_day_of_the_contract(office, tmp_path):
    further(office, tmp_path, ("300.00", "王女士", "学费 HT0001001"))
    assert touched_from(office, School(1)) == parse_day("2026-06-10")


def test_lessons_touch_all_days(office, tmp_path):
    import_registers(office, "lessons", fresh_lessons(tmp_path), actor="office")
    assert touched_from(office, School(1)) == FIRST_DAY
