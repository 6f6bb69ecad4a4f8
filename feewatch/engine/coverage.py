"""Which article of which document is checked by which rules: read and proved against the book.

It says what the product looks at and what it does not; nothing is judged by it.
"""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from feewatch.engine.book import RuleBook
from feewatch.engine.tables import Table
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

FILE = "coverage.toml"
STATUSES = ("checked", "partly", "none")


@dataclass(frozen=True)
class Article:
    """One article of a document, and how far rules check it."""

    source: str
    article: str
    status: str  # checked, partly, none
    rules: tuple[str, ...]
    note: str


def read_coverage(folder: Path, faults: list[Problem]) -> list[Article] | None:
    """The articles a folder of rule data accounts for; None where it has no such file."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        wrong = Text(f"无法读取:{fault}", f"cannot be read: {fault}")
        faults.append(Problem("RULE-SYNTAX", wrong, FILE))
        return None
    table = Table(values, FILE, faults)
    articles = [_article(each) for each in table.tables("articles")]
    table.end()
    return articles


def _article(table: Table) -> Article:
    article = Article(
        table.text("source"),
        table.text("article"),
        table.choice("status", STATUSES),
        table.words("rules"),
        table.text("note", required=False),
    )
    table.date("since")
    if bool(article.rules) != (article.status != "none"):
        table.fault(
            "rules", "checked、partly 须列出规则,none 不得列出",
            "checked and partly name rules, none names no rule",
        )  # fmt: skip
    table.end()
    return article


def lint_coverage(
    book: RuleBook, articles: Collection[Article], own: Collection[str]
) -> Iterator[Problem]:
    """Names that do not resolve, and rules of law of the folder (``own``) that no article names."""
    for number, each in enumerate(articles, 1):
        at = f"articles[{number}]"
        if each.source not in book.sources:
            unknown = Text(f"未知来源 {each.source}", f"unknown source {each.source}")
            yield Problem("RULE-SOURCE", unknown, FILE, None, f"{at}.source")
        for name in each.rules:
            if name not in book.rules:
                unknown = Text(f"规则库中没有 {name}", f"no rule {name} in the book")
                yield Problem("RULE-NAME", unknown, FILE, None, f"{at}.rules")
    named = {(name, each.source) for each in articles for name in each.rules}
    for rule in (book.rules[name] for name in own if name in book.rules):
        cited = {source for block in rule.in_force for source, _ in block.basis}
        for source in sorted(source for source in cited if (rule.id, source) not in named):
            missing = Text(
                f"{rule.id} 引用了 {source},须写明检查其哪一条",
                f"{rule.id} rests on {source}: say which of its articles it checks",
            )
            yield Problem("RULE-COVERAGE", missing, FILE, None, "articles")
