"""Writes a rule as one SQL statement that judges every subject of the institutions in scope.

The statement reads the rule's fact, joins each row to the law of its own day and place (table
``law``), and gives the outcome of three values: 1 breach, 0 compliant, NULL cannot judge, and
2 for a subject whose day has not come. It is the same for every engine but for the dialect.

It is the CTE ``judged``: who counts reads the outcome alone, who tells of breaches their figures,
and the database computes what is read. Facts that cost something are kept as tables, which all
rules of one evaluation share.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from feewatch.engine.book import Fact, Rule, RuleBook
from feewatch.engine.expressions import generate, split_quotient, to_sql
from feewatch.engine.law import Variant
from feewatch.engine.lint import GIVEN, is_expression, used_names
from feewatch.engine.look_ups import keep_keys
from feewatch.kernel.days import Day

BREACH, COMPLIANT, NOT_YET = 1, 0, 2
#: The bind for the first day whose rows are wanted; before it a fact may give any or none.
SINCE = ":since"


@dataclass(frozen=True)
class FactTable:
    """A fact kept as a temporary table, so that it is computed once."""

    name: str
    sql: str  # one SELECT with the binds :as_of, ...
    reads_law: bool  # it holds for one rule only: each lays out its own law
    looks_back: bool  # it holds for one first day only: it reads :since
    index: tuple[str, ...]  # the columns by which other facts look its rows up
    #: Columns and types of one whose rows are at hand: nothing is computed.
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Compiled:
    """A rule ready to run."""

    rule: Rule
    facts: tuple[FactTable, ...]  # to be made before, in this order
    sql: str  # WITH ... judged AS (...), to which a SELECT is added; with the binds :as_of, ...
    shown: tuple[str, ...]  # columns and parameters that the calculation line reads
    due: int  # columns due_1 .. due_n
    law_columns: tuple[str, ...]  # parameters that stand in the table ``law``


def law_columns(rule: Rule, book: RuleBook) -> tuple[str, ...]:
    """The parameters that stand as columns in the table ``law``: all but word lists."""
    return tuple(name for name in rule.parameters if book.parameters[name].unit != "words")


def law_rows(
    rule: Rule,
    book: RuleBook,
    variants: Sequence[Variant],
    spans: Sequence[tuple[str, Day, Day, int]],
) -> list[dict[str, object]]:
    """The rows of the table ``law`` for a rule: one a span, with the values in force."""
    rows: list[dict[str, object]] = []
    for law_id, (district, start, end, number) in enumerate(spans, 1):
        variant = variants[number]
        row: dict[str, object] = {
            "law_id": law_id,
            "district": district,
            "from_day": start,
            "to_day": end,
            "variant": number,
            "authority": variant.block.authority,
        }
        for name, value in zip(rule.parameters, variant.values, strict=True):
            if book.parameters[name].unit != "words":
                row[name] = None if value is None else value.value
        rows.append(row)
    return rows


@lru_cache(maxsize=1024)
def compile_rule(
    rule: Rule,
    book: RuleBook,
    variants: tuple[Variant, ...],
    dialect: str,
    given: frozenset[str] = frozenset(),
) -> Compiled:
    """The SELECT of a rule in an engine's dialect; ``given``: facts whose rows are at hand."""
    fact = book.facts[rule.fact]
    columns = law_columns(rule, book)
    lists = _word_lists(rule, book, variants)

    def place(name: str) -> str:
        if name == "as_of":
            return ":as_of"
        if name == "authority" or (name in columns and name not in fact.columns):
            return f"l.{name}"
        return f"f.{name}"

    def sql(text: str) -> str:
        return to_sql(text, dialect, place, lists)

    def figure(text: str | None, name: str) -> list[str]:
        if text is None:
            return [f"NULL AS {name}", f"1 AS {name}_over"]
        above, below = split_quotient(text)
        return [f"{sql(above)} AS {name}", f"{sql(below)} AS {name}_over"]

    ripe = sql(rule.ripe) if rule.ripe else "f.on_day"
    breach = sql(rule.breach)
    judged = (
        f"CASE WHEN {ripe} > :as_of THEN {NOT_YET} ELSE "
        f"CASE ({breach}) WHEN TRUE THEN {BREACH} WHEN FALSE THEN {COMPLIANT} END END AS outcome"
    )
    shown = sorted((used_names(rule) & {*fact.columns, *columns} - set(GIVEN)) | {"authority"})
    select = [
        "f.institution_id", "f.uscc", "f.institution_name", "f.district", "f.supervised_from",
        f"{subject_kind(rule, fact)} AS subject_kind", "f.subject_id", "f.on_day", "f.law_day",
        "f.ended_on", "l.variant", judged,
        *figure(rule.measured, "measured"),
        *figure(rule.limit, "limit_value"),
        f"{_severity(rule, sql)} AS severity",
        f"{reason(rule, sql)} AS reason",
        f"{sql(rule.cause)} AS cause",
        f"{sql(rule.amount) if rule.amount else 'NULL'} AS amount_fen",
        f"{sql(rule.cleared) if rule.cleared else 'NULL'} AS cleared_on",
        f"{ripe} AS ripe_on",
        f"{sql(rule.unit) if is_expression(rule.unit) else _literal(rule.unit)} AS unit",
        *(f"{sql(text)} AS due_{n}" for n, text in enumerate(rule.due, 1)),
        *(f"{place(name)} AS s_{name}" for name in shown),
        *(part for name, text in rule.shown.items() for part in figure(text, f"s_{name}")),
        *(f"f.{key} AS k_{key}" for key in KEYS if key in fact.columns),
    ]  # fmt: skip
    conditions = [sql(rule.applies)] if rule.applies else []
    if may_look_back(rule, book):
        conditions.append(f"f.on_day >= {SINCE}")
    conditions += _block_conditions(variants, sql)
    join = (
        "l.law_id = f.law_id"
        if fact.joins_law
        else ("l.district = f.district AND f.law_day BETWEEN l.from_day AND l.to_day")
    )
    where = f" WHERE {' AND '.join(f'({each})' for each in conditions)}" if conditions else ""
    facts, branches = read_branches(fact, book, dialect, given)
    read = {f"{JUDGED_FACT}_{n}": branch for n, branch in enumerate(branches, 1)}
    judged = " UNION ALL ".join(
        f"SELECT {', '.join(select)} FROM {name} AS f JOIN law AS l ON {join}{where}"
        for name in read
    )
    sql_of_all = with_parts({**read, "judged": judged})
    return Compiled(rule, facts, sql_of_all, tuple(shown), len(rule.due), columns)


def last_reads(rules: Sequence[Compiled]) -> list[list[FactTable]]:
    """For each of the rules, in this order, the facts that no later one reads."""
    last = {fact: number for number, rule in enumerate(rules) for fact in rule.facts}
    return [
        [fact for fact in rule.facts if last[fact] == number] for number, rule in enumerate(rules)
    ]


def adds_up(rule: Rule, book: RuleBook) -> bool:
    """Whether a rule reads facts that are added up from the first day on."""
    return any(book.facts[fact].head.carries for fact in list_read(book, rule.fact))


def may_look_back(rule: Rule, book: RuleBook) -> bool:
    """Whether rows of a rule may be judged from a day on, while those before it stay as they are.

    Not where the rule tells of a state, or grows more severe by the time alone.
    """
    return (
        book.facts[rule.fact].head.reach is not None and not rule.is_state and not rule.escalation
    )


def subject_kind(rule: Rule, fact: Fact) -> str:
    """The kind of a row's subject: of rules on charges the fact says it, row by row."""
    return "f.subject_kind" if SUBJECT_KIND in fact.columns else _literal(rule.subject)


#: Columns that evidence and basis are found by, where the fact has them.
KEYS = (
    "contract_id", "contract_ids", "course_id", "contract_no", "refund_no", "case_no", "entry_id",
    "account_id", "statement_id", "place_name", "document", "price_from_day", "price_certainty",
    "charge_id",
)  # fmt: skip
JUDGED_FACT = "judged_fact"
#: A contract without charges is its own only charge, and a contract by its kind of subject.
SUBJECT_KIND = "subject_kind"


def _literal(word: str) -> str:
    return exp.Literal.string(word).sql()


def _severity(rule: Rule, sql: Callable[[str], str]) -> str:
    steps = [f"WHEN {sql(step.when)} THEN '{step.level}'" for step in rule.severity if step.when]
    last = next((step.level for step in rule.severity if step.when is None), "notice")
    return f"CASE {' '.join(steps)} ELSE '{last}' END" if steps else f"'{last}'"


def reason(rule: Rule, sql: Callable[[str], str]) -> str:
    """The number of the first need that is not met, 0 where none says why."""
    whens = [f"WHEN {sql(need.when)} THEN {n}" for n, need in enumerate(rule.needs, 1)]
    return f"CASE {' '.join(whens)} ELSE 0 END" if whens else "0"


def _block_conditions(variants: Sequence[Variant], sql: Callable[[str], str]) -> list[str]:
    """A subject must be one that its own block in force is about."""
    if all(variant.block.applies is None for variant in variants):
        return []
    whens = " ".join(
        f"WHEN {n} THEN ({sql(variant.block.applies) if variant.block.applies else 'TRUE'})"
        for n, variant in enumerate(variants)
    )
    return [f"CASE l.variant {whens} END"]


def _word_lists(
    rule: Rule, book: RuleBook, variants: Sequence[Variant]
) -> dict[str, list[tuple[str, ...]]]:
    """The words of each list parameter by variant."""
    lists: dict[str, list[tuple[str, ...]]] = {}
    for position, name in enumerate(rule.parameters):
        if book.parameters[name].unit == "words":
            values = (variant.values[position] for variant in variants)
            lists[name] = [
                value.value if value is not None and isinstance(value.value, tuple) else ()
                for value in values
            ]
    return lists


def read_branches(
    fact: Fact, book: RuleBook, dialect: str, given: frozenset[str] = frozenset()
) -> tuple[tuple[FactTable, ...], list[str]]:
    """The facts to keep as tables, and the SELECTs of the fact itself, which read them.

    ``given``: facts whose rows are at hand, so that neither they nor what they read is computed.

    A fact of several SELECTs (UNION ALL) is read one by one: planners look into joins, but
    compute the whole of a union before they look at a condition.
    """
    kept = {name: _given(book.facts[name]) for name in list_read(book, fact.id) if name in given}
    if not _only_joins(fact.sql) or (_is_shared(fact, book) and not fact.joins_law):
        branches = [f"SELECT * FROM {_keep(fact, book, dialect, kept).name}"]
    else:
        used = _keep_used(fact, book, dialect, kept)
        branches = list(_branches(fact.sql, dialect, _names(used)))
    return tuple(kept.values()), branches


def keep_fact(book: RuleBook, name: str, dialect: str) -> tuple[FactTable, ...]:
    """A fact as a table, after those it reads."""
    kept: dict[str, FactTable] = {}
    _keep(book.facts[name], book, dialect, kept)
    return tuple(kept.values())


def _keep(fact: Fact, book: RuleBook, dialect: str, kept: dict[str, FactTable]) -> FactTable:
    """The table of a fact, which is added to those kept after those it reads."""
    if fact.id not in kept:
        used = _keep_used(fact, book, dialect, kept)
        reads_law = bool({"law", "carried"} & {*fact.uses}) or any(each.reads_law for each in used)
        looks_back = SINCE in fact.sql or any(each.looks_back for each in used)
        sql = fact_sql(fact.sql, dialect, _names(used))
        # planners may look rows up one by one: without an index each look-up would read all of them
        index = fact.head.grain if _is_read(fact, book) else ()
        kept[fact.id] = FactTable(table_of(fact.id), sql, reads_law, looks_back, index)
    return kept[fact.id]


def _given(fact: Fact) -> FactTable:
    """The table of a fact whose rows are at hand."""
    units = {column.name: column.unit for column in fact.head.columns}
    columns = tuple((name, "TEXT" if units[name] == "text" else "BIGINT") for name in fact.columns)
    return FactTable(
        table_of(fact.id),
        "",
        reads_law=False,
        looks_back=False,
        index=fact.head.grain,
        given=columns,
    )


def _keep_used(
    fact: Fact, book: RuleBook, dialect: str, kept: dict[str, FactTable]
) -> list[FactTable]:
    """The tables of the facts that a fact reads."""
    used = [book.facts[name] for name in fact.uses if name in book.facts]
    return [_keep(each, book, dialect, kept) for each in used]


def table_of(fact: str) -> str:
    """The name of the table in which a fact stands."""
    return f"fact_{fact}"


def _names(tables: Sequence[FactTable]) -> frozenset[str]:
    return frozenset(table.name for table in tables)


def _is_read(fact: Fact, book: RuleBook) -> bool:
    return any(fact.id in other.uses for other in book.facts.values())


def _is_shared(fact: Fact, book: RuleBook) -> bool:
    return sum(rule.fact == fact.id for rule in book.rules.values()) > 1


def list_read(book: RuleBook, name: str) -> list[str]:
    """A fact and all that it reads, each after those that it reads itself."""
    read: dict[str, None] = {}

    def add(fact: Fact) -> None:
        for used in fact.uses:
            if used in book.facts and used not in read:
                add(book.facts[used])
        read[fact.id] = None

    add(book.facts[name])
    return list(read)


def with_parts(parts: Mapping[str, str]) -> str:
    """A WITH clause of named SELECTs."""
    return f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in parts.items())}"


@lru_cache(maxsize=256)
def _only_joins(sql: str) -> bool:
    """Whether a fact computes next to nothing: reading its rows costs less than keeping them."""
    tree = sqlglot.parse_one(sql, read="postgres")
    computed = exp.Func, exp.Subquery, exp.Group, exp.With, exp.Distinct
    cheap = exp.Cast, exp.Case, exp.If, exp.Coalesce, exp.And, exp.Or
    names = [each.named_selects for each in _selects(tree) if isinstance(each, exp.Query)]
    return all(each == names[0] for each in names) and not any(
        isinstance(node, computed) and not isinstance(node, cheap) for node in tree.walk()
    )


def _selects(tree: exp.Expr) -> list[exp.Expr]:
    """The SELECTs that a statement puts one after the other by UNION ALL, mostly one."""
    whole = any(tree.args.get(each) for each in ("distinct", "order", "limit"))
    if isinstance(tree, exp.Union) and not whole:
        return [*_selects(tree.this), *_selects(tree.expression)]
    return [tree]


@lru_cache(maxsize=256)
def _branches(sql: str, dialect: str, kept: frozenset[str]) -> tuple[str, ...]:
    """The SELECTs of a fact that only joins; more than one where it is a UNION ALL."""
    tree = _reading(sqlglot.parse_one(sql, read="postgres"), kept, dialect)
    return tuple(generate(each, dialect, lambda name: name, {}) for each in _selects(tree))


@lru_cache(maxsize=256)
def fact_sql(sql: str, dialect: str, kept: frozenset[str] = frozenset()) -> str:
    """The SELECT of a fact in an engine's dialect, house functions written out.

    ``kept``: the tables in which facts that it may read stand.
    """
    tree = _reading(sqlglot.parse_one(sql, read="postgres"), kept, dialect)
    for part in tree.find_all(exp.CTE):
        part.set("materialized", _computes_once(dialect) or None)
    return generate(tree, dialect, lambda name: name, {})


def _reading(tree: exp.Expr, kept: frozenset[str], dialect: str) -> exp.Expr:
    """The tree as an engine is to read it: each fact from its table itself, under its own name.

    Behind a part of the statement, planners would copy a table that is read twice, and see none of
    its indexes.
    """
    for table in list(tree.find_all(exp.Table)):
        if table_of(table.name) in kept:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(table_of(table.name)))
    if dialect == "spark":
        keep_keys(tree)
    return tree


def _computes_once(dialect: str) -> bool:
    """Whether an engine can be told to compute each part of a statement once.

    The outcome, its reason and the figures all read the same columns, and planners that know
    nothing yet of freshly loaded tables would compute a part again for each row of another.
    """
    return dialect != "spark"
