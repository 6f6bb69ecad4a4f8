"""Every figure of a report is worked out again by hand from the raw tables, on both databases."""

import datetime as dt

import pytest
from sqlalchemy import event, insert, text

from feewatch.kernel import clock
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.demo import shown_at
from feewatch.services.reports.period import (
    list_traced,
    period_of_days,
    period_of_month,
    read_report,
    trace_figure,
)
from feewatch.store.tables import metadata
from feewatch.store.tables.registers import institution, institution_fact
from tests.services.reports.by_hand import ByHand, Raw
from tests.services.reports.random_office import RandomOffice

NOW = dt.datetime(2026, 8, 12, 10, 0, tzinfo=clock.SHANGHAI)


def day(words):
    found = parse_day(words)
    assert found is not None
    return found


def tally(app):
    with app.database.reading() as tx:
        return Raw(tx)


def agrees(app, raw, period, place):
    """Each figure of the product is the one worked out by hand, and counts the rows it lists."""
    report = read_report(app, period)
    ours = {key: figure.value for key, figure in report.figures.items()}
    before = {key: figure.before for key, figure in report.figures.items() if "month=" not in key}
    by_hand = ByHand(raw, period.first, period.last, place).everything()
    earlier = ByHand(raw, report.before.first, report.before.last, place).everything()
    nothing = {key: 0 for key in ours if ":" in key}
    assert ours == nothing | by_hand
    assert before == {key: (nothing | earlier)[key] for key in before}
    return report


def traces(app, report):
    for key, figure in report.figures.items():
        if figure.kind.source == "cover" and figure.kind.unit != "fen":
            continue  # each is a whole judgement; the sums show that rows and figures agree
        rows = list_traced(app, report.period, key)
        assert len(rows) == figure.rows, key
        told = [row.amount for row in rows if row.amount is not None]
        if figure.kind.value == "rows":
            assert figure.value == len(rows), key
        elif figure.kind.unit != "ratio" and told:
            assert figure.value == sum(told), key


@pytest.mark.parametrize("chance", range(2))
def test_every_figure_of_an_office_drawn_by_chance_is_the_one_worked_out_by_hand(any_app, chance):
    with any_app.database.transaction() as tx:
        RandomOffice(tx, chance)
    raw = tally(any_app)
    with clock.fixed(NOW):
        report = agrees(any_app, raw, period_of_month(Scope(), "2026-07"), "")
        traces(any_app, report)
        agrees(any_app, raw, period_of_month(Scope(), "2026-08", "370702"), "370702")
        days = period_of_days(Scope("370000"), day("2026-06-10"), day("2026-07-20"))
        agrees(any_app, raw, days, "37")


def test_every_figure_of_the_demonstration_is_the_one_worked_out_by_hand(town):
    is_as_by_hand(town.demo.app, tally(town.demo.app))


@pytest.mark.long
def test_every_figure_of_the_demonstration_is_the_same_on_postgresql(town, postgres_app):
    raw = tally(town.demo.app)
    with postgres_app.database.transaction() as tx:
        tx.execute(text("SET session_replication_role = replica"))  # rows may name later ones
        for table in metadata.sorted_tables:
            if raw[table.name]:
                tx.execute(table.delete())
                keys = {column.name: column.key for column in table.columns}
                rows = [{keys.get(k, k): v for k, v in row.items()} for row in raw[table.name]]
                tx.execute(insert(table), rows)
    is_as_by_hand(postgres_app, raw)


def is_as_by_hand(app, raw):
    with clock.fixed(shown_at()):
        report = agrees(app, raw, period_of_month(Scope(), "2026-08"), "")
    assert report["cases.closed"].value == 1
    assert report.before.first == day("2026-07-01")


def test_a_figure_of_nothing_told_is_unknown_and_never_nothing(any_app):
    with clock.fixed(NOW):
        report = read_report(any_app, period_of_month(Scope(), "2026-07"))
    for key in ("balances.fee", "balances.deposit", "money.liability", "money.cover"):
        assert report[key].value is None, key
    assert report["problems.found"].value == 0


def test_statements_do_not_grow_with_what_is_counted(any_app):
    def read():
        statements = []
        listen = event.listens_for(any_app.database.engine, "before_cursor_execute")
        listen(lambda *args: statements.append(args[2]))
        with clock.fixed(NOW):
            read_report(any_app, period_of_month(Scope(), "2026-07"))
        return len(statements)

    with any_app.database.transaction() as tx:  # one to judge, so that judging is counted in
        tx.execute(insert(institution).values(id=99, uscc="52370702MJD0000099"))
        tx.execute(
            insert(institution_fact).values(
                institution_id=99, valid_from=FIRST_DAY, valid_to=LAST_DAY, name="一校",
                district="370702", subject="arts", nature="for_profit", custody="escrow",
            )
        )  # fmt: skip
    few = read()
    with any_app.database.transaction() as tx:
        RandomOffice(tx, 1)
    assert 0 < read() / 2 <= few + 10  # listeners add up: the second one counts twice


def test_days_and_districts_that_cannot_be_are_refused(any_app):
    with clock.fixed(NOW):
        for first, last in (
            ("2026-07-02", "2026-07-01"),
            ("2026-08-13", "2026-08-14"),
            ("2025-01-01", "2026-06-01"),
            ("2019-01-01", "2019-02-01"),
        ):
            with pytest.raises(InvalidInputError):
                period_of_days(Scope(), day(first), day(last))
        with pytest.raises(InvalidInputError):
            period_of_month(Scope("370702"), "2026-07", "370703")
        with pytest.raises(InvalidInputError):
            period_of_month(Scope(), "2026-13")
        period = period_of_month(Scope(), "2026-08")
        assert period.last == day("2026-08-12")
        for figure in (
            "x",
            "academic",
            "problems.found:x=1",
            "problems.found:",
            "cases.opened:district=1",
        ):
            with pytest.raises(NotFoundError):
                trace_figure(any_app, period, figure)
        year = period_of_days(Scope(), day("2025-01-01"), day("2025-12-31"))
        assert (year.before.first, year.before.last) == (day("2024-01-01"), day("2024-12-31"))
