"""The chart of an institution beside the facts that BAL-COVER stands on, on a random world."""

from oracle.engine import Engine
from oracle.generator import make_world
from sqlalchemy import select

from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.kernel.days import parse_day
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import get_rule, rule_book
from feewatch.store.check import series
from feewatch.store.tables.registers import institution

#: Before and after the succession, and with lessons still to come.
DAYS_BEFORE = (0, 10, 40, 80)


def by_the_fact(app, tx, key, day):
    """What the institution owes by the facts as of a day: of contracts, and unexplained."""
    book, dialect = rule_book(app), app.database.dialect
    evaluation = Evaluation(tx, dialect, book, day, app.config.office.district, {key})
    with evaluation.of(get_rule(book, "BAL-COVER")) as outcomes:
        owed = outcomes.select(outcomes.fact("contract_position"))
        rest = outcomes.select(outcomes.fact("unexplained_money"))
    return sum(row["high_fen"] for row in owed), sum(row["fen"] for row in rest)


def test_the_chart_says_what_the_facts_say(seed, tmp_path):
    world, engine = make_world(seed), Engine(tmp_path)
    engine.take_in(world, tmp_path / "world")
    app = open_app(load_config(engine.config))
    last = parse_day(str(world.as_of))
    with app.database.transaction() as tx:
        keys = dict(map(tuple, tx.execute(select(institution.c.uscc, institution.c.id))))
        asked = [(uscc, last - back) for uscc in keys for back in DAYS_BEFORE]
        told = {}
        for uscc, day in asked:
            (point,) = series.list_points(tx, keys[uscc], [day])
            told[uscc, day] = (point.liability_fen, point.unexplained_fen)
        facts = {(uscc, day): by_the_fact(app, tx, keys[uscc], day) for uscc, day in asked}
    app.database.dispose()
    assert told == facts
    assert sum(fen for fen, _ in told.values()) > 0
