"""The report of a period as a document (通报), in the layout of the office's papers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from feewatch.kernel.days import Day, date_of
from feewatch.kernel.numbers import chinese_numeral
from feewatch.papers.layout import package, paragraph, table
from feewatch.services.reports.figure_kinds import SECTIONS
from feewatch.services.reports.labels import (
    UNITS,
    part_in_words,
    period_in_words,
    value_in_words,
    value_of,
)
from feewatch.services.reports.period import FigureValue, PeriodReport
from feewatch.services.reports.wording import write_report

_NOTE = (
    "注：本通报各数由系统按所列口径逐行统计，可逐项追溯。未知、不能判定的不计为零，也不视为合规；"
    "疑似问题未经核实；资金覆盖为监测指标，非法律认定。"
)
#: Tables of parts: figure, word, what stands above.
_PARTS = (
    ("problems.found", "severity", "发现问题（按等级）", "等级"),
    ("problems.found", "rules", "发现问题（按类别）", "类别"),
    ("problems.found", "district", "发现问题（按区划）", "区划"),
    ("institutions.standing", "custody", "在册机构（按监管方式）", "监管方式"),
    ("academic", "month", "学科类机构（按月末）", "月末"),
)


def report_document(
    report: PeriodReport, office: str, places: Mapping[str, str], made_on: Day
) -> bytes:
    """The report as DOCX; the same figures, office and day give the same bytes."""
    return package("".join(_blocks(report, office, places, made_on)), landscape=False)


def document_name(report: PeriodReport) -> str:
    """The name under which it is handed out."""
    return f"督导通报-{period_in_words(report.period).zh}.docx"


def _blocks(
    report: PeriodReport, office: str, places: Mapping[str, str], made_on: Day
) -> Iterator[str]:
    period = period_in_words(report.period).zh
    yield paragraph("title", f"{_place(report, places)}校外培训机构预收费监管督导情况通报")
    yield paragraph("to", f"（{period}）")
    for number, section in enumerate(write_report(report, places), 1):
        yield paragraph("heading", f"{chinese_numeral(number)}、{section.title.zh}")
        yield paragraph("text", section.text.zh)
    yield paragraph("sign", office)
    date = date_of(made_on)
    yield paragraph("date", f"{date.year}年{date.month}月{date.day}日")
    yield paragraph("note", _NOTE)
    yield paragraph("heading", "附表1  主要指标", new_page=True)
    yield _figures(report)
    for number, (figure, word, title, head) in enumerate(_PARTS, 2):
        parts = report.parts(figure, word)
        if parts:
            yield paragraph("heading", f"附表{number}  {title}")
            yield _parts(report, parts, word, head, places)


def _place(report: PeriodReport, places: Mapping[str, str]) -> str:
    return places.get(report.period.scope.district, "")


def _figures(report: PeriodReport) -> str:
    lines: list[tuple[str, list[str]]] = [("cell_head", _heads(report, "指标"))]
    for section, title in SECTIONS.items():
        lines.append(("cell_head", [title.zh]))
        lines += [
            ("cell", [_title(figure), *_values(figure)])
            for key, figure in report.figures.items()
            if figure.kind.section == section and ":" not in key
        ]
    return table((5, 3, 3), lines)


def _parts(
    report: PeriodReport,
    parts: Sequence[FigureValue],
    word: str,
    head: str,
    places: Mapping[str, str],
) -> str:
    lines: list[tuple[str, list[str]]] = [("cell_head", _heads(report, head))]
    for part in parts:
        name = part_in_words(word, part.kind.id.partition("=")[2], places).zh
        lines.append(("cell", [name, *_values(part)]))
    return table((5, 3, 3), lines)


def _heads(report: PeriodReport, first: str) -> list[str]:
    return [first, *(period_in_words(each).zh for each in (report.period, report.before))]


def _title(figure: FigureValue) -> str:
    unit = UNITS[figure.kind.unit].zh
    return f"{figure.kind.title.zh}（{unit}）" if unit else figure.kind.title.zh


def _values(figure: FigureValue) -> Iterable[str]:
    before = value_in_words(figure.before, figure.kind.unit).zh
    return value_of(figure).zh, "—" if "month=" in figure.kind.id else before
