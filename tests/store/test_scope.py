"""Records of some institutions are read by the index of their institution."""

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config
from feewatch.store.scope import of_institutions
from feewatch.store.tables.casework import alert


@pytest.mark.parametrize("institutions", [{0}, {5}, {0, 5}])
def test_alerts_of_no_institution_and_of_one_are_read_by_their_index(tmp_path, institutions):
    """As those of no institution once were not: a check without news read all of an office."""
    app = initialise(Config(tmp_path))
    query = select(alert.c.id).where(
        of_institutions(alert.c.institution_id, institutions),
        alert.c.rule.in_([f"RULE-{n}" for n in range(12)]),
    )
    with app.database.reading() as tx:
        sql = query.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    app.database.dispose()
    searches = [step for step in plan if step.startswith(("SEARCH alert", "SCAN alert"))]
    assert searches
    assert all("ix_alert_institution_id_rule (institution_id=?" in step for step in searches)
