"""What a scheme of 信用评价 must not leave open: names, presets, limits that nothing tries."""

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise

from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.grade_scheme import GradeScheme, Indicator
from feewatch.kernel.days import Day, add_months, months_between
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

Fault = Callable[[str, str, str], Problem]
_SUBJECTS = ("academic", "arts", "sports", "science", "other")


def lint_schemes(book: RuleBook) -> Iterator[Problem]:
    """Every fault of the schemes of a rule book whose files are well formed by themselves."""
    for scheme in book.grade_schemes.values():
        yield from lint_scheme(book, scheme)


def lint_scheme(book: RuleBook, scheme: GradeScheme) -> list[Problem]:
    """Every fault of a scheme, held against the rules and sanctions of a book."""
    fault = _faulty(scheme)
    return [*_lint_whole(book, scheme, fault)] or [*_lint_scenarios(scheme, fault)]


def _faulty(scheme: GradeScheme) -> Fault:
    def fault(key: str, zh: str, en: str) -> Problem:
        return Problem("GRADE-SCHEME", Text(zh, en), scheme.file, None, key)

    return fault


def _lint_whole(book: RuleBook, scheme: GradeScheme, fault: Fault) -> Iterator[Problem]:
    yield from _lint_levels(scheme, fault)
    names = [level.grade for level in scheme.grades]
    for key, listed in (("subjects", _SUBJECTS), ("red.grades", tuple(names))):
        given = scheme.subjects if key == "subjects" else scheme.red.grades if scheme.red else ()
        for word in given:
            if word not in listed:
                yield fault(key, f"未知 {word}", f"unknown {word}; allowed: {', '.join(listed)}")
    if scheme.quoted and scheme.reference is None:
        yield fault(
            "quoted", "写明摘自哪个文件：source、article", "name the document: source and article"
        )
    ids = [indicator.id for indicator in scheme.indicators]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield fault(name, f"指标 {name} 写了两次", f"the indicator {name} is there twice")
    for indicator in scheme.indicators:
        yield from _lint_indicator(book, scheme, indicator, fault)


def _lint_levels(scheme: GradeScheme, fault: Fault) -> Iterator[Problem]:
    names = [level.grade for level in scheme.grades]
    limits = [level.least for level in scheme.grades]
    if len(set(names)) < len(names) or len(names) < 2:
        yield fault("grades", "至少两个等级，名称不得重复", "two grades or more, each named once")
    if limits and (None in limits[:-1] or limits[-1] is not None):
        yield fault(
            "grades",
            "除最后一个等级外都须写 from，最后一个不写",
            "every grade has its from, the last has none",
        )
    for better, worse in pairwise(limit for limit in limits if limit is not None):
        if worse >= better:
            yield fault("grades", "等级由高到低排列", "the best grade stands first")
    if not scheme.least <= scheme.base:
        yield fault("least", "最低分高于基准分", "the least points lie above the base")


def _lint_indicator(
    book: RuleBook, scheme: GradeScheme, indicator: Indicator, fault: Fault
) -> Iterator[Problem]:
    at = indicator.id
    if indicator.points >= 0:
        yield fault(
            f"{at}.points",
            "这些来源都是不利事实，分值须为负数",
            "these facts all tell against an institution: the points are below zero",
        )
    if indicator.cap < abs(indicator.points):
        yield fault(f"{at}.cap", "cap 小于一件的分值", "the cap lies below the points of one fact")
    if indicator.grade_at_most and scheme.level(indicator.grade_at_most) is None:
        names = ", ".join(level.grade for level in scheme.grades)
        yield fault(
            f"{at}.grade_at_most", f"没有这个等级，可用：{names}", f"no such grade: {names}"
        )
    for earlier, later in pairwise(indicator.decay):
        if later.months <= earlier.months or later.percent >= earlier.percent:
            yield fault(
                f"{at}.decay",
                "months 须递增，percent 须递减",
                "the months rise and the percentages fall",
            )
    if any(step.months >= indicator.window_months for step in indicator.decay):
        yield fault(f"{at}.decay", "折算晚于 window_months", "a step lies beyond window_months")
    marks = dict(indicator.marks)
    for sanction in sorted(marks.get("sanctions", frozenset()) - {*book.credit_terms.sanctions}):
        yield fault(f"{at}.sanctions", f"未知处罚种类 {sanction}", f"unknown sanction {sanction}")
    rules = marks.get("rules", frozenset())
    if indicator.source == "finding" and not rules:
        yield fault(f"{at}.rules", "须写明哪些规则", "a finding needs the rules it is of")
    for name in sorted(rules):
        if name not in book.rules:
            yield fault(f"{at}.rules", f"未知规则 {name}", f"unknown rule {name}")
        elif _is_preset_alone(book.rules[name]):
            yield fault(
                f"{at}.rules",
                f"{name} 只有本机关预设，不能计分",
                f"{name} rests on presets alone and gives no points",
            )


def _is_preset_alone(rule: Rule) -> bool:
    return all(block.authority == "preset" for block in rule.in_force)


def _lint_scenarios(scheme: GradeScheme, fault: Fault) -> Iterator[Problem]:
    """Each limit wants a scenario on it, or just above, and one just below."""
    step, points = scheme.step, [scenario.points for scenario in scheme.scenarios]
    for level in scheme.grades:
        if level.least is None:
            continue
        sides = (("不低于", "at", level.least), ("刚低于", "below", level.least - step))
        for zh, en, first in sides:
            if not any(first <= given < first + step for given in points):
                yield fault(
                    "scenarios",
                    f"没有“{zh} {level.grade} 的下限”的情形",
                    f"no scenario is just {en} the limit of {level.grade}",
                )
    tried = {
        (fact.indicator, scenario.on, fact.on)
        for scenario in scheme.scenarios
        for fact in scenario.facts
    }
    ids = {indicator.id for indicator in scheme.indicators}
    for name in sorted({name for name, _, _ in tried} - ids):
        yield fault("scenarios", f"没有指标 {name}", f"no indicator {name}")
    for indicator in scheme.indicators:
        yield from _lint_tried(scheme, indicator, tried, fault)


def _lint_tried(
    scheme: GradeScheme,
    indicator: Indicator,
    tried: Collection[tuple[str, Day, Day]],
    fault: Fault,
) -> Iterator[Problem]:
    days = {(last, on) for name, last, on in tried if name == indicator.id}
    wanted: list[tuple[str, str, Callable[[Day], Day]]]
    wanted = [(f"{indicator.window_months} 个月的期限", "its window", indicator.first_day)]
    wanted += [
        (f"满 {step.months} 个月折算", f"its decay after {step.months} months", _turn(step.months))
        for step in indicator.decay
    ]
    for zh, en, first in wanted:
        for side in (0, 1):
            if not any(on == first(last) - side for last, on in days):
                yield fault(
                    indicator.id,
                    f"{zh}没有前后两日的情形",
                    f"no scenario on either side of {en}",
                )
                break
    sums = [_sum(scheme, indicator, number) for number in range(len(scheme.scenarios))]
    if not any(total > indicator.cap for total in sums):
        yield fault(indicator.id, "没有超过 cap 的情形", "no scenario goes beyond its cap")


def _turn(months: int) -> Callable[[Day], Day]:
    """The first day, at the last day of a period, of facts that are not yet so old."""

    def first(last: Day) -> Day:
        day = add_months(last, -months)
        while months_between(day, last) >= months:
            day += 1
        return day

    return first


def _sum(scheme: GradeScheme, indicator: Indicator, number: int) -> int:
    """What the facts of a scenario would come to without the cap, without sign."""
    scenario = scheme.scenarios[number]
    return sum(
        abs(indicator.points) * indicator.percent(fact.on, scenario.on) * fact.times // 100
        for fact in scenario.facts
        if fact.indicator == indicator.id and indicator.is_within(fact.on, scenario.on)
    )
