"""The rounds of the demonstration, worked out again from raw tables and shown on site and paper."""

import hashlib
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html

from feewatch.cli import main
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.demo import shown_at
from feewatch.services.reports.wording import _SENTENCES
from feewatch.services.rounds.drawing import get_draw
from feewatch.services.rounds.groups import list_groups
from feewatch.services.rounds.inspectors import list_missing
from tests.services.reports.by_hand import Raw, number

PRESETS = tomllib.loads(
    (Path(__file__).parents[3] / "rules" / "rounds.toml").read_text(encoding="utf-8")
)
OVER = {"closed", "rechecked", "dismissed"}


@pytest.fixture(scope="module")
def raw(town):
    with town.demo.app.database.reading() as tx:
        return Raw(tx)


def count(rows):
    counts = defaultdict(int)
    for row in rows:
        counts[row["institution_id"]] += 1
    return counts


def facts_by_hand(raw, day):
    """By institution every fact of the presets, counted row by row."""
    open_ones = [
        row for row in raw["matter"] if row["status"] in ("open", "in_case") and not row["historic"]
    ]
    cases = [row for row in raw["case_file"] if row["state"] not in OVER]
    decided = defaultdict(int)
    for row in raw["decision"]:
        if row["status"] == "in_force" and row["decided_on"] <= day:
            decided[row["uscc"]] += 1
    since = day - PRESETS["draw"]["recent_days"]
    counts = {
        "red_matters": count(row for row in open_ones if row["severity"] == "red"),
        "open_matters": count(open_ones),
        "visit_matters": count(row for row in open_ones if row["rule"] == "VISIT-ITEM"),
        "running_cases": count(cases),
        "overdue_cases": count(
            row for row in cases
            if row["state"] != "transferred"  # then no deadline runs
            and row["deadline"] is not None and row["deadline"] < day
        ),
        "recurred_cases": count(
            row for row in raw["case_file"] if row["recurred_on"] is not None
        ),
        "listed": count(
            row for row in raw["pressure"]
            if row["kind"] == "listed" and row["on_day"] <= day
            and (row["lifted_on"] is None or row["lifted_on"] > day)
        ),
        "recent_visits": count(row for row in raw["visit"] if since <= row["visited_on"] <= day),
    }  # fmt: skip
    return {
        row["id"]: {
            "decisions": decided[row["uscc"]],
            **{name: counted[row["id"]] for name, counted in counts.items()},
        }
        for row in raw["institution"]
    }


def group_by_hand(facts):
    for group in PRESETS["groups"]:
        met = [
            each.get("least", 0) <= facts[each["fact"]] <= each.get("most", 10**9)
            for each in group["conditions"]
        ]
        if all(met) if group["needs"] == "all" else any(met):
            return group["group"]
    return "none"


def test_the_groups_are_those_worked_out_from_raw_tables(town, raw):
    with clock.fixed(shown_at()):
        standings, day = list_groups(town.demo.app, NATIONWIDE), clock.today()
    facts = facts_by_hand(raw, day)
    moves = {row["institution_id"]: row for row in raw["group_move"]}
    for each in standings:
        assert each.facts == facts[each.institution_id], each.uscc
        computed = group_by_hand(facts[each.institution_id])
        assert each.computed.group == computed, each.uscc
        move = moves.get(each.institution_id)
        by_hand = move is not None and move["from_day"] <= day <= move["to_day"]
        assert each.group == (move["to_group"] if by_hand else computed), each.uscc
    assert len(standings) > 20
    assert {each.group for each in standings} >= {"focus", "problems", "in_place"}
    assert sum(each.move is not None for each in standings) == len(raw["group_move"]) == 1


def drawn_by_hand(row):
    """The draw once more: every ticket a line of a list, from which a number picks one."""
    chosen = []
    for turn in range(row["size"]):
        tickets = [
            uscc
            for uscc, count, *_ in sorted(row["pool"], key=lambda lot: lot[0])
            if uscc not in chosen
            for _ in range(count)
        ]
        if tickets:
            digest = hashlib.sha256(f"{row['seed']}/{turn}".encode()).digest()
            chosen.append(tickets[int.from_bytes(digest, "big") % len(tickets)])
    return chosen


def test_a_draw_is_replayed_from_its_seed_and_left_out_whom_the_raw_visits_name(town, raw):
    (row,) = raw["visit_draw"]
    assert row["seed"] == "demo-rounds"
    assert drawn_by_hand(row) == row["drawn"]
    assert drawn_by_hand(row | {"seed": "another"}) != row["drawn"]
    lots = PRESETS["draw"]
    for uscc, tickets, group, grade in row["pool"]:
        by_grade = lots["grades"].get(grade, lots["no_grade"])
        assert tickets == lots["groups"][group] * by_grade, uscc
    codes = {each["id"]: each["uscc"] for each in raw["institution"]}
    last = defaultdict(int)
    for visit in raw["visit"]:
        if visit["institution_id"] is not None and visit["visit_draw_id"] is None:
            uscc = codes[visit["institution_id"]]
            if visit["visited_on"] <= row["on_day"]:
                last[uscc] = max(last[uscc], visit["visited_on"])
    seen = {uscc: day for uscc, day in last.items() if day > row["on_day"] - row["recent_days"]}
    assert {uscc: number(on) for uscc, on in row["excluded"]} == seen
    assert {each[0] for each in row["pool"]}.isdisjoint(seen)
    with clock.fixed(shown_at()):
        found = get_draw(town.demo.app, NATIONWIDE, row["number"])
    assert found.is_replayed
    (answer,) = [each for each in raw["visit"] if each["visit_draw_id"] == row["id"]]
    assert found.made == {codes[answer["institution_id"]]: answer["number"]}


def test_the_month_in_which_one_inspector_missed_a_visit_is_listed_on_today_and_reported(town, raw):
    first, last = parse_day("2026-06-01"), parse_day("2026-06-30")
    visited = {row["institution_id"] for row in raw["visit"] if first <= row["visited_on"] <= last}
    (owed,) = [row for row in raw["inspector_assignment"] if row["institution_id"] not in visited]
    (uscc,) = [row["uscc"] for row in raw["institution"] if row["id"] == owed["institution_id"]]
    assert owed["inspector"] == "inspector2"
    with clock.fixed(shown_at()):
        (missing,) = list_missing(town.demo.app, NATIONWIDE, first, last)
        assert (missing.owed.inspector, missing.uscc) == ("inspector2", uscc)
        officer, _ = town.enter("officer")
        today = html.document_fromstring(officer.get("/desk/today").text)
        (card,) = [each for each in today.xpath("//a[b]") if "缺走访" in each.text_content()]
        assert card.xpath("string(b)") == "1"
        listed = html.document_fromstring(officer.get(card.get("href").partition("#")[0]).text)
        (row,) = listed.xpath("//*[@id='missing']//tr[contains(@class, 'red')]")
        assert missing.name in row.text_content()
        report = officer.get("/desk/report.json?month=2026-06").json
    figures = {figure["figure"]: figure["value"] for figure in report["figures"]}
    assert (figures["visits.owed"], figures["visits.missed"]) == (10, 1)


@pytest.fixture
def run(town):
    """A command of the demonstration's office; what it prints."""
    app = town.demo.app
    file = app.config.folder / "command.toml"
    office = app.config.office
    file.write_text(
        f'[office]\nname = "{office.name}"\ndistrict = "{office.district}"\n'
        f'[rules]\nfolders = ["{app.config.rules.folders[0]}"]\n',
        encoding="utf-8",
    )

    def call(*words):
        with clock.fixed(shown_at()):
            done = CliRunner().invoke(main, ["--config", str(file), *words])
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()

    yield call
    file.unlink()


def test_the_paragraph_on_supervision_is_written_by_the_report_and_each_figure_traced(run):
    month = ("--month", "2026-07")
    lines = run("report", "monthly", *month)
    place = next(n for n, line in enumerate(lines) if "双减" in line and "走访" in line)
    paragraph = lines[place]
    template = "".join(sentence.zh for sentence in _SENTENCES["rounds"])
    names = re.findall(r"\{([a-z_.]+)\}", template)
    told = dict(zip(names[1:], re.findall(r"\d+", paragraph.partition("召开")[2]), strict=True))
    assert set(told) >= {
        "problems.found", "orders.issued", "rechecks.done", "visits.made", "meetings.held",
        "premises.settled", "closures.academic",
    }  # fmt: skip
    for figure, count_told in told.items():
        assert len(run("report", "trace", figure, *month)) == int(count_told), figure
    assert {name: told[name] for name in ("meetings.held", "meetings.items", "visits.missed")} == {
        "meetings.held": "1", "meetings.items": "2", "visits.missed": "0",
    }  # fmt: skip
