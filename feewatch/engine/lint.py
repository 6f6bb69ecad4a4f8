"""Faults between the files of a rule book: names that do not resolve, days that overlap."""

import re
import string
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from feewatch.engine.book import Fact, Rule, RuleBook
from feewatch.engine.credit_terms import lint_credit_terms
from feewatch.engine.entering import is_target
from feewatch.engine.explanation import PARTY, PERSONAL, WAYS
from feewatch.engine.expressions import column_names, faults, is_quotient
from feewatch.engine.grade_lint import lint_schemes
from feewatch.engine.prices import price_overlaps
from feewatch.engine.reference_lint import lint_references
from feewatch.engine.rule_file import EVIDENCE
from feewatch.kernel.days import format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: What every fact that rules use must give.
FACT_COLUMNS = (
    "institution_id", "uscc", "institution_name", "district", "supervised_from", "subject_id",
    "law_day", "on_day", "ended_on",
)  # fmt: skip
#: Names an expression may use beside the fact's columns and the rule's parameters.
GIVEN = ("authority", "as_of")
#: Files and ids of the program, which tell a bookkeeper nothing.
_OF_THE_PROGRAM = re.compile(r"[\w./]+\.(?:toml|csv|sql)\b|\b[a-z]+(?:_[a-z0-9]+)+\b", re.ASCII)
_BRACES = re.compile(r"\{[^}]*\}")
#: Words that have no place in a cure: whether and how to punish is decided by a procedure.
_SANCTIONS = re.compile(r"罚款|处罚|没收|吊销|责令|警告|\bfine[sd]?\b|penalt|confiscat|revok")
#: What a calculation line may show beside columns, parameters and `shown`.
FIGURES = ("measured", "limit")


def lint(book: RuleBook) -> list[Problem]:
    """Every fault of a rule book whose files are well formed by themselves."""
    problems = [*_lint_parameters(book), *price_overlaps(book.prices), *lint_references(book)]
    problems += lint_credit_terms(book.credit_terms)
    problems += lint_schemes(book)
    problems += _lint_bounds(book)
    for rule in book.rules.values():
        problems += _lint_rule(book, rule)
    return problems


def _lint_parameters(book: RuleBook) -> Iterator[Problem]:
    for parameter in book.parameters.values():
        for overlap in _overlaps(parameter.values, lambda value: value.jurisdiction):
            yield Problem("RULE-OVERLAP", overlap, "parameters", None, parameter.id)


def _lint_bounds(book: RuleBook) -> Iterator[Problem]:
    """Values of parameters above what a fact reckons with."""
    for fact in book.facts.values():
        for name, most in fact.head.bounds:
            known = book.parameters.get(name)
            values = [each.value for each in known.values] if known else []
            if not values or any(isinstance(value, int) and value > most for value in values):
                above = Text(
                    f"须有参数 {name}，且各值不得大于 {most}（见事实 {fact.id}）",
                    f"the parameter {name} must exist with no value above {most}: see {fact.id}",
                )
                yield Problem("RULE-BOUND", above, "parameters", None, name)


def _overlaps(dated: Sequence[Any], key: Callable[[Any], Any]) -> Iterator[Text]:
    """Two values of one place on one day: neither can be the law."""
    by_key = sorted(dated, key=lambda each: (key(each), each.from_day))
    for _, group in groupby(by_key, key):
        for earlier, later in pairwise(group):
            if later.from_day <= earlier.to_day:
                place, day = later.jurisdiction, format_day(later.from_day)
                yield Text(f"{place} 自 {day} 重叠", f"{place} overlaps from {day} on")


def _lint_rule(book: RuleBook, rule: Rule) -> Iterator[Problem]:
    def fault(key: str, zh: str, en: str) -> Problem:
        return Problem("RULE-NAME", Text(zh, en), rule.file, None, key)

    if f"rulebook/{rule.id}.toml" != rule.file:
        yield fault("id", "文件名须与 id 一致", "the file must be named after the id")
    fact = book.facts.get(rule.fact)
    if fact is None:
        allowed = ", ".join(sorted(book.facts))
        yield fault("fact", f"未知事实 {rule.fact}", f"no fact {rule.fact}; allowed: {allowed}")
        return
    missing = [column for column in FACT_COLUMNS if column not in fact.columns]
    if missing:
        names = ", ".join(missing)
        yield fault("fact", f"事实缺列 {names}", f"the fact lacks the columns {names}")
    if (rule.subject == "charge") != ("subject_kind" in fact.columns):
        yield fault(
            "subject",
            "对象 charge 用于、且只用于有 subject_kind 列的事实",
            "the subject charge is that of facts with the column subject_kind, and of no others",
        )
    for name in sorted(_parameters_inside(book, fact) - set(rule.parameters)):
        zh, en = f"事实用到参数 {name}，须列出", f"the fact uses the parameter {name}: name it here"
        yield fault("parameters", zh, en)
    for overlap in _overlaps(
        rule.in_force, lambda block: (block.applies or "", block.jurisdiction)
    ):
        yield fault("in_force", *overlap)
    if sanction := _SANCTIONS.search("\n".join(rule.cure)):
        word = sanction[0]
        yield fault("cure", f"整改不写处罚：{word}", f"a cure threatens no sanction: {word}")
    for key, text in _texts(rule):
        if inner := _OF_THE_PROGRAM.search(_BRACES.sub("", "\n".join(text))):
            word = inner[0]
            yield fault(key, f"文字中有程序内部的名称：{word}", f"an inner name in a text: {word}")
    for name in rule.parameters:
        if name not in book.parameters:
            yield fault("parameters", f"未知参数 {name}", f"unknown parameter {name}")
    for kind in rule.evidence:
        if kind not in EVIDENCE:
            allowed = ", ".join(EVIDENCE)
            yield fault("evidence", f"未知证据 {kind}", f"unknown evidence {kind}: {allowed}")
    yield from _lint_needs(book, rule)
    for key, expression in expressions(rule):
        for name in {*fact.head.today} & column_names(expression):
            if not key.startswith("severity"):
                zh = f"{name} 是截止日的情况，只能用于级别"
                yield fault(key, zh, f"{name} tells of as-of: a severity alone may read it")
    if any(name not in book.parameters for name in rule.parameters):
        return
    yield from _lint_expressions(book, rule, fact)


def _texts(rule: Rule) -> Iterator[tuple[str, Text]]:
    """What people read of a rule, institutions too."""
    yield from (
        ("title", rule.title),
        ("calculation", rule.calculation),
        ("cure", rule.cure),
        ("reading", rule.reading),
    )
    yield from (("needs", need.reason) for need in rule.needs)


def _lint_needs(book: RuleBook, rule: Rule) -> Iterator[Problem]:
    """Places to enter something that do not exist."""
    named = ((n, target) for n, need in enumerate(rule.needs, 1) for target in need.enter)
    for n, target in named:
        if not is_target(target, book.parameters):
            wrong = Text(
                f"未知 {target}；可用：登记册、登记册.列、statements、guided_prices、"
                "parameters.参数",
                f"unknown {target}; allowed: a register, register.column, statements, "
                "guided_prices, parameters.name",
            )
            yield Problem("RULE-NAME", wrong, rule.file, None, f"needs[{n}].enter")


def _parameters_inside(book: RuleBook, fact: Fact) -> set[str]:
    """The parameters that a fact, or a fact it reads, uses inside."""
    read = [book.facts[name] for name in fact.uses if name in book.facts]
    return {*fact.parameters}.union(*(_parameters_inside(book, each) for each in read))


def is_expression(unit: str) -> bool:
    """Whether a unit is an expression that gives one, as a rule that measures two things has."""
    return unit.upper().startswith("CASE ")


def expressions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Every expression of a rule with the key where it stands."""
    named = {
        "applies": rule.applies,
        "measured": rule.measured,
        "limit": rule.limit,
        "breach": rule.breach,
        "ripe": rule.ripe,
        "cleared": rule.cleared,
        "cause": rule.cause,
        "amount": rule.amount,
        "unit": rule.unit if is_expression(rule.unit) else None,
    }
    yield from ((key, text) for key, text in named.items() if text)
    yield from ((f"due[{n}]", text) for n, text in enumerate(rule.due, 1))
    yield from ((f"needs[{n}]", need.when) for n, need in enumerate(rule.needs, 1))
    yield from (
        (f"severity[{n}]", step.when) for n, step in enumerate(rule.severity, 1) if step.when
    )
    yield from ((f"shown.{name}", text) for name, text in rule.shown.items())
    yield from (
        (f"in_force[{n}].applies", block.applies)
        for n, block in enumerate(rule.in_force, 1)
        if block.applies
    )


def names_of(rule: Rule, fact: Fact, book: RuleBook) -> tuple[set[str], set[str]]:
    """The plain names and the word lists that the expressions of a rule may use."""
    lists = {name for name in rule.parameters if book.parameters[name].unit == "words"}
    return {*fact.columns, *rule.parameters, *GIVEN} - lists, lists


def _lint_expressions(book: RuleBook, rule: Rule, fact: Fact) -> Iterator[Problem]:
    names, lists = names_of(rule, fact, book)
    for key, text in expressions(rule):
        texts = faults(text, names, lists)
        if not texts and is_quotient(text) and not _may_be_quotient(rule, key):
            texts = [
                Text(
                    "quotient 只用于比例、每课时单价的 measured、limit，或 shown",
                    "quotient stands only in shown, or in measured and limit of a ratio "
                    "or fen_per_lesson",
                )
            ]
        for line_fault in texts:
            yield Problem("RULE-EXPRESSION", line_fault, rule.file, None, key)
    for name in rule.shown:
        if not re.fullmatch(r"[a-z][a-z_0-9]*", name) or name in {*names, *lists, *FIGURES}:
            clash = Text(f"名称 {name} 不可用", f"the name {name} is taken or no plain name")
            yield Problem("RULE-NAME", clash, rule.file, None, "shown")
    known = names | set(rule.shown) | set(FIGURES)
    for key, line in zip(("calculation.zh", "calculation.en"), rule.calculation, strict=True):
        for line_fault in _line_faults(line, known):
            yield Problem("RULE-NAME", line_fault, rule.file, None, key)


def _may_be_quotient(rule: Rule, key: str) -> bool:
    is_fraction = key in ("measured", "limit") and rule.unit in ("ratio", "fen_per_lesson")
    return is_fraction or key.startswith("shown.")


def _line_faults(line: str, known: set[str]) -> Iterator[Text]:
    """What is wrong with a calculation line."""
    try:
        parts = list(string.Formatter().parse(line))
    except ValueError as fault:
        yield Text(f"无法解析：{fault}", f"does not parse: {fault}")
        return
    for _, name, way, conversion in parts:
        if name is not None and name not in known:
            yield Text(f"未知名 {name}", f"unknown name {name}")
        elif name is not None and (way not in WAYS or conversion):
            allowed = ", ".join(filter(None, WAYS))
            yield Text(f"未知写法 {way}，可用：{allowed}", f"no form {way}; allowed: {allowed}")
        elif name in PERSONAL and way != PARTY:
            yield Text(
                f"{name} 是个人信息，算式中只可写作 {{{name}:{PARTY}}}",
                f"{name} is personal: a calculation may only show it as {{{name}:{PARTY}}}",
            )


def used_names(rule: Rule) -> set[str]:
    """Every name the expressions and the calculation of a rule use."""
    used: set[str] = set()
    for _, text in expressions(rule):
        used |= column_names(text)
    for line in rule.calculation:
        used |= {name for _, name, _, _ in string.Formatter().parse(line) if name}
    return used
