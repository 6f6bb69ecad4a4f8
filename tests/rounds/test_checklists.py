"""Checklists are read strictly; the one that is shipped is an example and says so."""

import datetime as dt

from feewatch.engine.loader import SHIPPED
from feewatch.kernel.days import day_of
from feewatch.rounds.checklists import latest, read_checklist

GOOD = """
id = "a"
version = "1"
title = { zh = "单", en = "list" }
note = { zh = "注", en = "note" }
begins = 2026-01-01
at = "institution"
[[tasks]]
title = { zh = "任务", en = "task" }
[[tasks.indicators]]
title = { zh = "指标", en = "indicator" }
items = [{ id = "1", severity = "red", text = { zh = "项", en = "item" } }]
"""


def read(text):
    faults = []
    return read_checklist(text.encode(), "a.toml", faults), [fault.message.en for fault in faults]


def test_the_wall_chart_is_an_example_of_two_tasks_sixteen_indicators_thirty_items():
    faults = []
    content = (SHIPPED / "checklists" / "wall-chart.toml").read_bytes()
    chart = read_checklist(content, "wall-chart.toml", faults)
    assert faults == []
    assert chart.is_example
    assert "非法律" in chart.note.zh
    assert (len(chart.tasks), chart.indicators, len(list(chart.items))) == (2, 16, 30)


def test_faults_are_told_all_at_once():
    checklist, faults = read(GOOD)
    assert (checklist.find_item("1").severity, faults) == ("red", [])
    bad = GOOD.replace('"red"', '"pink"').replace('at = "institution"', 'at = "moon"\nmore = 1')
    _, faults = read(bad)
    assert len(faults) == 3
    twice = GOOD.replace("items = [", 'items = [{ id = "1", severity = "red", text = '
                         '{ zh = "项", en = "item" } }, ')  # fmt: skip
    assert read(twice)[1] == ["the item 1 stands twice"]
    assert read(GOOD.partition("[[tasks]]")[0] + "tasks = []")[1] == [
        "a checklist has at least one item"
    ]


def test_the_version_in_use_is_the_last_that_has_begun():
    old, _ = read(GOOD)
    new, _ = read(GOOD.replace('"1"\ntitle', '"2"\ntitle').replace("2026-01-01", "2026-07-01"))
    june, july = (day_of(dt.date(2026, month, 1)) for month in (6, 7))
    assert latest([new, old], june)["a"].version == "1"
    assert latest([new, old], july)["a"].version == "2"
    assert latest([new, old], day_of(dt.date(2025, 1, 1))) == {}
