"""A rule, or a fact, in lines for a terminal, Chinese and English side by side."""

from collections.abc import Iterator
from typing import Any

from feewatch.engine.difference import BookDifference
from feewatch.engine.portrait import At
from feewatch.engine.wording import place_in_words
from feewatch.kernel.days import format_day
from feewatch.kernel.text import Text


def rule_lines(rule: dict[str, Any], at: At | None) -> list[str]:
    """The lines of a rule as ``engine.portrait`` gives it."""
    return [
        f"{rule['rule']}  {_both(rule['title'])}  ({rule['version']})",
        f"主管 / department: {_both(rule['department'])}",
        f"对象 / subject: {rule['subject']} ({rule['unit']})",
        *_in_force(rule["in_force"], at),
        *_figures(rule["parameters"]),
        *_prices(rule.get("prices")),
        f"度量 / measured: {rule['measured']}",
        *([f"限值 / limit: {rule['limit']}"] if rule["limit"] else []),
        *([f"适用 / applies: {rule['applies']}"] if rule["applies"] else []),
        f"违反 / breach: {rule['breach']}",
        *([f"读法 / reading: {_both(rule['reading'])}"] if rule["reading"]["zh"] else []),
        *_listed("不能判定 / cannot judge", [_both(each["reason"]) for each in rule["needs"]]),
        *_listed("严重程度 / severity", list(_severity(rule))),
        f"整改 / cure: {_both(rule['cure'])}",
    ]


def fact_lines(fact: dict[str, Any]) -> list[str]:
    """The lines of a fact as ``engine.portrait`` gives it."""
    return [
        f"{fact['fact']}  {_both(fact['about'])}",
        f"每行不同 / rows differ in: {', '.join(fact['grain'])}",
        *_listed("列 / columns", [line for column in fact["columns"] for line in _column(column)]),
        f"所读 / reads: {', '.join(fact['reads'])}",
        *([f"参数 / parameters: {', '.join(fact['parameters'])}"] if fact["parameters"] else []),
        *([f"规则 / rules: {', '.join(fact['rules'])}"] if fact["rules"] else []),
        *([f"被读 / read by: {', '.join(fact['facts'])}"] if fact["facts"] else []),
    ]


_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_KINDS = {
    "rule": "规则 / rule", "parameter": "参数 / parameter", "price": "指导价 / price",
    "fact": "事实 / fact", "source": "文件 / source", "holidays": "节假日 / holidays",
    "scheme": "评价方案 / scheme", "list": "名单含义 / meaning of a list", "terms": "期限 / terms",
    "file": "督导文件 / file of rounds",
}  # fmt: skip


def difference_lines(difference: BookDifference) -> list[str]:
    """What one rule book changes of another, with each detail."""
    mark, kind = _MARKS[difference.change], _KINDS[difference.kind]
    head = f"{mark} {kind} {difference.id}  {difference.title.both()}"
    return [head, *(f"    {line.both()}" for line in difference.details)]


def difference_json(difference: BookDifference) -> dict[str, Any]:
    """The same under stable keys."""
    details = [line._asdict() for line in difference.details]
    return difference._asdict() | {"title": difference.title._asdict(), "details": details}


def _column(column: dict[str, Any]) -> Iterator[str]:
    yield f"{column['column']:18} {column['unit']:12} {_both(column['meaning'])}"
    if column["unknown"]:
        yield f"{'':18} {'':12} 未知 / unknown: {_both(column['unknown'])}"


def _both(text: dict[str, str]) -> str:
    return Text(**text).both()


def _listed(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in lines)] if lines else []


def _in_force(blocks: list[dict[str, Any]], at: At | None) -> list[str]:
    where = f" {at.place} {format_day(at.on)}" if at else ""
    lines: list[str] = []
    for block in blocks:
        until = f"..{block['to']}" if block["to"] else ""
        place, narrowed = place_in_words(block["jurisdiction"]).both(), block["applies"]
        line = f"{place}  {block['from']}{until}  {block['authority']}"
        lines.append(f"{line}  [{narrowed}]" if narrowed else line)
        lines += [f"  {line}" for each in block["basis"] for line in citation_lines(each)]
        if block["would_apply"]:
            lines.append("  查实后可能适用 / the law that would apply if found true:")
        laws = block["would_apply"]
        lines += [f"    {line}" for each in laws for line in citation_lines(each)]
    if not blocks:
        lines = ["当地当日没有规定，不判定 / nothing is in force there on that day: not judged"]
    return _listed(f"施行 / in force{where}", lines)


def citation_lines(basis: dict[str, Any]) -> Iterator[str]:
    """A document with number and article, what it says, its issuer and days, and how it was read.

    What was frozen before these were on file is shown with what it has.
    """
    yield "  ".join(each for each in (basis["document"], basis["number"], basis["article"]) if each)
    if basis.get("says") and basis["says"]["zh"]:
        yield f"  大意 / in short: {_both(basis['says'])}"
    days = [
        f"发布 / issued {basis['issued']}" if basis.get("issued") else "",
        f"施行 / in effect {basis['effective_from']}" if basis["effective_from"] else "",
        f"废止 / repealed by {basis['repealed_by']}" if basis.get("repealed_by") else "",
    ]
    rest = [_issuer(basis), *days, basis.get("address", "")]
    yield f"  {'  '.join(each for each in rest if each)}"
    yield f"  核读 / read as {_reading(basis)}"


def _issuer(basis: dict[str, Any]) -> str:
    if basis["certainty"] == "preset" or "issuer" not in basis:
        return ""
    return basis["issuer"] or "发文机关未录 / issuer not on file"


def _reading(basis: dict[str, Any]) -> str:
    """How far the article was read: its certainty, and where these are at hand how and where."""
    parts = [basis["certainty"], _both(basis["read_as"]) if basis.get("read_as") else ""]
    parts += [basis.get("read_in") or "", basis.get("checked") or ""]
    return "  ".join(part for part in parts if part)


def _figures(parameters: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for parameter in parameters:
        lines.append(f"{parameter['parameter']}  {_both(parameter['title'])}")
        for value in parameter["values"]:
            place = place_in_words(value["jurisdiction"]).both()
            span = f"{value['from'] or ''}..{value['to'] or ''}"
            named = f"{value['source']} {value['article']}".strip()
            origin = "预设 / preset" if value["preset"] else f"{named} {value['certainty']}"
            lines.append(f"  {place}  {span}  {_both(value['value'])}  ({origin})")
        if not parameter["values"]:
            lines.append("  未录入 / no value on file")
    return _listed("数值 / figures", lines)


def _prices(prices: list[dict[str, Any]] | None) -> list[str]:
    if prices is None:
        return []
    lines = [
        f"{price['stage']} {price['mode']} {price['class_from']}–{price['class_to'] or ''}  "
        f"{_both(price['price'])}  {price['place']} {price['document']} {price['from']}"
        for price in prices
    ]
    nothing = "当地当日没有政府指导价，不能判定 / no guided price there on that day: cannot judge"
    return _listed("政府指导价 / guided prices", lines or [nothing])


def _severity(rule: dict[str, Any]) -> Iterator[str]:
    for step in rule["severity"]:
        yield f"{step['level']}  {step['when']}" if step["when"] else step["level"]
    for step in rule["escalation"]:
        yield f"{step['level']}  满 / after {step['after']}"
