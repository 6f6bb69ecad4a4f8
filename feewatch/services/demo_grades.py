"""The demonstration's graded quarter: decisions of before, drafts told, an objection, grades set.

Made up like all of the demonstration: the neutral example graded by quarter.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.engine.loader import SHIPPED
from feewatch.kernel.clock import fixed
from feewatch.kernel.people import Scope
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists import grade_objections, grade_pages, grade_steps, grading
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import approve, propose, review
from feewatch.services.lists.noticeboard import find_latest, list_districts
from feewatch.services.people.acting import find_person

#: The scheme of the demonstration, and the folder of rule data that holds it.
SCHEME, FOLDER = "demo", "rules-of-the-demo"
PERIOD = "2026Q2"
#: Of so many white places a second person has confirmed the best grade: gates keep lists calm.
_RED = 3
_SET = 12


def write_scheme(folder: Path) -> None:
    """Lay the neutral example, graded by quarter, into the demonstration's own rule data."""
    text = (SHIPPED / "credit.toml").read_text("utf-8")
    text = text.replace('id = "neutral"', f'id = "{SCHEME}"', 1)
    text = text.replace('period = "year"', 'period = "quarter"', 1)
    target = folder / FOLDER / "credit"
    target.mkdir(parents=True)
    (target / f"{SCHEME}.toml").write_text(text, "utf-8")


def warn_before(app: App, usccs: list[str], noon: Callable[[str], dt.datetime]) -> None:
    """Warnings of May, in force before the office used feewatch; minor ones are not published."""
    paper = read_voucher("决定书（演示）.pdf", b"%PDF-1.4 demo decision")
    with fixed(noon("2026-07-01")):
        for n, uscc in enumerate(usccs, 1):
            form = {
                "list": "notice", "uscc": uscc, "document": f"潍教罚字〔2026〕第{n}号",
                "date": "2026-05-20", "authority": app.config.office.name,
                "notice_served_on": "2026-05-06", "objection_until": "2026-05-13",
                "defence": "none", "hearing": "none", "sanctions": ["warning"],
                "reasons": ["not_rectified"],
                "basis": {
                    "document": "校外培训行政处罚暂行办法", "level": "rule", "clause": "（演示）",
                },
            }  # fmt: skip
            number = str(form["document"])
            papers = DecisionPapers(paper, None)
            propose(app, form, papers, actor="officer", imported=True)
            review(app, number, actor="reviewer", reason="演示：核对原件")
            approve(app, number, actor="publisher", reason="演示：同意登记")


def grade_quarter(app: App, noon: Callable[[str], dt.datetime]) -> None:
    """Drafts of the second quarter, told to all; the log-in's institution objects; some are set."""
    with fixed(noon("2026-07-02")):
        grading.compute(app, PERIOD, actor="officer")
        grade_steps.tell_drafts(app, PERIOD, actor="officer")
    school = find_person(app, "school")
    assert school is not None
    (own,) = grade_pages.list_grades(app, school.scope, period=PERIOD)
    with fixed(noon("2026-07-06")):
        key = grade_objections.object_to_grade(
            app, PERIOD, "警告所涉问题已在五月整改完毕，请复核。", actor="school"
        )
    with fixed(noon("2026-07-08")):
        grade_objections.answer_grade_objection(
            app, own.grade["uscc"], PERIOD, key, "rejected", "决定仍在有效期内，依方案计分。",
            actor="reviewer",
        )  # fmt: skip
    with fixed(noon("2026-07-20")):
        _set_some(app, own.grade["uscc"])


def _set_some(app: App, own: str) -> None:
    """Some of the white list by two persons, others by one; the log-in's waits for the second."""
    white = _on_white_lists(app)
    rows = [row.grade for row in grade_pages.list_grades(app, Scope(), period=PERIOD)]
    best = [row for row in rows if row["computed"] == "A" and row["uscc"] != own]
    red = [row["uscc"] for row in best if row["uscc"] in white and not row["lines"]][:_RED]
    for uscc in red:
        grade_steps.set_grade(app, uscc, PERIOD, "A", "", actor="officer")
        grade_steps.confirm_grade(
            app, uscc, PERIOD, "演示：复核无误", accept=True, actor="reviewer"
        )
    for row in [row for row in best if row["uscc"] not in red][:_SET]:
        reason = "演示：当季有线索待核，从严评定"
        grade_steps.set_grade(app, row["uscc"], PERIOD, "B", reason, actor="officer")
    computed = next(row["computed"] for row in rows if row["uscc"] == own)
    if computed:  # of other seeds its statements may not suffice
        grade_steps.set_grade(app, own, PERIOD, computed, "", actor="officer")


def _on_white_lists(app: App) -> set[str]:
    latest = [find_latest(app, place) for place in list_districts(app)]
    return {entry["uscc"] for each in latest if each for entry in each.lists["white"]}
