"""The rounds of the demonstration: one inspector misses one institution in one month."""

import datetime as dt

from sqlalchemy import func, insert, select

from feewatch.kernel import clock
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.demo_rounds import make_rounds
from feewatch.services.rounds.inspectors import list_missing
from feewatch.store.people import users
from feewatch.store.tables.casework import alert
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import visit


def noon(text):
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(12), clock.SHANGHAI)


def test_one_visit_is_missing_and_all_that_was_found_stands(rounds):
    app, codes = rounds.app, [f"U{n:02d}" for n in range(12)]
    with app.database.transaction() as tx:
        for key, uscc in enumerate(codes, 100):
            tx.execute(insert(institution).values(id=key, uscc=uscc))
            tx.execute(
                insert(institution_fact).values(
                    institution_id=key, valid_from=FIRST_DAY, valid_to=LAST_DAY, name=uscc,
                    district="370702", subject="arts", nature="for_profit", custody="both",
                )
            )  # fmt: skip
        for name in ("inspector", "inspector2", "officer"):
            users.add(tx, name, name.rstrip("2"), "370702", None, "x")
    make_rounds(app, codes, noon)
    with clock.fixed(noon("2026-08-14")):
        missing = list_missing(app, NATIONWIDE, parse_day("2026-05-01"), parse_day("2026-07-31"))
    assert [(each.owed.inspector, each.uscc) for each in missing] == [("inspector2", "U09")]
    with app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(visit)) == 30
        ended = tx.scalars(select(alert.c.recovered_on.is_not(None)).order_by(alert.c.on_day))
        assert sorted(ended) == [False, False, True]
