"""A rule book with a change somebody thinks of: what a parameter or a float would be, by place.

The book in force is never touched; a revised one is for simulation and states no source.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from feewatch.engine.book import MILLION, Parameter, ParameterValue, Price, Rule, RuleBook
from feewatch.engine.law import lay_out_prices
from feewatch.engine.loader import parameter_value
from feewatch.kernel.days import EPOCH, FIRST_DAY, LAST_DAY
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_decimal

#: The name under which the float of guided prices is set, a share of the price.
FLOAT = "float_up"
#: The table of guided prices, as facts name it.
PRICES = "price"
#: The table of days, weekends and public holidays, as facts name it.
DAYS = "calendar_day"
#: No figure of the law is larger: what is computed with it stays within the 64 bits of databases.
_LARGEST, _LARGEST_SHARE = 10**9, 100


class Setting(NamedTuple):
    """A parameter and the value it would have, as typed."""

    name: str
    value: str


def read_setting(text: str) -> Setting:
    """``PARAM=VALUE`` as a setting.

    Raises: InvalidInputError.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise InvalidInputError(
            "SETTING", f"应写作 参数=值，而不是 {text}", f"write PARAM=VALUE, not {text!r}"
        )
    return Setting(name, value)


def revise(book: RuleBook, settings: Sequence[Setting], place: str | None) -> RuleBook:
    """The book with these values in a place, or wherever they have a value where none is named.

    A place nearer to a subject that has a value of its own keeps it, as in law.

    Raises: InvalidInputError for an unknown parameter, an unreadable value, a place without price.
    """
    for setting in settings:
        if setting.name == FLOAT:
            book = replace(book, prices=_with_float(book.prices, setting, place))
        else:
            revised = _with_value(_get_parameter(book, setting), setting, place)
            book = replace(book, parameters={**book.parameters, setting.name: revised})
    return book


def _get_parameter(book: RuleBook, setting: Setting) -> Parameter:
    if setting.name not in book.parameters:
        allowed = ", ".join([FLOAT, *sorted(book.parameters)])
        raise InvalidInputError(
            "PARAMETER-UNKNOWN",
            f"没有参数 {setting.name}，可用：{allowed}",
            f"no parameter {setting.name}; allowed: {allowed}",
            field="parameter",
        )
    return book.parameters[setting.name]


def _with_value(parameter: Parameter, setting: Setting, place: str | None) -> Parameter:
    value = _read_value(setting, parameter.unit)
    if place is None:
        changed = (each._replace(value=value, source=None) for each in parameter.values)
        return replace(parameter, values=tuple(changed))
    return with_value_at(parameter, value, place)


def with_value_at(parameter: Parameter, value: int | tuple[str, ...], place: str) -> Parameter:
    """A parameter that has had one value in a place all along."""
    set_here = ParameterValue(place, FIRST_DAY, LAST_DAY, value, None, "", EPOCH)
    others = (each for each in parameter.values if each.jurisdiction != place)
    return replace(parameter, values=(*others, set_here))


def _read_value(setting: Setting, unit: str) -> int | tuple[str, ...]:
    value = parameter_value(_raw(setting.value, unit), unit)
    if value is None:
        raise InvalidInputError(
            "SETTING-VALUE",
            f"{setting.name}={setting.value} 不是 {unit}",
            f"{setting.name}={setting.value} is no {unit}",
            field="value",
        )
    return value


def _raw(text: str, unit: str) -> bool | int | Decimal | list[str] | None:
    """What a rule file would hold: true or false, numbers (5% is 0.05), or a list of words."""
    if unit == "flag":
        return {"true": True, "false": False}.get(text.lower())
    if unit == "words":
        return [word.strip() for word in re.split("[,，、;；]", text) if word.strip()]
    number = read_decimal(text.removesuffix("%"))
    if number is None or abs(number) > _LARGEST:
        return None
    if text.endswith("%"):
        number /= 100
    if (text.endswith("%") and unit != "ratio") or (unit == "ratio" and number > _LARGEST_SHARE):
        return None
    return int(number) if number == int(number) else number


def _with_float(
    prices: tuple[Price, ...], setting: Setting, place: str | None
) -> tuple[Price, ...]:
    value = _read_value(setting, "ratio")
    if not isinstance(value, int) or not 0 <= value <= MILLION:
        raise InvalidInputError(
            "SETTING-VALUE",
            f"浮动幅度应在 0 与 1 之间：{setting.value}",
            f"a float lies between 0 and 1, not {setting.value}",
            field="value",
        )
    if place is None:
        return tuple(replace(each, float_ppm=value) for each in prices)
    set_here = tuple(_prices_at(prices, place, value))
    if not set_here:
        raise InvalidInputError(
            "PRICE-NONE",
            f"{place} 及其上级没有政府指导价",
            f"no guided price is on file for {place} or a place above it",
            field="place",
        )
    return (*(each for each in prices if each.place != place), *set_here)


def _prices_at(prices: tuple[Price, ...], place: str, float_ppm: int) -> Iterator[Price]:
    """The prices in force in a place, its own or from above, as its own with another float."""
    for span in lay_out_prices(prices, [place]):
        yield replace(
            span.price,
            place=place,
            stage=span.stage,
            class_from=span.class_from,
            class_to=span.class_to,
            from_day=span.from_day,
            to_day=span.to_day,
            float_ppm=float_ppm,
        )


def list_touched(live: RuleBook, revised: RuleBook) -> list[str]:
    """The rules that two books may judge differently: new, gone, or resting on what differs."""
    ids = dict.fromkeys([*live.rules, *revised.rules])
    return [name for name in ids if _differs(live, revised, name)]


def _differs(live: RuleBook, revised: RuleBook, name: str) -> bool:
    if name not in live.rules or name not in revised.rules:
        return True
    one, other = live.rules[name], revised.rules[name]
    if one.version != other.version or _parameters(live, one) != _parameters(revised, other):
        return True
    read = _read_tables(live, one.fact)
    facts = (each for each in read if each in live.facts)
    if any(live.facts[each] != revised.facts.get(each) for each in facts):
        return True
    if DAYS in read and live.holidays != revised.holidays:
        return True
    return PRICES in read and live.prices != revised.prices


def _parameters(book: RuleBook, rule: Rule) -> list[Parameter]:
    return [book.parameters[each] for each in rule.parameters]


def _read_tables(book: RuleBook, fact: str) -> set[str]:
    """A fact with all facts and tables it reads, through whatever other facts."""
    tables: set[str] = set()
    waiting = [fact]
    while waiting:
        name = waiting.pop()
        if name not in tables:
            tables.add(name)
            waiting += book.facts[name].uses if name in book.facts else ()
    return tables
