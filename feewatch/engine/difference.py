"""What differs between two rule books, in words a jurist can check line by line."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from feewatch.engine.book import (
    InForce,
    Parameter,
    ParameterValue,
    Price,
    Rule,
    RuleBook,
)
from feewatch.engine.credit_terms import NOTHING, CreditTerms
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.engine.holidays import HolidaySpan, HolidayYear
from feewatch.engine.sources import READINGS, LawArticle, LawSource
from feewatch.engine.wording import (
    place_in_words,
    price_in_words,
    sizes_in_words,
    span_in_words,
    value_in_words,
)
from feewatch.kernel.days import format_day
from feewatch.kernel.text import Text

Item = TypeVar("Item")
_NOTHING = Text("无", "none")
_TERMS = Text("处罚的失信类别和期限", "classes and terms of sanctions")


class BookDifference(NamedTuple):
    """One thing that two rule books do not have alike, and each detail that differs."""

    kind: Literal[
        "rule",
        "parameter",
        "price",
        "fact",
        "source",
        "holidays",
        "scheme",
        "list",
        "terms",
        "file",
    ]
    id: str
    change: Literal["added", "removed", "changed"]
    title: Text
    details: tuple[Text, ...]


def compare(old: RuleBook, new: RuleBook) -> list[BookDifference]:
    """Everything that the new book adds, removes or changes."""
    return [
        *_differences("rule", old.rules, new.rules, lambda rule: rule.title, _rule_details),
        *_differences(
            "parameter", old.parameters, new.parameters, lambda each: each.title, _values
        ),
        *_differences("price", _by_place(old), _by_place(new), _place_title, _price_details),
        *_differences("fact", old.facts, new.facts, lambda fact: _same(fact.id), _nothing),
        *_differences(
            "source", old.sources, new.sources, lambda source: source.title, _source_details
        ),
        *_differences("holidays", _by_year(old), _by_year(new), _year_title, _year_details),
        *_differences(
            "scheme", old.grade_schemes, new.grade_schemes, lambda each: each.title, _scheme_details
        ),
        *_differences(
            "list", old.list_meanings, new.list_meanings, lambda each: each.means, _nothing
        ),
        *_differences("terms", _terms(old), _terms(new), lambda _: _TERMS, _nothing),
    ]


def _differences(
    kind: Any,
    old: Mapping[str, Item],
    new: Mapping[str, Item],
    title: Callable[[Item], Text],
    details: Callable[[Item | None, Item | None], Iterator[Text]],
) -> Iterator[BookDifference]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            yield BookDifference(kind, name, "added", title(after), tuple(details(None, after)))
        elif before is not None and after is None:
            yield BookDifference(kind, name, "removed", title(before), tuple(details(before, None)))
        elif before is not None and after is not None and _content(before) != _content(after):
            lines = tuple(details(before, after))
            yield BookDifference(kind, name, "changed", title(after), lines)


def _content(item: object) -> Any:
    """What of an item counts: not where its file lies, nor how the file is laid out."""
    if isinstance(item, GradeScheme):
        return {key: each for key, each in vars(item).items() if key not in ("file", "hash")}
    if isinstance(item, Rule):
        return {key: each for key, each in vars(item).items() if key not in ("file", "version")}
    return item


def _same(word: str) -> Text:
    return Text(word, word)


def _terms(book: RuleBook) -> dict[str, CreditTerms]:
    """The whole file as one thing: a table of law is read as a whole."""
    return {} if book.credit_terms == NOTHING else {"credit_terms": book.credit_terms}


def _scheme_details(before: GradeScheme | None, after: GradeScheme | None) -> Iterator[Text]:
    """Which parts of a scheme differ; what they say stands in its file."""
    if before is None or after is None:
        return
    old, new = _content(before), _content(after)
    for key in old:
        if old[key] != new[key]:
            is_plain = isinstance(old[key], str | int | Text)
            yield _arrow(_same(key), _shown(old[key]), _shown(new[key])) if is_plain else _same(key)


def _nothing(_before: object, _after: object) -> Iterator[Text]:
    yield from ()


def _arrow(what: Text, before: Text, after: Text) -> Text:
    return Text(f"{what.zh}:{before.zh} → {after.zh}", f"{what.en}: {before.en} → {after.en}")


def _rule_details(before: Rule | None, after: Rule | None) -> Iterator[Text]:
    if before is not None and after is not None:
        old, new = _content(before), _content(after)
        for key in old:
            if old[key] != new[key] and key != "in_force":
                yield _arrow(_same(key), _shown(old[key]), _shown(new[key]))
    yield from _lines(
        before.in_force if before else (), after.in_force if after else (),
        lambda each: (each.jurisdiction, each.from_day, each.applies or ""), _in_force,
    )  # fmt: skip


def _shown(value: Any) -> Text:
    if isinstance(value, Text):
        return value
    if value in (None, "", (), {}):
        return _NOTHING
    if isinstance(value, dict):
        return _same("; ".join(f"{key} = {each}" for key, each in value.items()))
    if isinstance(value, tuple):
        parts = [_shown(each) for each in value if each is not None]
        return Text("; ".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    return _same(str(value))


def _in_force(block: InForce) -> tuple[Text, Text]:
    place, span = place_in_words(block.jurisdiction), span_in_words(block.from_day, block.to_day)
    basis = ", ".join(reference.shown() for reference in (*block.basis, *block.would_apply))
    authority = f"{block.authority} {basis}".strip()
    where = Text(f"{place.zh} {span.zh}", f"{place.en} {span.en}")
    return where, _same(f"{authority} [{block.applies}]" if block.applies else authority)


def _values(before: Parameter | None, after: Parameter | None) -> Iterator[Text]:
    either = after or before
    assert either is not None
    unit = either.unit

    def line(dated: ParameterValue) -> tuple[Text, Text]:
        place, span = (
            place_in_words(dated.jurisdiction),
            span_in_words(dated.from_day, dated.to_day),
        )
        value = value_in_words(dated.value, unit)
        origin = dated.reference.shown() if dated.reference else "preset"
        where = Text(f"{place.zh} {span.zh}", f"{place.en} {span.en}")
        return where, Text(f"{value.zh}({origin})", f"{value.en} ({origin})")

    yield from _lines(
        before.values if before else (), after.values if after else (),
        lambda dated: (dated.jurisdiction, dated.from_day), line,
    )  # fmt: skip


def _lines(
    old: Sequence[Item],
    new: Sequence[Item],
    key: Callable[[Item], Hashable],
    line: Callable[[Item], tuple[Text, Text]],
) -> Iterator[Text]:
    """Dated lines that stand on one side only, or say something else there."""
    before, after = {key(each): each for each in old}, {key(each): each for each in new}
    for name in dict.fromkeys([*before, *after]):
        was, is_now = before.get(name), after.get(name)
        if was == is_now:
            continue
        either = was if is_now is None else is_now
        assert either is not None
        where = line(either)[0]
        yield _arrow(
            where,
            _NOTHING if was is None else _told(was, is_now, line),
            _NOTHING if is_now is None else line(is_now)[1],
        )


def _told(was: Item, is_now: Item | None, line: Callable[[Item], tuple[Text, Text]]) -> Text:
    """What a line said, with its own days where these moved."""
    where, what = line(was)
    if is_now is None or line(is_now)[0] == where:
        return what
    return Text(f"{where.zh} {what.zh}", f"{where.en} {what.en}")


def _by_place(book: RuleBook) -> dict[str, tuple[Price, ...]]:
    places = dict.fromkeys(each.place for each in book.prices)
    return {name: tuple(each for each in book.prices if each.place == name) for name in places}


def _place_title(prices: tuple[Price, ...]) -> Text:
    return Text(prices[0].place_name, prices[0].place)


def _price_details(
    before: tuple[Price, ...] | None, after: tuple[Price, ...] | None
) -> Iterator[Text]:
    def line(price: Price) -> tuple[Text, Text]:
        span = span_in_words(price.from_day, price.to_day)
        sizes = sizes_in_words(price.class_from, price.class_to)
        lesson = f"{price.stage} {price.mode}"
        where = Text(f"{lesson} 班额 {sizes} {span.zh}", f"{lesson} class of {sizes} {span.en}")
        return where, price_in_words(price)

    yield from _lines(
        before or (), after or (),
        lambda price: (price.stage, price.mode, price.class_from, price.from_day), line,
    )  # fmt: skip


def _by_year(book: RuleBook) -> dict[str, HolidayYear]:
    return {str(number): year for number, year in book.holidays.items()}


def _year_title(year: HolidayYear) -> Text:
    return Text(f"{year.id} 年节假日", f"holidays of {year.id}")


def _year_details(before: HolidayYear | None, after: HolidayYear | None) -> Iterator[Text]:
    if before and after and before.reference != after.reference:
        yield _arrow(_same("source"), *(_same(each.reference.shown()) for each in (before, after)))
    yield from _lines(
        before.spans if before else (), after.spans if after else (),
        lambda each: each.name, _holiday,
    )  # fmt: skip


def _holiday(each: HolidaySpan) -> tuple[Text, Text]:
    days = f"{format_day(each.from_day)}..{format_day(each.to_day)}"
    work = ", ".join(format_day(day) for day in each.work)
    return each.name, Text(f"{days}（上班 {work or '无'}）", f"{days} (worked: {work or 'none'})")


def _source_details(before: LawSource | None, after: LawSource | None) -> Iterator[Text]:
    if before is not None and after is not None:
        for key, was in vars(before).items():
            if was != vars(after)[key] and key != "articles":
                yield _arrow(_same(key), _shown(was), _shown(vars(after)[key]))
    yield from _lines(
        before.articles if before else (), after.articles if after else (),
        lambda each: each.article, _article,
    )  # fmt: skip


def _article(article: LawArticle) -> tuple[Text, Text]:
    read = READINGS[article.reading][1]
    zh, en = (
        f"{article.certainty} {read.zh}：{article.says.zh}",
        f"{article.certainty} {read.en}: {article.says.en}",
    )
    return _same(article.cited), Text(zh.removesuffix("："), en.removesuffix(": "))
