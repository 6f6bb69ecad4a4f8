"""No rule reads a whole table again for each row of another: the plans of databases say so.

Such a step is fast in every small test and takes hours in an office: its time grows with the square
of the data. SQLite tells each step of a statement; one that is repeated must go by an index. What
PostgreSQL reads row by row depends on how much there is, but for parts of a statement, which have
no index there: none of them may be looked up. It also counts the rows that a step tried with others
for nothing: they may not be many times all there are. DuckDB joins by hash, but where neither side
of a condition is one column: it then tries each row with each.
"""

import re
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from offices import initialise

from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.config import Config, DatabaseConfig, Office
from feewatch.engine.book import Fact
from feewatch.engine.compiler import keep_fact, list_read
from feewatch.kernel.days import parse_day
from feewatch.services.check.columns import words_read
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book, shipped_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import bulk
from feewatch.store.check import checks
from feewatch.store.check.column_view import viewing_columns
from feewatch.store.check.columnar import Columnar
from feewatch.store.check.engines import OnConnection

AS_OF = parse_day("2026-07-31")
#: A group of institutions on PostgreSQL, few of them: what is tried with each is not much.
GROUP = Size.of_entries(3000, 4)
#: Rows that a step of PostgreSQL may try for nothing: so many for each entry of the group. With
#: each account of these institutions releases try seven; each of the 600 charges with each receipt
#: came to 120. What is left of that in ACC-OFF, charges of which money is missing with what was
#: seen of their accounts, comes to one: it grows with a group, whose size is bounded (SERVER_LOAD).
MOST_TRIED = 20 * GROUP.entries * GROUP.institutions
#: Read from end to end for each row of another: as many rows whatever the size of the office.
SMALL = {
    "step": "the seven days of a window, written into the statement",
    "law": "a row a district and change of law, which the planner has counted",
}
#: Facts of which DuckDB tries each row with each, and why that is no matter.
TRIED_ALL = {
    "fact_reach": "with the successions, of which there are few",
    "fact_running_case": "cases under way, with one day",
}


class Explaining(OnConnection):
    """The database, which notes each repeated step that reads a whole table."""

    def __init__(self, tx):
        super().__init__(tx)
        self.whole = []
        self.plans = {}

    def run(self, sql):
        made = re.match(r"CREATE TEMPORARY TABLE (\w+) AS (.*)", sql, re.DOTALL)
        if made:
            plan = self._tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {made[2]}")
            self.plans[made[1]] = [step for _, _, _, step in plan]
            self.whole += [f"{made[1]}: {step}" for step in self._repeated(made[2])]
        # a fact that is not counted is taken for a million rows: plans are those of a large office
        if not sql.startswith("ANALYZE fact_"):
            super().run(sql)

    def rows(self, sql):
        self.whole += self._repeated(sql)
        return super().rows(sql)

    def _repeated(self, sql):
        steps = defaultdict(list)
        for number, parent, _, step in self._tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"):
            steps[parent].append((number, step))
        return [*whole_reads(steps, 0, small_names(sql), is_repeated=False)]


def small_names(sql):
    """The names under which a statement reads small tables and nothing else."""
    names = defaultdict(set)
    for table, name in re.findall(r"\b(\w+) AS (\w+)\b", sql):
        names[name].add(table)
    return SMALL.keys() | {name for name, tables in names.items() if tables <= SMALL.keys()}


def whole_reads(steps, parent, small, *, is_repeated):
    """The steps that read a table from end to end for each row of another one.

    The steps of one SELECT are loops within each other; a part that is materialised is made once.
    To go through an index from end to end is no better: SCAN. A SEARCH that names no index looks
    for the largest or smallest in all rows.
    """
    inside = is_repeated
    for number, step in steps[parent]:
        verb, _, rest = step.partition(" ")
        if verb in ("SCAN", "SEARCH"):
            is_whole = verb == "SCAN" or " USING " not in rest
            if inside and is_whole and rest != "CONSTANT ROW" and rest.split()[0] not in small:
                yield step
            inside = True
        once = verb in ("MATERIALIZE", "CO-ROUTINE")
        within = not once and (is_repeated or step.startswith("CORRELATED"))
        yield from whole_reads(steps, number, small, is_repeated=within)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    app = initialise(Config(tmp_path_factory.mktemp("office"), Office(district="370702")))
    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(Size.of_entries(2000, 20), AS_OF - 1))
    match_changed(app)
    yield app
    app.database.dispose()


@pytest.fixture
def judging(office):
    """The rules over the whole office, and the database that notes what they read."""
    with office.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        engine = Explaining(tx)
        book = rule_book(office)
        yield Evaluation(tx, "sqlite", book, AS_OF, "370702", everyone, engine), engine


def test_no_rule_reads_a_whole_table_for_each_row_of_another(judging):
    evaluation, engine = judging
    for rule in evaluation.book.rules.values():
        with evaluation.of(rule) as outcomes:
            outcomes.count()
            outcomes.breaches()
            outcomes.fact(rule.fact)  # as a table too, as other facts may read it
        assert engine.whole == [], rule.id


def test_nor_do_rules_that_are_counted_together(judging):
    evaluation, engine = judging
    for outcomes in evaluation.of_each(evaluation.book.rules.values()):
        outcomes.count()
    assert engine.whole == []


def test_no_fact_that_only_others_than_rules_read_does(judging):
    evaluation, engine = judging
    book = evaluation.book
    by_rules = {name for rule in book.rules.values() for name in list_read(book, rule.fact)}
    with evaluation.of(book.rules["ACC-NONE"]) as outcomes:
        for name in book.facts.keys() - by_rules:
            outcomes.fact(name)
            assert engine.whole == [], name


@pytest.mark.parametrize("fact", ["unexplained_money", "monthly_flow"])
def test_what_was_paid_in_many_years_is_added_up_from_an_index_alone(judging, fact):
    evaluation, engine = judging
    with evaluation.of(evaluation.book.rules["ACC-NONE"]) as outcomes:
        outcomes.fact(fact)
    (reading,) = (step for step in engine.plans[f"fact_{fact}"] if re.match(r"\w+ e\b", step))
    assert "USING COVERING INDEX ix_entry_paid" in reading


def looking_up(book):
    """A made-up fact as a table, after those it reads, of which it looks up one row by row."""
    sql = """
        SELECT a.refund_id, (SELECT MAX(p.refunded_on) FROM refund_progress AS p
                             WHERE p.refund_id = a.refund_id) AS refunded_on
        FROM asked_refund AS a
        """
    used = "asked_refund", "refund_progress"
    made_up = Fact("looking_up", sql, ("refund_id", "refunded_on"), used, joins_law=False)
    return keep_fact(replace(book, facts=book.facts | {made_up.id: made_up}), made_up.id, "sqlite")


def test_a_fact_that_looks_up_what_has_no_index_is_seen(judging):
    """As REF-SHORT once did, whose time grew with the square of the office."""
    evaluation, engine = judging
    tables = looking_up(evaluation.book)
    with evaluation.of(evaluation.book.rules["REF-SHORT"]) as outcomes:
        run = evaluation.run_for(outcomes)
        looked_up = "fact_refund_progress"
        run.keep(replace(t, index=()) if t.name == looked_up else t for t in tables)
    (step,) = engine.whole
    assert re.match(r"fact_looking_up: S(CAN|EARCH) p$", step)


def test_with_the_index_of_its_grain_it_is_not(judging):
    evaluation, engine = judging
    with evaluation.of(evaluation.book.rules["REF-SHORT"]) as outcomes:
        evaluation.run_for(outcomes).keep(looking_up(evaluation.book))
    assert engine.whole == []


def test_a_look_up_without_index_is_seen(office):
    with office.database.reading() as tx:
        engine = Explaining(tx)
        engine.run("CREATE TEMPORARY TABLE bare AS SELECT id, student FROM contract")
        engine.rows(
            "SELECT (SELECT MAX(b.id) FROM bare AS b WHERE b.student = c.student) "
            "FROM contract AS c"
        )
        assert [step.split()[1] for step in engine.whole] == ["b"]
        engine.rows("SELECT (SELECT b.student FROM contract AS b WHERE b.id = c.id) FROM bare AS c")
        assert len(engine.whole) == 1


def test_an_index_read_from_end_to_end_is_a_whole_table(office):
    with office.database.reading() as tx:
        engine = Explaining(tx)
        engine.rows("SELECT COUNT(*) FROM institution AS o JOIN contract AS c ON c.id <> o.id")
        assert len(engine.whole) == 1
        assert engine.whole[0].startswith("SCAN")


class ExplainingPostgres(OnConnection):
    """PostgreSQL, which notes what each statement read again and again for rows of another."""

    def __init__(self, tx):
        super().__init__(tx)
        self.looked_up = []
        self.tried = {}  # by what is made: rows that one step tried and threw away, at the most

    def keep(self, name, select, indexes=()):
        self._explain(name, select)
        super().keep(name, select, indexes)

    def rows(self, sql):
        self._explain(" ".join(sorted(set(re.findall(r"\bfact_\w+", sql)))), sql)
        return super().rows(sql)

    def _explain(self, name, sql):
        how = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"
        [told] = self._tx.exec_driver_sql(f"{how} {sql}").scalar_one()
        self.looked_up += [f"{name}: {part}" for part in parts_looked_up(told["Plan"])]
        self.tried[name] = max(self.tried.get(name, 0), *rows_tried(told["Plan"]))


def parts_looked_up(step, *, is_repeated=False):
    """The parts of a statement that sub-queries read which are run row by row."""
    is_repeated |= step.get("Parent Relationship") == "SubPlan"
    is_repeated &= "hashed" not in step.get("Subplan Name", "")
    if is_repeated and step["Node Type"] == "CTE Scan":
        yield step["CTE Name"]
    for each in step.get("Plans", ()):
        yield from parts_looked_up(each, is_repeated=is_repeated)


def rows_tried(step):
    """Of each step the rows of one side that it tried with rows of the other, for nothing.

    A step that is not repeated reads a table once: what it leaves out is no more than that has.
    """
    times = step["Actual Loops"]
    tried = step.get("Rows Removed by Join Filter", 0)
    if times > 1:
        tried += step.get("Rows Removed by Filter", 0)
    yield tried * times
    for each in step.get("Plans", ()):
        yield from rows_tried(each)


@pytest.fixture(scope="module")
def on_postgres(postgres, postgres_pattern, tmp_path_factory):
    """The group on PostgreSQL, counted as before each check."""
    url = DatabaseConfig(postgres.new_database(postgres_pattern))
    config = Config(tmp_path_factory.mktemp("server"), Office(district="370702"), database=url)
    app = initialise(config)
    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(GROUP, AS_OF - 1))
    match_changed(app)
    app.database.take_stock(everything=True)
    yield app
    app.database.dispose()


@contextmanager
def explaining_on(app):
    with app.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        engine = ExplainingPostgres(tx)
        yield Evaluation(tx, "postgres", rule_book(app), AS_OF, "370702", everyone, engine), engine


@pytest.fixture(scope="module")
def told_by_postgres(on_postgres):
    """What PostgreSQL tells of each rule as a check counts it, and of each fact as a table."""
    with explaining_on(on_postgres) as (evaluation, engine):
        book = evaluation.book
        for outcomes in evaluation.of_each(book.rules.values()):
            outcomes.count()
            outcomes.fact(outcomes.rule.fact)
        return engine


def test_on_postgresql_no_part_of_a_statement_is_read_for_each_row(told_by_postgres):
    """As FLOW-SPIKE once did: five of twenty seconds at a hundred thousand entries."""
    assert told_by_postgres.looked_up == []


def test_postgresql_tries_no_rows_of_many_with_each_other(told_by_postgres):
    """As ACC-OFF once did: each charge of a group with each receipt of it."""
    tried = told_by_postgres.tried
    assert {f"fact_{name}" for name in shipped_book().facts} <= tried.keys()
    assert {name: rows for name, rows in tried.items() if rows > MOST_TRIED} == {}


def test_rows_that_are_tried_with_each_other_are_seen(on_postgres):
    """Both ways: as a condition of the join, and as one of a table that is read again each time."""
    with explaining_on(on_postgres) as (_, engine):
        engine.keep(
            "by_join",
            """
            SELECT c.id FROM contract AS c
            LEFT JOIN entry AS e ON COALESCE(e.merged_into, e.id) < c.id - 10000
            """,
        )
        engine.keep(
            "by_filter",
            """
            SELECT c.id, (SELECT MIN(e.booked_on) FROM entry AS e
                          WHERE COALESCE(e.memo, '') = c.contract_no) AS booked_on
            FROM contract AS c
            """,
        )
        assert engine.looked_up == []
        assert min(engine.tried["by_join"], engine.tried["by_filter"]) > MOST_TRIED


def test_a_part_of_a_statement_that_is_read_for_each_row_is_seen(on_postgres):
    with explaining_on(on_postgres) as (_, engine):
        engine.keep(
            "looking_up",
            """
            WITH later AS MATERIALIZED (SELECT institution_id, booked_on FROM entry)
            SELECT e.id, (SELECT MIN(n.booked_on) FROM later AS n
                          WHERE n.institution_id = e.institution_id
                            AND n.booked_on > e.booked_on) AS booked_on
            FROM entry AS e
            """,
        )
        assert engine.looked_up == ["looking_up: later"]


class ExplainingDuckdb(Columnar):
    """DuckDB, which notes each fact that tries each row of one table with each of another."""

    def __init__(self, *given):
        super().__init__(*given)
        self.tried_all = set()

    def keep(self, name, select, indexes=()):
        if name.startswith("fact_"):
            [plan] = self.rows(f"EXPLAIN (FORMAT json) {select}")
            if "BLOCKWISE_NL_JOIN" in plan["explain_value"]:
                self.tried_all.add(name)
        super().keep(name, select, indexes)


def test_duckdb_tries_no_rows_of_many_with_each_other(office):
    """As ACC-OFF once did: at twenty million entries it took half of the time of the whole book."""
    duckdb, arrow = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow")
    book = rule_book(office)
    with (
        closing(ExplainingDuckdb(duckdb, arrow, 1)) as engine,
        viewing_columns(office.database) as view,
    ):
        engine.copy(view, words_read(book))
        everyone = {*checks.list_institutions(view.tx), checks.OFFICE}
        evaluation = Evaluation(view.tx, engine.dialect, book, AS_OF, "370702", everyone, engine)
        for rule in book.rules.values():
            with evaluation.of(rule) as outcomes:
                outcomes.fact(rule.fact)
    assert engine.tried_all == TRIED_ALL.keys()
