"""What a paper says of a case: facts with arithmetic and rows, law, what to do, as texts.

The texts are frozen with the paper. Nothing is invented: where the installation has no source for a
sentence of law, a place in brackets is left for the office to fill in.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import ACTS, STEPS
from feewatch.casework.figures import figure_in_words
from feewatch.casework.papers import AUTHORITY_WORDS, FILE, PAPERS, WAYS, speaks_of
from feewatch.casework.subjects import subject_in_words
from feewatch.kernel.citation import CERTAINTY_WORDS
from feewatch.kernel.days import Day, date_of, format_day
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.money import group_yuan
from feewatch.services.cases.evidence import read_evidence
from feewatch.services.cases.evidence_lines import EvidenceLine, Sight, describe_evidence
from feewatch.store.cases import alerts as stored_alerts
from feewatch.store.cases import cases, papers
from feewatch.store.check import checks
from feewatch.store.database import Record, Transaction

Lists = dict[str, list[dict[str, str]]]
#: So many rows of evidence stand in an annex; the others are counted.
MOST_ROWS = 120
NO_REMEDIES = "【救济途径由本机关依法填写：行政复议、行政诉讼的受理机关和期限】"
_HINTS = "另行提示（下列情况只达到本机关预设的监测指标，不作为责令整改的依据）"
_NO_SUM = "不以金额计"
_STEPS = {"open": "立案"} | {
    **{name: step.title.zh for name, step in STEPS.items()},
    **{name: title.zh for name, title in ACTS.items()},
}
#: A paper to the institution shows whole rows of its own, but no person by name.
_SIGHT = Sight(accounts=False, payers=False, memos=False)


@dataclass(frozen=True, slots=True)
class PaperWanted:
    """What the person who makes a paper decides of it."""

    kind: str
    number: str
    recipient: str
    institution: str
    reason: str
    made_by: str
    on: Day
    deadline: Day | None


def write_content(
    app: App,
    tx: Transaction,
    case: Mapping[Any, Any],
    matters: Sequence[Record],
    wanted: PaperWanted,
) -> dict[str, Any]:
    """The words of a paper: ``fields``, ``lists``, ``core`` of its template, what it is about."""
    members = _members(tx, matters)
    spoken = [row for row in matters if speaks_of(wanted.kind, row["authority"])]
    hints = [row for row in matters if row not in spoken]
    told = [(n, alert) for n, row in enumerate(spoken, 1) for alert in members[row["id"]]]
    lists: Lists = {
        "matters": [_matter(n, row, members[row["id"]]) for n, row in enumerate(spoken, 1)],
        "hints": [_matter(n, row, members[row["id"]]) for n, row in enumerate(hints, 1)],
        "laws": list(_laws(alert for _, alert in told)),
        "alerts": [],
        "rows": [],
        "events": [],
        "papers": [],
    }
    left = 0
    if PAPERS[wanted.kind].goes_to == FILE:
        lists["events"] = [_event(row) for row in cases.list_case_events(tx, case["id"])]
        lists["papers"] = list(_papers(tx, case["id"]))
    else:
        lists["alerts"] = [_alert(n, m, alert) for n, (m, alert) in enumerate(told, 1)]
        lists["rows"], left = _rows(tx, [alert for _, alert in told])
    fields = _fields(app, tx, case, wanted, spoken, [alert for _, alert in told])
    fields["has_hints"] = _HINTS if hints else ""
    fields["more_rows"] = str(left) if left else ""
    return {
        "fields": fields,
        "lists": lists,
        "core": {
            "title": f"{fields['title']} {wanted.number}",
            "author": app.config.office.name,
            "day": format_day(wanted.on),
        },
        "matters": [row["id"] for row in spoken],
        "hints": [row["id"] for row in hints],
        "deadline": None if wanted.deadline is None else format_day(wanted.deadline),
        "recipient": wanted.recipient,
        "reason": wanted.reason,
        "sum_fen": _sum(spoken),
    }


def _members(tx: Transaction, matters: Sequence[Record]) -> dict[int, list[Record]]:
    members: dict[int, list[Record]] = {row["id"]: [] for row in matters}
    for alert in stored_alerts.list_members(tx, list(members)):
        if alert["status"] not in ("withdrawn", "dismissed"):
            members[alert["matter_id"]].append(alert)
    return members


def _fields(
    app: App,
    tx: Transaction,
    case: Mapping[Any, Any],
    wanted: PaperWanted,
    matters: Sequence[Record],
    alerts: Sequence[Record],
) -> dict[str, str]:
    events = cases.list_case_events(tx, case["id"])
    last = {event["step"]: event["at"][:10] for event in events}
    total = _sum(matters)
    config = app.config
    return {
        "office": config.office.name,
        "number": wanted.number,
        "title": PAPERS[wanted.kind].title.zh,
        "recipient": wanted.recipient,
        "institution": wanted.institution,
        "uscc": case["uscc"],
        "case": case["number"],
        "department": DEPARTMENTS[case["department"]].zh,
        "day": chinese_day(wanted.on),
        "deadline": chinese_day(wanted.deadline),
        "reason": wanted.reason,
        "matter_count": str(len(matters)),
        "alert_count": str(len(alerts)),
        "sum": _NO_SUM if total is None else f"{group_yuan(total)} 元",
        "first_day": chinese_day(min((row["first_day"] for row in matters), default=None)),
        "last_day": chinese_day(max((row["last_day"] for row in matters), default=None)),
        "made_by": wanted.made_by,
        "owner": case["owner"] or wanted.made_by,
        "opened_on": case["opened_at"][:10],
        "told_on": last.get("notify", ""),
        "answered_on": last.get("submit", ""),
        "closed_on": "" if case["closed_on"] is None else format_day(case["closed_on"]),
        "standing": _standing_of_all(tx, matters, alerts),
        "remedies": config.papers.remedies or NO_REMEDIES,
        "copies": config.papers.copies,
    }


def chinese_day(day: Day | None) -> str:
    """A day as documents write it: 2026年8月4日."""
    if day is None:
        return ""
    date = date_of(day)
    return f"{date.year}年{date.month}月{date.day}日"


def _sum(matters: Iterable[Record]) -> int | None:
    sums = [row["sum_fen"] for row in matters if row["sum_fen"] is not None]
    return sum(sums) if sums else None


def _matter(n: int, row: Record, alerts: Sequence[Record]) -> dict[str, str]:
    first = alerts[-1]["frozen"] if alerts else None
    return {
        "n": str(n),
        "title": first["title"]["zh"] if first else row["rule"],
        "facts": _facts(row, alerts),
        "count": str(len(alerts)),
        "sum": "—" if row["sum_fen"] is None else group_yuan(row["sum_fen"]),
        "first_day": format_day(row["first_day"]),
        "last_day": format_day(row["last_day"]),
        "authority": AUTHORITY_WORDS[row["authority"]].zh,
        "law": _law_of(row, alerts),
        "department": DEPARTMENTS[row["department"]].zh,
        "cure": first["cure"]["zh"] if first else "",
        "standing": _standing(alerts),
    }


def _facts(row: Record, alerts: Sequence[Record]) -> str:
    """When, how often, how much; the arithmetic where few lines tell it."""
    first, last = chinese_day(row["first_day"]), chinese_day(row["last_day"])
    days = first if first == last else f"{first}至{last}"
    total = "" if row["sum_fen"] is None else f"，金额 {group_yuan(row['sum_fen'])} 元"
    shown = f"{days}，共 {len(alerts)} 处{total}。"
    if 0 < len(alerts) <= 3:
        sums = (alert["frozen"]["calculation"]["zh"].rstrip("。") for alert in alerts)
        shown += f"计算：{'；'.join(sums)}。"
    return shown


def _law_of(row: Record, alerts: Iterable[Record]) -> str:
    if row["authority"] == "preset":
        return CERTAINTY_WORDS["preset"].zh
    return "；".join(
        f"{_document(law)}{law['number']}{law['article']}（{_certainty(law)}）"
        for law in _bases(alerts)
    )


def _bases(alerts: Iterable[Record]) -> list[dict[str, Any]]:
    """The articles that alerts rest on, each once."""
    once: dict[tuple[str, str, str], dict[str, Any]] = {}
    for alert in alerts:
        for law in alert["frozen"]["basis"]:
            if law["certainty"] != "preset":
                once.setdefault((law["document"], law["number"], law["article"]), law)
    return list(once.values())


def _laws(alerts: Iterable[Record]) -> Iterable[dict[str, str]]:
    for n, law in enumerate(_bases(alerts), 1):
        says = (law.get("says") or {}).get("zh", "")
        yield {
            "n": str(n),
            "document": _document(law),
            "number": f"（{law['number']}）" if law["number"] else "",
            "article": law["article"],
            "effective": law["effective_from"] or "",
            "certainty": _certainty(law),
            "says": f"大意：{says}" if says else "",
        }


def _document(law: Mapping[str, Any]) -> str:
    return f"《{law['document']}》" if law["document"] else ""


def _certainty(law: Mapping[str, Any]) -> str:
    word = CERTAINTY_WORDS.get(law["certainty"])
    return word.zh if word else str(law["certainty"])


def _alert(n: int, matter: int, alert: Record) -> dict[str, str]:
    frozen = alert["frozen"]
    subject = subject_in_words(alert["subject_kind"], alert["subject_id"], is_masked=True)
    return {
        "n": str(n),
        "matter": str(matter),
        "day": format_day(alert["on_day"]),
        "subject": subject.zh,
        "measured": figure_in_words(alert["measured"], alert["unit"]).zh,
        "limit": figure_in_words(alert["limit_value"], alert["unit"]).zh,
        "calculation": frozen["calculation"]["zh"],
        "standing": _standing([alert]),
    }


def _rows(tx: Transaction, alerts: Sequence[Record]) -> tuple[list[dict[str, str]], int]:
    """The rows that alerts rest on, as many as an annex holds, and how many more there are."""
    rows: list[dict[str, str]] = []
    left = 0
    for n, alert in enumerate(alerts, 1):
        sources = alert["frozen"]["evidence"]
        room = MOST_ROWS - len(rows)
        left += max(len(sources) - room, 0)
        if sources and room > 0:
            read = read_evidence(tx, alert, sources[:room])
            rows += [_row(n, line) for line in describe_evidence(read, _SIGHT)]
    return rows, left


def _row(alert: int, line: EvidenceLine) -> dict[str, str]:
    cells = "；".join(f"{cell.title.zh}：{cell.value.zh}" for cell in line.cells)
    return {
        "alert": str(alert),
        "place": f"{line.place.name.zh} {line.name}".strip(),
        "day": line.on or "",
        "sum": "" if line.amount_fen is None else group_yuan(line.amount_fen),
        "content": cells,
    }


def _event(event: Record) -> dict[str, str]:
    return {
        "day": event["at"][:10],
        "step": _STEPS.get(event["step"], event["step"]),
        "actor": event["actor"],
        "reason": event["reason"],
    }


def _papers(tx: Transaction, case_id: int) -> Iterable[dict[str, str]]:
    for row in papers.list_of_case(tx, case_id):
        services = papers.list_services(tx, row["id"])
        yield {
            "number": row["number"],
            "title": PAPERS[row["kind"]].title.zh,
            "served_on": format_day(services[-1]["served_on"]) if services else "",
            "way": WAYS[services[-1]["way"]].zh if services else "",
        }


def _standing(alerts: Sequence[Record]) -> str:
    counts = Counter(
        "已消除" if alert["recovered_on"] is not None
        else "待银行核对" if alert["held_on"] is not None
        else "仍存在"
        for alert in alerts
    )  # fmt: skip
    return "，".join(f"{word} {count} 处" for word, count in sorted(counts.items()))


def _standing_of_all(tx: Transaction, matters: Sequence[Record], alerts: Sequence[Record]) -> str:
    as_of = checks.latest_as_of(tx)
    if as_of is None:
        return "尚无检查结果"
    open_matters = {alert["matter_id"] for alert in alerts if alert["recovered_on"] is None}
    return (
        f"据截至{chinese_day(as_of)}的检查，{len(matters)} 项中 {len(open_matters)} 项仍存在"
        f"（{_standing(alerts) or '无'}）"
    )
