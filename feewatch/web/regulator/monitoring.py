"""What an office looks at beside its inbox: early warning, noisy rules, a change of law tried out.

All of it indicators and simulations of the office: reading only, never public.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request, url_for

from feewatch.engine.book import RuleBook
from feewatch.engine.revision import FLOAT
from feewatch.kernel.clock import today
from feewatch.kernel.days import add_months, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.money import format_yuan
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import OFFICE
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text
from feewatch.services.check import early_warning as warnings
from feewatch.services.check import keeping
from feewatch.services.check.rulebook import rule_book
from feewatch.services.desk.district import BANDS, band_of
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.services.trials.backtest import Backtest
from feewatch.services.trials.noise import COUNTS, RuleNoise, read_noise
from feewatch.sheets.quoting import write_csv
from feewatch.web.access import Room, installation, only, person
from feewatch.web.computing import list_recent, result_of
from feewatch.web.forms import read_choice, read_day, read_page, read_place, read_text
from feewatch.web.lists import file_of_list, whole
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns
from feewatch.web.regulator.filters import filters_of_address
from feewatch.web.sorting import sort_rows

JURISTS = OFFICE | {"rule_editor"}
room = Room("monitoring", __name__, may_enter=JURISTS, url_prefix="/desk")


def _count(name: str) -> Callable[[RuleNoise], int]:
    return lambda noise: noise.counts[name]


_WARNING_SORTS: dict[str, Callable[[warnings.CoverStanding], Any]] = {
    "name": lambda standing: standing.institution,
    "district": lambda standing: standing.district,
    "balance": lambda standing: standing.balance_fen,
    "claims": lambda standing: standing.claims_fen,
    "cover": lambda standing: None if standing.cover is None else Decimal(standing.cover),
    "short": lambda standing: standing.shortfall_fen,
    "families": lambda standing: standing.families,
    "run_out": lambda standing: standing.run_out_on,
    "stress": lambda standing: standing.stress_days,
}
_NOISE_SORTS: dict[str, Callable[[RuleNoise], Any]] = {
    "title": lambda noise: noise.rule,
    **{name: _count(name) for name in COUNTS},
    "dismissed_share": lambda noise: noise.dismissed_share and Decimal(noise.dismissed_share),
}
_COLUMNS = {
    "uscc": Text("统一社会信用代码", "credit code"),
    "institution_name": Text("机构名称", "institution"),
    "district": Text("区划", "district"),
    "breaches_before": Text("现行规则下违反", "breaches before"),
    "breaches_after": Text("变更后违反", "breaches after"),
    "newly": Text("新增违反", "new"),
    "no_longer": Text("不再违反", "no longer"),
    "contracts": Text("合同", "contracts"),
    "families": Text("家庭", "families"),
    "fen": Text("金额（元）", "yuan"),
}


@room.get("/early-warning")
@only(OFFICE)
def early_warning() -> str | Response:
    """Could everyone be refunded tonight: districts ranked, institutions by urgency."""
    found = read_warning()
    title = Text("能否全额退费", "early warning")
    if file := file_of_list(title, list_columns.EARLY_WARNING, whole(found.institutions)):
        return file
    return render_template(
        "regulator/early_warning.html",
        found=found,
        page=page_of(found),
        indicator=warnings.LABEL,
        stress_days=warnings.STRESS_DAYS,
        verdicts=warnings.VERDICTS,
        filters=filters_of_address(),
    )


def read_warning() -> warnings.EarlyWarning:
    """The early warning as the address asks for it, within the person's scope."""
    days = read_whole(request.args.get("window", str(warnings.WINDOW_DAYS)), 9999) or 0
    found = keeping.read_warning(installation(), person.scope, read_day("as_of"), days)
    verdict, place = read_choice("verdict", warnings.VERDICTS), read_place("district")
    band = read_choice("band", [str(number) for number in range(len(BANDS) + 1)])
    chosen = [
        each
        for each in found.institutions
        if verdict in ("", each.verdict)
        and (not place or covers(place, each.district))
        and (not band or band_of(each) == int(band))
    ]
    return replace(found, institutions=tuple(sort_rows(chosen, _WARNING_SORTS)))


def page_of(found: warnings.EarlyWarning) -> Page:
    """The page of institutions that the address asks for."""
    number = read_page()
    rows = found.institutions[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Page(rows, len(found.institutions), number)


@room.get("/noise")
def noise() -> str | Response:
    """Alerts, matters and dismissals by rule and place."""
    place = read_place("district")
    rules = sort_rows(read_noise(installation(), person.scope, place), _NOISE_SORTS)
    title = Text("规则与预警量", "noise by rule")
    if file := file_of_list(title, list_columns.NOISE, whole(rules)):
        return file
    return render_template(
        "regulator/noise.html", rules=rules, district=place, filters=filters_of_address()
    )


@room.get("/backtest")
def backtest() -> str:
    """The form to try a change, and what it would have done."""
    book = rule_book(installation())
    found = _try_change() if request.args.get("run") else None
    last = read_day("to") or today()
    return render_template(
        "regulator/backtest.html",
        found=found,
        parameters=_settable(book),
        drafts=installation().config.rules.shadow,
        parameter=read_text("parameter", 60),
        value=read_text("value", 500),
        place=read_text("place", 6),
        first=read_day("from") or add_months(last, -12),
        last=last,
        filters=dict(request.args),
        recent=list_recent("backtest"),
    )


@room.get("/backtest.csv")
@form_on("monitoring.backtest")
def backtest_csv() -> Response:
    """The institutions that a change would concern, for a spreadsheet."""
    content = render_csv(_try_change())
    head = {"Content-Disposition": "attachment; filename=backtest.csv"}
    return Response(content, mimetype="text/csv; charset=utf-8", headers=head)


def render_csv(found: Backtest) -> bytes:
    """The institutions of a simulation as CSV that a spreadsheet opens as it is."""
    parts = [f"{each.name}={each.value}" for each in found.change.settings]
    change = ", ".join([*parts, *([found.change.draft.name] if found.change.draft else [])])
    period = f"{format_day(found.period.first)}..{format_day(found.period.last)}"
    rows = [
        [Text("模拟，非检查结果", "a simulation, no result of a check").both()],
        [change, found.place, period],
        [title.both() for title in _COLUMNS.values()],
    ]
    for row in found.institutions:
        cells = dict(row) | {"fen": format_yuan(row["fen"] or 0)}
        rows.append([str(cells[name]) for name in _COLUMNS])
    return write_csv(rows)


def _try_change() -> Backtest:
    name, value = read_text("parameter", 60), read_text("value", 500)
    draft = read_choice("draft", installation().config.rules.shadow)
    if bool(name) != bool(value) or not (name or draft):
        raise InvalidInputError(
            "SETTING",
            "请选择参数并填写新值，或选择草案",
            "choose a parameter and a value, or a draft",
            field="parameter" if value else "value",
        )
    first, last = read_day("from"), read_day("to")
    if first is None or last is None:
        raise InvalidInputError(
            "PERIOD", "请填写起止日期", "give the first and the last day", field="from"
        )
    asked = {
        "parameter": name, "value": value, "draft": draft, "place": read_text("place", 6),
        "from": format_day(first), "to": format_day(last),
    }  # fmt: skip
    known = {name: value for name, value in asked.items() if value}
    address = f"{url_for('monitoring.backtest')}?{urlencode({'run': '1'} | known)}"
    tried: Backtest = result_of("backtest", asked, address)
    return tried


def _settable(book: RuleBook) -> dict[str, Text]:
    """What may be set: the float of guided prices, and the parameters that rules use."""
    used = {name for rule in book.rules.values() for name in rule.parameters}
    titles = {name: book.parameters[name].title for name in sorted(used)}
    return {FLOAT: Text("政府指导价浮动幅度", "Float of guided prices")} | titles
