"""Whether every claim of law rests on an article that is on file and was read; and what is unused.

A reference names a document and an article of it. Law and local law need articles read as V1 or
V2; an office preset claims no law and may only say which law would apply.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from feewatch.engine.book import InForce, Price, Rule, RuleBook
from feewatch.engine.credit_terms import FILE as CREDIT_TERMS
from feewatch.engine.list_meanings import FILE as LIST_MEANINGS
from feewatch.engine.sources import LawReference, LawSource
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: A word that belongs in ``described = true``, not in a title.
_UNTITLED = ("题名未录", "title not on file")


class Cited(NamedTuple):
    """A reference with the place where it stands."""

    reference: LawReference
    file: str
    key: str

    def fault(self, code: str, zh: str, en: str) -> Problem:
        """A fault of this reference."""
        return Problem(code, Text(zh, en), self.file, None, self.key)


def list_references(book: RuleBook) -> list[Cited]:
    """Every reference of rules, parameters, prices, holidays, terms and lists, with its place."""
    return [
        *_of_rules(book),
        *_of_parameters(book),
        *_of_prices(book),
        *_of_holidays(book),
        *_of_credit_terms(book),
        *_of_list_meanings(book),
        *_of_schemes(book),
    ]


def lint_references(book: RuleBook) -> Iterator[Problem]:
    """References that do not resolve or claim more than was read, and titles that mislead."""
    for cited in list_references(book):
        yield from _lint_reference(book, cited)
    for rule in book.rules.values():
        for n, block in enumerate(rule.in_force, 1):
            yield from _lint_block(book, rule, block, f"in_force[{n}]")
    for cited in _of_parameters(book):
        if _is_unread(book, cited.reference):
            yield cited.fault(
                "RULE-CERTAINTY",
                f"{cited.reference.shown()} 未核读：数值只能是预设（preset = true）",
                f"nobody has read {cited.reference.shown()}: the value is a preset",
            )
    for cited in _of_holidays(book):
        if _is_unread(book, cited.reference):
            yield cited.fault(
                "RULE-CERTAINTY",
                f"{cited.reference.shown()} 未核读：未公布或未核读的年份不写文件",
                f"nobody has read {cited.reference.shown()}: leave the year out",
            )
    for regime, cited in zip(book.credit_terms.regimes, _of_credit_terms(book), strict=True):
        if _is_unread(book, cited.reference) != regime.preset:
            yield cited.fault(
                "RULE-CERTAINTY",
                f"{cited.reference.shown()}：没有核读的写 preset = true，核读过的不写",
                f"{cited.reference.shown()}: preset = true where it is unread, and only there",
            )
    for cited in _of_list_meanings(book):
        if _is_unread(book, cited.reference):
            yield cited.fault(
                "RULE-CERTAINTY",
                f"{cited.reference.shown()} 未核读：没有核读过的文件写明的后果不写",
                f"nobody has read {cited.reference.shown()}: no consequence is told by it",
            )
    for cited in _of_schemes(book):
        if _is_unread(book, cited.reference):
            yield cited.fault(
                "RULE-CERTAINTY",
                f"{cited.reference.shown()} 未核读：不能说摘自该条",
                f"nobody has read {cited.reference.shown()}: nothing can be quoted of it",
            )
    yield from _lint_prices(book)
    for source in book.sources.values():
        yield from _lint_title(source)


def is_read(book: RuleBook, reference: LawReference) -> bool:
    """Whether an article was read as V1 or V2, so that it may be shown as law."""
    return book.certainty_of(reference) in ("V1", "V2")


def _is_unread(book: RuleBook, reference: LawReference) -> bool:
    """Whether a reference resolves to what nobody has read."""
    source = book.sources.get(reference.source)
    resolves = source and (reference.whole or source.find_article(reference.article))
    return bool(resolves) and not is_read(book, reference)


def _of_rules(book: RuleBook) -> Iterator[Cited]:
    for rule in book.rules.values():
        for n, block in enumerate(rule.in_force, 1):
            for key in ("basis", "would_apply"):
                for m, reference in enumerate(getattr(block, key), 1):
                    yield Cited(reference, rule.file, f"in_force[{n}].{key}[{m}]")


def _of_parameters(book: RuleBook) -> Iterator[Cited]:
    for parameter in book.parameters.values():
        for n, value in enumerate(parameter.values, 1):
            if value.reference is not None:
                yield Cited(value.reference, "parameters", f"{parameter.id}.values[{n}]")


def _of_prices(book: RuleBook) -> Iterator[Cited]:
    """The references of prices, one for all lines of a place that name the same article."""
    named = ((price.place, price.reference) for price in book.prices if price.reference)
    for place, reference in dict.fromkeys(named):
        yield Cited(reference, "parameters", f"guided_prices {place}")


def _of_holidays(book: RuleBook) -> Iterator[Cited]:
    for year in book.holidays.values():
        for reference in dict.fromkeys(year.references):
            yield Cited(reference, year.file, "source")


def _of_credit_terms(book: RuleBook) -> Iterator[Cited]:
    for regime in book.credit_terms.regimes:
        yield Cited(regime.reference, CREDIT_TERMS, regime.id)


def _of_list_meanings(book: RuleBook) -> Iterator[Cited]:
    for name, meaning in book.list_meanings.items():
        if meaning.reference is not None:
            yield Cited(meaning.reference, LIST_MEANINGS, name)


def _of_schemes(book: RuleBook) -> Iterator[Cited]:
    for scheme in book.grade_schemes.values():
        if scheme.reference is not None:
            yield Cited(scheme.reference, scheme.file, "source")


def _lint_reference(book: RuleBook, cited: Cited) -> Iterator[Problem]:
    reference = cited.reference
    source = book.sources.get(reference.source)
    if source is None:
        zh, en = f"未知来源 {reference.source}", f"unknown source {reference.source}"
        yield cited.fault("RULE-SOURCE", zh, en)
    elif reference.whole and reference.article:
        yield cited.fault(
            "RULE-ARTICLE",
            "article 与 whole = true 只能写一个",
            "name an article, or whole = true, not both",
        )
    elif not reference.whole and not reference.article:
        yield cited.fault(
            "RULE-ARTICLE",
            f"缺少条款：写明 {source.id} 的哪一条，或写 whole = true 及 reason",
            f"the article is empty: name the article of {source.id}, or whole = true with a reason",
        )
    elif reference.article and source.find_article(reference.article) is None:
        held = ", ".join(each.article for each in source.articles) or "–"
        yield cited.fault(
            "RULE-ARTICLE",
            f"{source.id} 没有录入“{reference.article}”，已录：{held}",
            f"{source.id} has no article {reference.article} on file; on file: {held}",
        )


def _lint_block(book: RuleBook, rule: Rule, block: InForce, at: str) -> Iterator[Problem]:
    """What a block claims against what was read."""

    def fault(key: str, zh: str, en: str) -> Problem:
        return Problem("RULE-CERTAINTY", Text(zh, en), rule.file, None, f"{at}.{key}")

    if block.authority == "preset" and block.basis:
        yield fault(
            "basis",
            "预设不以法律为依据：写在 would_apply 下",
            "a preset claims no law: say what would apply under would_apply",
        )
    if block.authority != "preset" and block.would_apply:
        yield fault(
            "would_apply",
            "would_apply 只用于预设，法律依据写在 basis 下",
            "would_apply is for presets; the law that a rule rests on stands under basis",
        )
    if block.authority != "preset" and not block.basis:
        yield fault(
            "basis",
            "法律依据须至少有一条已核读（V1/V2）的条文",
            "authority law or local needs at least one article read as V1 or V2",
        )
    for key in ("basis", "would_apply"):
        for reference in getattr(block, key):
            if _is_unread(book, reference):
                yield fault(
                    key,
                    f"{reference.shown()} 未核读（V1/V2），不得作为法律展示",
                    f"nobody has read {reference.shown()} as V1 or V2: it is not shown as law",
                )


def _lint_prices(book: RuleBook) -> Iterator[Problem]:
    """Prices whose certainty is not that of their article, or that start together on two bases."""
    for (place, day), group in groupby(sorted(book.prices, key=_start), _start):
        prices = list(group)
        key = f"guided_prices {place}"
        if len({price.reference for price in prices}) > 1:
            zh = f"{place} 自 {format_day(day)} 起的价格须出自同一条文"
            en = f"prices of {place} from {format_day(day)} on rest on more than one article"
            yield Problem("PRICE-SOURCE", Text(zh, en), "parameters", None, key)
        for reference, stated in dict.fromkeys((each.reference, each.certainty) for each in prices):
            held = book.certainty_of(reference) if reference else stated
            if held not in (stated, "none"):
                zh = f"{place} 的核读程度写作 {stated}，所依条文为 {held}"
                en = f"certainty {stated} of {place}, but its article is {held}"
                yield Problem("PRICE-CERTAINTY", Text(zh, en), "parameters", None, key)


def _start(price: Price) -> tuple[str, Day]:
    return price.place, price.from_day


def _lint_title(source: LawSource) -> Iterator[Problem]:
    for word in _UNTITLED:
        if word in "".join(source.title):
            yield Problem(
                "SOURCE-TITLE",
                Text(
                    f"题名中不写“{word}”：写 described = true",
                    f"“{word}” does not stand in a title: write described = true",
                ),
                "sources",
                None,
                f"{source.id}.title",
            )


class ReferenceCount(NamedTuple):
    """How many references there are, and how exactly they name what they rest on."""

    references: int
    articles: int  # that name an article on file
    numbered: int  # of these, with the number of the article


def count_references(book: RuleBook) -> ReferenceCount:
    """All references, and those that name an article."""
    cited = [each.reference for each in list_references(book)]
    named = [
        article
        for reference in cited
        if (source := book.sources.get(reference.source))
        and (article := source.find_article(reference.article))
    ]
    return ReferenceCount(len(cited), len(named), sum(not each.described for each in named))


def source_notes(book: RuleBook) -> Iterator[Problem]:
    """What a jurist should know of the documents on file, and what is no fault."""
    used = {cited.reference.source for cited in list_references(book)}
    for source in book.sources.values():
        for code, text in _notes(source, is_used=source.id in used):
            yield Problem(code, text, "sources", None, source.id)
    bare = dict.fromkeys(price.place for price in book.prices if price.reference is None)
    for place in bare:
        text = Text(
            f"{place} 的价格没有录入所依条文", f"no article on file sets the prices of {place}"
        )
        yield Problem("PRICE-NO-ARTICLE", text, "parameters", None, f"guided_prices {place}")


def _notes(source: LawSource, *, is_used: bool) -> Iterator[tuple[str, Text]]:
    title = source.shown_title
    if not is_used:
        yield (
            "SOURCE-UNUSED",
            Text(f"{title.zh}：没有规则、数值引用", f"{title.en}: no rule or figure rests on it"),
        )
    if not source.issuer:
        yield "SOURCE-ISSUER", Text(f"{title.zh}：发文机关未录", f"{title.en}: issuer not on file")
    unread = [each.article for each in source.articles if not each.is_read]
    if unread or not source.articles:
        listed = "、".join(unread) or "全文"
        english = ", ".join(unread) or "the whole document"
        yield (
            "SOURCE-UNREAD",
            Text(f"{title.zh}：未核读 {listed}", f"{title.en}: unread: {english}"),
        )
