"""One rule as a jurist reads it: documents, places and days, figures, and what it cannot judge."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from feewatch.engine.book import Fact, InForce, Parameter, ParameterValue, Rule, RuleBook
from feewatch.engine.law import (
    LARGEST_CLASS,
    PriceSpan,
    block_on,
    covers_stage,
    lay_out_prices,
    nearest,
)
from feewatch.engine.sources import READINGS, LawReference
from feewatch.engine.wording import price_in_words, value_in_words
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, format_day
from feewatch.kernel.places import ancestry


class At(NamedTuple):
    """A place and a day."""

    place: str
    on: Day

    @property
    def chain(self) -> tuple[str, ...]:
        """The place and those above it, nearest first."""
        return ancestry(self.place)


def portray(book: RuleBook, rule: Rule, at: At | None = None) -> dict[str, Any]:
    """The rule under JSON keys; with a place and a day, what is in force there and then alone."""
    blocks = block_on(rule.in_force, at.chain, at.on) if at else list(rule.in_force)
    shown = {
        "rule": rule.id,
        "version": rule.version,
        "title": rule.title._asdict(),
        "department": rule.department._asdict(),
        "subject": rule.subject,
        "unit": rule.unit,
        "applies": rule.applies,
        "measured": rule.measured,
        "limit": rule.limit,
        "breach": rule.breach,
        "in_force": [_block(book, price_span) for price_span in blocks],
        "parameters": [_parameter(book, book.parameters[name], at) for name in rule.parameters],
        "needs": [
            {"when": need.when, "reason": need.reason._asdict(), "enter": list(need.enter)}
            for need in rule.needs
        ],
        "severity": [{"when": step.when, "level": step.level} for step in rule.severity],
        "escalation": [{"after": name, "level": level} for name, level in rule.escalation],
        "reading": rule.reading._asdict(),
        "calculation": rule.calculation._asdict(),
        "cure": rule.cure._asdict(),
    }
    if at and _reads_prices(book, rule.fact):
        spans = lay_out_prices(book.prices, [at.place])
        shown["prices"] = [
            _price(price_span)
            for price_span in spans
            if price_span.from_day <= at.on <= price_span.to_day
            and covers_stage(
                price_span.price.stage, price_span.stage
            )  # not as a price only referred to
        ]
    return shown


def portray_fact(book: RuleBook, fact: Fact) -> dict[str, Any]:
    """A fact under JSON keys: what a row is, each column, who reads it, and its SELECT."""
    return {
        "fact": fact.id,
        "about": fact.head.about._asdict(),
        "grain": list(fact.head.grain),
        "columns": [
            {
                "column": column.name,
                "meaning": column.meaning._asdict(),
                "unit": column.unit,
                "unknown": column.unknown._asdict() if column.unknown else None,
            }
            for column in fact.head.columns
        ],
        "reads": list(fact.uses),
        "parameters": list(fact.parameters),
        "rules": [rule.id for rule in book.rules.values() if rule.fact == fact.id],
        "facts": [other.id for other in book.facts.values() if fact.id in other.uses],
        "sql": fact.sql,
    }


def _reads_prices(book: RuleBook, fact: str) -> bool:
    """Whether a fact rests on the guided prices, itself or through another."""
    return any(
        name == "price" or (name in book.facts and _reads_prices(book, name))
        for name in book.facts[fact].uses
    )


def _block(book: RuleBook, block: InForce) -> dict[str, Any]:
    return {
        "jurisdiction": block.jurisdiction,
        "from": format_day(block.from_day),
        "to": _end(block.to_day),
        "authority": block.authority,
        "applies": block.applies,
        "basis": [_cited(book, reference) for reference in block.basis],
        "would_apply": [_cited(book, reference) for reference in block.would_apply],
    }


def _cited(book: RuleBook, reference: LawReference) -> dict[str, Any]:
    source = book.sources[reference.source]
    article = source.find_article(reference.article)
    return source.cite(reference).as_json() | {
        "repealed_by": source.repealed_by,
        "read_as": READINGS[article.reading][1]._asdict() if article else None,
        "read_in": article.read_in if article else "",
        "checked": article.checked.isoformat() if article else None,
    }


def _end(day: Day) -> str | None:
    return None if day == LAST_DAY else format_day(day)


def _parameter(book: RuleBook, parameter: Parameter, at: At | None) -> dict[str, Any]:
    values: Sequence[ParameterValue] = parameter.values
    if at:
        in_force = nearest(parameter.values, at.chain, at.on)
        values = [in_force] if in_force else []
    return {
        "parameter": parameter.id,
        "title": parameter.title._asdict(),
        "unit": parameter.unit,
        "values": [
            {
                "jurisdiction": dated.jurisdiction,
                "from": None if dated.from_day == FIRST_DAY else format_day(dated.from_day),
                "to": _end(dated.to_day),
                "value": value_in_words(dated.value, parameter.unit)._asdict(),
                "source": dated.source,
                "article": dated.article,
                "certainty": book.certainty_of(dated.reference) if dated.reference else "preset",
                "preset": dated.source is None,
                "checked": dated.checked.isoformat(),
            }
            for dated in sorted(values, key=lambda dated: (dated.jurisdiction, dated.from_day))
        ],
    }


def _price(span: PriceSpan) -> dict[str, Any]:
    price = span.price
    return {
        "stage": span.stage,
        "mode": span.mode,
        "class_from": span.class_from,
        "class_to": None if span.class_to >= LARGEST_CLASS else span.class_to,
        "price": price_in_words(price)._asdict(),
        "place": price.place_name,
        "document": price.document,
        "from": format_day(price.from_day),
    }
