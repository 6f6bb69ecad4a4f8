"""How each connection to a server is set, by which its planner goes."""

import pytest
from sqlalchemy import text

from feewatch.store.database import Database

#: A server that nobody has set says on, 4 and 2.
SET = {"jit": "off", "random_page_cost": "1.1", "max_parallel_workers_per_gather": "0"}


def told(connection):
    return {name: connection.scalar(text(f"SHOW {name}")) for name in SET}


@pytest.mark.parametrize("how", ["as it is", "for long work", "limited"])
def test_a_connection_is_set_for_a_rule_book_whatever_was_rolled_back(postgres_app, how):
    database = {
        "as it is": postgres_app.database,
        "for long work": postgres_app.database.for_long_work(2),
        "limited": postgres_app.database.limited(2, 1),
    }[how]
    database.dispose()
    for _ in range(2):  # a view is rolled back at its end
        with database.reading() as view, database.transaction() as writer:
            assert [told(view), told(writer)] == [SET, SET]


def test_a_connection_keeps_the_name_that_its_address_gives_it(postgres_app):
    address = postgres_app.database.url.update_query_dict({"application_name": "office"})
    named = Database(address.render_as_string(hide_password=False))
    with named.reading() as one, named.reading() as two:
        names = [tx.scalar(text("SHOW application_name")) for tx in (one, two)]
    named.dispose()
    assert names[0] == names[1]
    assert names[0].endswith(" office")
