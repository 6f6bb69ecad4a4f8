"""Documents of law and the articles of them that somebody read: read strictly from ``sources/``.

How far a document may be relied on is a property of each article, never of the document: who read
two articles of a regulation has not read the others. What nobody read is never shown as law.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from feewatch.kernel.citation import Citation
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table

#: How an article was read, and what certainty that gives.
READINGS: dict[str, tuple[str, Text]] = {
    "original": ("V1", Text("官方文本", "official text")),
    "reprint": ("V1", Text("逐字转载", "verbatim reprint")),
    "press": ("V2", Text("新闻报道", "press report")),
    "secondary": ("V2", Text("其他二手资料", "other second-hand source")),
    "unread": ("none", Text("未核读", "not read")),
}
CERTAINTIES = ("V1", "V2", "none")
#: Certainties that may be shown as law.
READ = ("V1", "V2")
_UNTITLED = Text("（题名未录）", " (title not on file)")
_UNNUMBERED = Text("（条次未录）", " (number of the article not on file)")
NOTHING_SAID = Text("", "")


class LawReference(NamedTuple):
    """An article of a document that a rule or a figure rests on; or, with a reason, all of it."""

    source: str
    article: str
    whole: bool = False
    reason: Text = NOTHING_SAID  # why the document as a whole

    def shown(self) -> str:
        """The reference as jurists compare it: document id and article."""
        return f"{self.source} {self.article}".strip()


@dataclass(frozen=True)
class LawArticle:
    """One article of a document, as far as somebody has read it."""

    article: str  # as it is cited: 第六十二条, （二）; or what it is about, where described
    described: bool  # its number is not on file
    certainty: str
    reading: str  # a key of READINGS
    read_in: str  # the address where it was read
    says: Text  # what it says, in our own words
    checked: dt.date  # the day somebody last looked

    @property
    def is_read(self) -> bool:
        """Whether it may be shown as law."""
        return self.certainty in READ

    @property
    def cited(self) -> str:
        """The article as a citation names it."""
        return self.article + (_UNNUMBERED.zh if self.described else "")


@dataclass(frozen=True)
class LawSource:
    """A document of law with the articles of it that are on file."""

    id: str
    title: Text
    described: bool  # the title on file only describes the document
    number: str
    issuer: str
    issued: dt.date | None
    effective: dt.date | None
    repealed_by: str
    address: str
    articles: tuple[LawArticle, ...]

    @property
    def shown_title(self) -> Text:
        """The title, with a word where it is only a description."""
        if not self.described:
            return self.title
        return Text(self.title.zh + _UNTITLED.zh, self.title.en + _UNTITLED.en)

    def find_article(self, name: str) -> LawArticle | None:
        """An article on file by the name under which it is cited; None where there is none."""
        return next((each for each in self.articles if each.article == name), None)

    def certainty_of(self, reference: LawReference) -> str:
        """The certainty of the article; of a whole document that of its least certain article."""
        if reference.whole:
            held = [each.certainty for each in self.articles] or ["none"]
            return max(held, key=CERTAINTIES.index)
        article = self.find_article(reference.article)
        return article.certainty if article else "none"

    def cite(self, reference: LawReference) -> Citation:
        """The citation of an article of this document, or of all of it."""
        article = self.find_article(reference.article)
        return Citation(
            self.shown_title.zh,
            self.number,
            article.cited if article else reference.article,
            self.issued.isoformat() if self.issued else None,
            self.effective.isoformat() if self.effective else None,
            self.certainty_of(reference),
            self.address,
            self.issuer,
            article.says if article else reference.reason,
        )


def read_reference(table: Table) -> LawReference:
    """The reference that a rule file states."""
    reference = take_reference(table, table.text("source"))
    table.end()
    return reference


def take_reference(table: Table, source: str) -> LawReference:
    """The article, or the whole document with its reason, that a table names beside ``source``."""
    whole = table.flag("whole")
    return LawReference(
        source,
        table.text("article", required=False),
        whole,
        table.bilingual("reason", required=whole),
    )


def read_sources(
    values: dict[str, Any], path: str, faults: list[Problem], known: dict[str, LawSource]
) -> Iterator[LawSource]:
    """The documents of a file; one without a title lays its articles over the one already known."""
    for name, table in Table(values, path, faults).named_tables().items():
        if table.has("certainty"):
            zh = "核读程度属于条文：写在 [[{}.articles]] 下"
            en = "certainty belongs to the article: put it under [[{}.articles]]"
            table.fault("certainty", zh.format(name), en.format(name))
            table.rest(("certainty", "checked"))
        if name in known and not table.has("title"):
            yield _with_articles(known[name], _articles(table))
            table.end()
        else:
            yield _read_source(name, table)


def _read_source(name: str, table: Table) -> LawSource:
    source = LawSource(
        name,
        table.bilingual("title"),
        table.flag("described"),
        table.text("number", required=False),
        table.text("issuer", required=False),
        table.date("issued", required=False),
        table.date("effective", required=False),
        table.text("repealed_by", required=False),
        table.text("address", required=False),
        _articles(table),
    )
    table.end()
    return source


def _with_articles(source: LawSource, articles: tuple[LawArticle, ...]) -> LawSource:
    """The document with articles read anew, or for the first time, in place of the old."""
    anew = {each.article: each for each in articles}
    kept = {each.article: each for each in source.articles}
    return replace(source, articles=tuple((kept | anew).values()))


def _articles(table: Table) -> tuple[LawArticle, ...]:
    read = tuple(_article(each) for each in table.tables("articles", required=False))
    names = [each.article for each in read]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        table.fault("articles", f"{name} 写了两次", f"{name} is there twice")
    return read


def _article(table: Table) -> LawArticle:
    name = table.text("article")
    described = table.flag("described")
    certainty = table.choice("certainty", CERTAINTIES)
    reading = table.choice("read", tuple(READINGS))
    meant, words = READINGS[reading]
    if certainty != meant:
        zh = f"核读方式“{words.zh}”应为 {meant}"
        table.fault("certainty", zh, f"what was read as {words.en} is {meant}, not {certainty}")
    article = LawArticle(
        name,
        described,
        certainty,
        reading,
        table.text("read_in", required=reading != "unread"),
        table.bilingual("says", required=reading != "unread"),
        table.known_date("checked"),
    )
    table.end()
    return article
