"""Kept answers: asked again as soon as anybody, in whatever process, wrote what they rest on."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from feewatch.kernel.days import parse_day
from feewatch.services.check.checking import run_check
from feewatch.store import bulk, kept
from feewatch.store.database import Database
from feewatch.store.kept import KeptAnswers, KnownBefore
from feewatch.store.tables.operations import lease
from feewatch.store.tables.registers import account, institution

USCC = "52370702MJE0000{:03d}"


@pytest.fixture
def database(any_app):
    return any_app.database


@pytest.fixture
def elsewhere(any_app):
    """The same database as another process holds it."""
    database = Database(any_app.config.database_url)
    yield database
    database.dispose()


def known(database):
    """How many institutions there are, as far as the process knows."""

    def ask():
        return tx.scalars(select(func.count()).select_from(institution)).one()

    with database.reading() as tx:
        return database.kept.within(tx).answer("institutions", ask)


def insert_rows(tx):
    tx.execute(insert(institution), [{"uscc": USCC.format(n)} for n in (2, 3)])


def insert_from_text(tx):
    tx.execute(text("INSERT INTO institution (uscc) VALUES (:uscc)"), {"uscc": USCC.format(2)})


def insert_from_select(tx):
    cut = func.substr(institution.c.uscc, 1, 17)
    tx.execute(insert(institution).from_select(["uscc"], select(cut)))


def insert_in_bulk(tx):
    bulk.insert_rows(tx, institution, ["id", "uscc"], [(2, USCC.format(2))])


def take_away(tx):
    tx.execute(delete(institution))


WRITES = {
    insert_rows: 3,
    insert_from_text: 2,
    insert_from_select: 2,
    insert_in_bulk: 2,
    take_away: 0,
}


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_every_process_knows_at_once_what_any_of_them_wrote(database, elsewhere, write):
    with database.transaction() as tx:
        tx.execute(insert(institution), [{"id": 1, "uscc": USCC.format(1)}])
        if not database.is_sqlite:
            tx.execute(text("SELECT setval(pg_get_serial_sequence('institution', 'id'), 1)"))
    assert known(database) == known(elsewhere) == 1
    with elsewhere.transaction() as tx:
        write(tx)
    assert known(database) == known(elsewhere) == WRITES[write]


def test_an_answer_is_asked_for_once_as_long_as_nothing_changes(database):
    asked = []
    for _ in range(3):
        with database.reading() as tx:
            assert database.kept.within(tx).answer("x", lambda: asked.append(1)) is None
    assert asked == [1]  # that there is nothing to be said is an answer too


def test_who_looks_since_before_a_change_keeps_seeing_the_data_of_before(database, elsewhere):
    with database.transaction() as tx:
        insert_rows(tx)
    with database.reading() as old:
        view = database.kept.within(old)
        with elsewhere.transaction() as tx:
            take_away(tx)
        assert known(database) == 0
        counted = view.answer(
            "institutions", lambda: old.scalars(select(func.count(institution.c.id))).one()
        )
        assert counted == 2
    assert known(database) == 0


def marks_of(database):
    with database.reading() as tx:
        return kept.read_mark(tx)


def fail_after_writing(tx):
    take_away(tx)
    raise ZeroDivisionError


def test_what_was_taken_back_or_changes_with_every_look_leaves_no_mark(database):
    with database.transaction() as tx:
        insert_rows(tx)
    before = marks_of(database)
    assert before is not None
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        fail_after_writing(tx)
    with database.trying() as tx:
        take_away(tx)
    with database.transaction() as tx:
        tx.execute(insert(lease), {"name": "x", "holder": "h", "held_until": "2026-07-15"})
        tx.execute(select(institution)).all()
    assert marks_of(database) == before
    with database.transaction() as tx:
        tx.execute(update(institution).values(uscc=institution.c.uscc))
    assert marks_of(database) != before


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("SELECT 'INSERT INTO matter'", False),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False),
        ("WITH x AS (SELECT 1) INSERT INTO matter SELECT * FROM x", True),
        ("insert or ignore into matter values (1)", True),
        ('UPDATE "matter" SET id = 1', True),
        ("DELETE FROM audit", False),
        ("INSERT INTO desk_visit VALUES (1)", False),
        ("TRUNCATE matter", True),
        ("DROP TABLE matter", True),
    ],
)
def test_what_is_unclear_counts_as_a_change(statement, changes):
    assert bool(kept._changes(statement)) is changes


def test_a_statement_reads_every_table_that_it_names_and_writes_one():
    matter, entry = (kept._tables_read(f"SELECT 1 FROM {name}") for name in ("matter", '"entry"'))
    joined = "SELECT m.id FROM Matter AS m WHERE id IN (SELECT entry.id FROM entry)"
    assert kept._tables_read(joined) == matter | entry
    assert len(matter | entry) == 4  # of each one of its own and one of long works
    assert {of for of in matter if of > 0} < kept._changes(
        "UPDATE matter SET id = (SELECT id FROM entry)"
    )
    assert entry.isdisjoint(kept._changes("UPDATE matter SET id = (SELECT id FROM entry)"))


def count(tx, table=institution):
    return tx.scalars(select(func.count()).select_from(table)).one()


def asked_anew(database, ask, told=None):
    """Whether an answer that rests on the tables it reads is asked for again."""
    asked = []

    def note(tx):
        asked.append(1)
        return ask(tx)

    with database.reading() as tx:
        database.kept.by_table(tx).answer("of tables", lambda: note(tx), told and told(tx))
    return bool(asked)


def test_an_answer_by_table_is_old_once_a_table_changes_that_was_read_for_it(database, elsewhere):
    assert asked_anew(database, count)
    with elsewhere.transaction() as tx:
        tx.execute(update(account).values(bank="x"))
    assert not asked_anew(database, count)
    with elsewhere.transaction() as tx:
        insert_rows(tx)
    assert asked_anew(database, count)
    assert not asked_anew(database, count)


def test_an_answer_within_another_counts_as_read_for_both_asked_for_or_kept(database):
    def ask(tx):
        return database.kept.by_table(tx).answer("within", lambda: count(tx))

    assert asked_anew(database, ask)
    with database.transaction() as tx:
        insert_rows(tx)
    assert asked_anew(database, ask)
    database.kept.put("of tables", "other", None)  # the outer one is asked for, the inner is kept
    assert asked_anew(database, ask)
    with database.transaction() as tx:
        take_away(tx)
    assert asked_anew(database, ask)


def test_what_was_told_before_stands_for_the_tables_of_which_it_tells(database):
    def told(tx):
        return KnownBefore(tx.scalar(select(func.max(institution.c.uscc))), {"institution"})

    with database.transaction() as tx:
        insert_rows(tx)
    assert asked_anew(database, count, told)
    with database.transaction() as tx:
        tx.execute(insert(institution), {"uscc": USCC.format(1)})
    assert not asked_anew(database, count, told)
    with database.transaction() as tx:
        tx.execute(insert(institution), {"uscc": USCC.format(4)})
    assert asked_anew(database, count, told)


def test_an_answer_around_one_that_knows_before_rests_on_the_tables_themselves(database):
    def ask(tx):
        before = KnownBefore("the same", {"institution"})
        return database.kept.by_table(tx).answer("within", lambda: count(tx), before)

    assert asked_anew(database, ask)
    with database.transaction() as tx:
        insert_rows(tx)
    assert asked_anew(database, ask)


def test_what_is_unclear_makes_every_answer_by_table_old(database):
    assert asked_anew(database, count)
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE made (id INTEGER)"))
    assert asked_anew(database, count)


def test_the_least_lately_asked_for_makes_room():
    answers = KeptAnswers()
    for number in range(kept._MOST + 1):
        answers.put(number, "m", number)
        answers.find(0, "m")
    assert answers.find(0, "m") == (0,)
    assert answers.find(1, "m") is None
    assert answers.find(0, "another") is None


def test_a_text_in_which_the_keys_of_many_rows_are_written_out_is_not_remembered():
    read = []
    known = kept._of_text(read.append)
    short, long = "SELECT 1", f"SELECT {'1, ' * kept._LONG} 1"
    for text_read in (short, long, short, long):
        known(text_read)
    assert read == [short, long, long]
    assert kept.table_written(f"INSERT INTO entry VALUES {'(1), ' * kept._LONG} (1)") == "entry"


def add(tx, number):
    tx.execute(insert(institution), [{"uscc": USCC.format(number)}])


def counted(database, behind):
    """How many institutions a list shows that may be so many seconds behind a long work."""
    with database.reading() as tx:
        return database.kept.by_table(tx, behind=behind).answer("long", lambda: count(tx))


def test_a_list_may_be_behind_a_long_work_until_it_ends(database, elsewhere):
    assert counted(database, 60) == 0
    long_work = elsewhere.for_long_work(0)
    with long_work.transaction() as tx:
        add(tx, 1)
    assert counted(database, 60) == 0
    assert known(database) == 1  # what rests on all data is never behind
    with long_work.transaction() as tx:
        kept.end_long_work(tx)
    assert counted(database, 60) == 1


def test_who_ends_a_long_work_locks_no_mark_before_all_others(postgres_app, request):
    """A check at its end and a file taken in broke each other off."""
    database = postgres_app.database
    elsewhere = Database(postgres_app.config.database_url)
    request.addfinalizer(elsewhere.dispose)
    long_work = database.for_long_work(0)
    with long_work.transaction() as tx:
        add(tx, 1)
    with elsewhere.transaction() as tx:
        add(tx, 2)
    with long_work.transaction() as tx:
        add(tx, 3)
        kept.end_long_work(tx)
        with elsewhere.transaction(patience_seconds=5) as other:
            add(other, 4)
    assert counted(database, 60) == 4


def test_what_ends_a_long_work_is_itself_behind_for_nobody(database, elsewhere):
    assert counted(database, 60) == 0
    with elsewhere.for_long_work(0).transaction() as tx:
        add(tx, 1)
        kept.end_long_work(tx)
    assert counted(database, 60) == 1


def test_it_is_never_behind_who_else_writes(database, elsewhere):
    assert counted(database, 60) == 0
    with elsewhere.for_long_work(0).transaction() as tx:
        add(tx, 1)
    with elsewhere.transaction() as tx:
        add(tx, 2)
    assert counted(database, 60) == 2


@pytest.mark.parametrize("behind", [0.0, 1e-9])
def test_it_is_behind_for_so_long_only_and_where_it_may_be(database, elsewhere, behind):
    assert counted(database, behind) == 0
    with elsewhere.for_long_work(0).transaction() as tx:
        add(tx, 1)
    assert counted(database, behind) == 1


def test_an_answer_is_as_old_as_what_it_was_made_of(database, elsewhere):
    def show(behind):
        with database.reading() as tx:
            view = database.kept.by_table(tx, behind=behind)
            return view.answer("page", lambda: view.answer("long", lambda: count(tx)))

    assert counted(database, 60) == 0
    with elsewhere.for_long_work(0).transaction() as tx:
        add(tx, 1)
    assert show(60) == 0
    assert show(1e-9) == 1  # neither was made of the data of now


def test_a_full_check_at_its_end_leaves_no_list_behind(any_app):
    database = any_app.database
    assert counted(database, 600) == 0
    with database.for_long_work(0).transaction() as tx:
        add(tx, 1)
    assert counted(database, 600) == 0
    run_check(any_app, parse_day("2026-07-31"), full=True)
    assert counted(database, 600) == 1
