"""Which rule floods the office, where, what was dismissed of it, and which presets would tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from feewatch.bootstrap import App
from feewatch.engine.book import MILLION, Parameter, RuleBook
from feewatch.engine.law import nearest
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.money import format_quotient, format_yuan
from feewatch.kernel.people import Scope
from feewatch.kernel.places import ancestry, covers
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.store.pages import noise

COUNTS = ("alerts", "institutions", "withdrawn", "recovered", "matters", "waiting", "dismissed",
          "taken_up")  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A figure that no law fixes and the rule rests on, as it is now in the place."""

    name: str
    title: Text
    value: str  # as a rule file writes it


@dataclass(frozen=True)
class NoiseAtPlace:
    """What a rule made in one district."""

    district: str
    counts: dict[str, int]


@dataclass(frozen=True)
class RuleNoise:
    """What a rule made in all places within the scope, the loudest place first."""

    rule: str
    title: Text
    counts: dict[str, int]
    share: str  # of all alerts, as a decimal
    places: tuple[NoiseAtPlace, ...]
    presets: tuple[Preset, ...]

    @property
    def dismissed_share(self) -> str | None:
        """The share of the matters decided on that were dismissed; None where none was."""
        decided = self.counts["dismissed"] + self.counts["taken_up"]
        return format_quotient(self.counts["dismissed"], decided) if decided else None


def read_noise(app: App, scope: Scope, district: str = "") -> list[RuleNoise]:
    """Alerts, matters and dismissals by rule and place, the loudest rule first; or of one place."""
    book = rule_book(app)
    with app.database.reading() as tx:
        rows = [
            row
            for row in noise.count_noise(tx, scope)
            if not district or covers(district, row.district)
        ]
    total = sum(row.alerts for row in rows)
    rules_noise = []
    for rule, of_rule in groupby(rows, key=lambda row: row.rule):
        places = [
            NoiseAtPlace(row.district, {n: int(getattr(row, n)) for n in COUNTS}) for row in of_rule
        ]
        counts = {name: sum(each.counts[name] for each in places) for name in COUNTS}
        known = book.rules.get(rule)
        rules_noise.append(
            RuleNoise(
                rule,
                known.title if known else Text(rule, rule),
                counts,
                format_quotient(counts["alerts"], total),
                tuple(sorted(places, key=lambda each: (-each.counts["alerts"], each.district))),
                tuple(_presets(book, rule, scope.district, today())),
            )
        )
    return sorted(rules_noise, key=lambda each: (-each.counts["alerts"], each.rule))


def _presets(book: RuleBook, rule: str, district: str, day: Day) -> Iterator[Preset]:
    if rule not in book.rules:
        return
    for name in book.rules[rule].parameters:
        parameter = book.parameters[name]
        value = nearest(parameter.values, ancestry(district), day)
        if value is not None and value.source is None:
            yield Preset(name, parameter.title, written(parameter, value.value))


def written(parameter: Parameter, value: int | tuple[str, ...]) -> str:
    """A value as a rule file writes it: yuan, decimals for shares, true or false for options."""
    if not isinstance(value, int):
        return ",".join(value)
    if parameter.unit == "flag":
        return "true" if value else "false"
    if parameter.unit == "ratio":
        return f"{(Decimal(value) / MILLION).normalize():f}"
    return format_yuan(value) if parameter.unit == "fen" else str(value)


def noise_json(rule_noise: RuleNoise) -> dict[str, Any]:
    """A rule's noise as JSON."""
    return {
        "rule": rule_noise.rule,
        "title": rule_noise.title._asdict(),
        **rule_noise.counts,
        "share": rule_noise.share,
        "dismissed_share": rule_noise.dismissed_share,
        "places": [{"district": place.district} | place.counts for place in rule_noise.places],
        "presets": [
            {"name": preset.name, "title": preset.title._asdict(), "value": preset.value}
            for preset in rule_noise.presets
        ],
    }
