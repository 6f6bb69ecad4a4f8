"""Which article of which document is checked by which rules: read and proved against the book.

It says what the product looks at and what it does not; nothing is judged by it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from feewatch.engine.book import RuleBook
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml

FILE = "coverage.toml"
STATUSES = ("checked", "partly", "none")


@dataclass(frozen=True)
class CoveredArticle:
    """A duty in an article of a document, and how far rules check it."""

    source: str
    article: str  # as it stands in sources/
    about: Text  # which duty of it
    status: str  # checked, partly, none
    rules: tuple[str, ...]
    note: str


def read_coverage(folder: Path, faults: list[Problem]) -> list[CoveredArticle] | None:
    """The articles a folder of rule data accounts for; None where it has no such file."""
    path = folder / FILE
    if not path.is_file():
        return None
    table = read_toml(path.read_bytes(), FILE, faults)
    if table is None:
        return None
    articles = [_article(each) for each in table.tables("articles")]
    table.end()
    return articles


def _article(table: Table) -> CoveredArticle:
    article = CoveredArticle(
        table.text("source"),
        table.text("article"),
        table.bilingual("about"),
        table.choice("status", STATUSES),
        table.words("rules"),
        table.text("note", required=False),
    )
    table.date("since")
    if bool(article.rules) != (article.status != "none"):
        table.fault(
            "rules", "checked、partly 须列出规则，none 不得列出",
            "checked and partly name rules, none names no rule",
        )  # fmt: skip
    table.end()
    return article


def lint_coverage(
    book: RuleBook, articles: Collection[CoveredArticle], own: Collection[str]
) -> Iterator[Problem]:
    """Names that do not resolve, and articles that rules of the folder (``own``) rest on unsaid."""
    for number, covered in enumerate(articles, 1):
        at = f"articles[{number}]"
        if covered.source not in book.sources:
            unknown = Text(f"未知来源 {covered.source}", f"unknown source {covered.source}")
            yield Problem("RULE-SOURCE", unknown, FILE, None, f"{at}.source")
        elif book.sources[covered.source].find_article(covered.article) is None:
            held = ", ".join(held.article for held in book.sources[covered.source].articles) or "–"
            unknown = Text(
                f"{covered.source} 没有录入“{covered.article}”，已录：{held}",
                f"{covered.source} has no article {covered.article} on file; on file: {held}",
            )
            yield Problem("RULE-ARTICLE", unknown, FILE, None, f"{at}.article")
        for name in covered.rules:
            if name not in book.rules:
                unknown = Text(f"规则库中没有 {name}", f"no rule {name} in the book")
                yield Problem("RULE-NAME", unknown, FILE, None, f"{at}.rules")
    named = {
        (name, covered.source, covered.article) for covered in articles for name in covered.rules
    }
    named |= {(name, source, "") for name, source, _ in named}
    for rule in (book.rules[name] for name in own if name in book.rules):
        cited = {reference[:2] for block in rule.in_force for reference in block.basis}
        for source, article in sorted(cited):
            if (rule.id, source, article) in named:
                continue
            name = f"{source} {article}".strip()
            missing = Text(
                f"{rule.id} 引用了 {name}，须写明检查到什么程度",
                f"{rule.id} rests on {name}: say how far it checks it",
            )
            yield Problem("RULE-COVERAGE", missing, FILE, None, "articles")
