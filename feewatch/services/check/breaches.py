"""What an officer is told of a subject in breach: figures, calculation, law and values."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from feewatch.casework.weights import BreachWeight
from feewatch.engine.book import PRESET, ParameterValue, Rule, RuleBook
from feewatch.engine.compiler import Compiled
from feewatch.engine.explanation import Figure, explain
from feewatch.engine.findings import Breach, Identity
from feewatch.engine.law import Variant
from feewatch.engine.sources import LawReference
from feewatch.engine.wording import value_in_words
from feewatch.kernel.citation import Citation
from feewatch.kernel.days import FIRST_DAY, Day, format_day, iso_or_none
from feewatch.store.check.sources import contract_ids
from feewatch.store.database import Record

_DAY = re.compile(r"\{(-?\d+)\}")


class BreachReader:
    """Reads rows of one rule that are in breach, with everything an officer needs."""

    def __init__(
        self, book: RuleBook, compiled: Compiled, variants: Sequence[Variant], as_of: Day
    ) -> None:
        """``variants``: the law of the rule, by which a row says that it was judged."""
        self._book, self._compiled = book, compiled
        self._variants, self._as_of = variants, as_of

    def breach(self, row: Record, evidence: list[dict[str, Any]], historic: bool) -> Breach:
        """A row in breach with what proves it; ``historic``: it is of the past."""
        rule, variant = self._compiled.rule, self._variants[row["variant"]]
        measured = Figure(row["measured"], row["measured_over"])
        limit = Figure(row["limit_value"], row["limit_value_over"])
        shown = {name: row[f"s_{name}"] for name in self._compiled.shown}
        for name in rule.shown:
            shown[name] = Figure(row[f"s_{name}"], row[f"s_{name}_over"])
        subject_id, on = subject_of(row)
        steps = dict(zip(rule.parameters, variant.values, strict=True))
        return Breach(
            identity=Identity(rule.id, row["uscc"], row["subject_kind"], subject_id, on),
            institution_id=row["institution_id"] or None,
            institution_name=row["institution_name"],
            competent=rule.competent,
            district=row["district"],
            rule_version=rule.version,
            authority=variant.block.authority,
            title=rule.title,
            measured=measured.shown(row["unit"]),
            limit=limit.shown(row["unit"]),
            unit=row["unit"],
            severity=row["severity"],
            calculation=explain(
                rule.calculation,
                {**shown, "measured": measured, "limit": limit, "as_of": self._as_of},
            ),
            basis=self._basis(variant, row),
            would_apply=self._would_apply(variant, row),
            evidence=tuple(evidence),
            cure=rule.cure,
            cause=str(row["cause"] or ""),
            spell_days=rule.spell_days,
            amount_fen=row["amount_fen"],
            historic=historic,
            is_state=rule.is_state,
            escalation=tuple(
                (value.value, level)
                for name, level in rule.escalation
                if (value := steps[name]) is not None and isinstance(value.value, int)
            ),
            jurisdiction=variant.block.jurisdiction,
            values=tuple(self._value(name, value) for name, value in steps.items()),
            reading=rule.reading,
        )

    def _value(self, name: str, value: ParameterValue | None) -> dict[str, Any]:
        """A parameter as it was used, in words; without a value where none is on file."""
        book = self._book
        parameter = book.parameters[name]
        used: dict[str, Any] = {"parameter": name, "title": parameter.title._asdict()}
        if value is None:
            return used | {"value": None}
        cited = book.cite(value.reference) if value.reference else None
        return used | {
            "value": value_in_words(value.value, parameter.unit)._asdict(),
            "jurisdiction": value.jurisdiction,
            "from": None if value.from_day == FIRST_DAY else format_day(value.from_day),
            "document": f"{cited.document} {cited.number}".strip() if cited else None,
            "article": cited.article if cited else None,
            "certainty": cited.certainty if cited else "preset",
        }

    def _basis(self, variant: Variant, row: Record) -> tuple[Citation, ...]:
        if variant.block.authority == "preset":
            return (PRESET,)
        return self._cited(variant.block.basis, row)

    def _would_apply(self, variant: Variant, row: Record) -> tuple[Citation, ...]:
        """The law that a preset claims nothing of, and that an officer's finding would rest on."""
        if variant.block.authority != "preset":
            return ()
        return self._cited(variant.block.would_apply, row)

    def _cited(self, references: Sequence[LawReference], row: Record) -> tuple[Citation, ...]:
        cited = [self._book.cite(reference) for reference in references]
        if row.get("k_place_name"):
            cited.append(_cite_price(self._book, row))
        return tuple(cited)


def weight_of(rule: Rule, row: Record) -> BreachWeight:
    """How grave a breach is, exactly."""
    return BreachWeight(
        identity=Identity(rule.id, row["uscc"], rule.subject, *subject_of(row)),
        is_state=rule.is_state,
        title=rule.title,
        unit=row["unit"],
        measured=Figure(row["measured"], row["measured_over"]),
        limit=Figure(row["limit_value"], row["limit_value_over"]),
        severity=row["severity"],
        amount_fen=row["amount_fen"],
        contract_ids=frozenset(contract_ids(row)),
    )


def subject_of(row: Record) -> tuple[str, Day]:
    """The subject of a judged row as people read it, and its day."""
    return shown_subject_id(row["subject_id"]), row["on_day"]


def shown_subject_id(judged: str) -> str:
    """A subject id as people read it; judged rows carry days as ``{number}``, alike in all SQL."""
    return _DAY.sub(lambda match: format_day(int(match[1])), judged)


def _cite_price(book: RuleBook, row: Record) -> Citation:
    """The citation of the guided price by which a row was judged."""
    since = iso_or_none(row["k_price_from_day"])
    reference = _price_references(book).get((row["k_place_name"], row["k_price_from_day"]))
    if reference is not None:
        return book.cite(reference)._replace(effective_from=since)
    title = f"{row['k_place_name']}义务教育阶段学科类校外培训政府指导价"
    return Citation(title, row["k_document"] or "", "", None, since, row["k_price_certainty"])


@lru_cache(maxsize=8)
def _price_references(book: RuleBook) -> Mapping[tuple[str, Day], LawReference]:
    """The article that sets the prices of a place from a day on, where one is on file."""
    return {(p.place_name, p.from_day): p.reference for p in book.prices if p.reference}
