"""Drives feewatch over a made world through its commands, and reads its answers; judges nothing."""

import datetime as dt
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from oracle.world import KINDS, Case, World, write

from feewatch.cli import main
from feewatch.kernel import clock

#: The steps that bring a new case to a state; those that set a deadline are marked with one.
STEPS = {
    "triaged": ("triage",),
    "notified": ("triage", "notify*"),
    "rectifying": ("triage", "notify*", "start"),
    "submitted": ("triage", "notify*", "submit"),
    "returned": ("triage", "notify*", "submit", "return*"),
    "accepted": ("triage", "notify*", "submit", "accept"),
    "closed": ("triage", "notify*", "submit", "close"),
    "rechecked": ("triage", "notify*", "submit", "close", "recheck"),
    "reopened": ("triage", "notify*", "submit", "close", "recheck", "reopen*"),
}

#: Words that a step asks for: the breach stands, and all is done on one morning.
WORDS = {"close": ("--against-data", "另案处理"), "recheck": ("--early", "提前")}


class Engine:
    """One installation in a folder of its own."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.config = folder / "feewatch.toml"
        self.rules = folder / "rules"
        settings = f'[database]\nurl = "{url}"\n[rules]\nfolders = ["{self.rules.name}"]\n'
        self.config.write_text(settings, encoding="utf-8")
        (self.rules / "parameters").mkdir(parents=True)
        self.run("init")

    def run(self, *arguments: str, exit_code: int = 0, user: str = "") -> list[dict[str, Any]]:
        """The JSON lines that a command prints."""
        acting = ["--as", user] if user else []
        command = ["--config", str(self.config), *acting, *arguments]
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == exit_code, (command, done.output, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def take_in(self, world: World, folder: Path) -> None:
        write(world, folder)
        calendar = self.rules / "parameters" / "school_calendar.toml"
        calendar.write_text(school_calendar(world), encoding="utf-8")
        windows = self.rules / "parameters" / "enrolment.toml"
        windows.write_text(enrolment_windows(world), encoding="utf-8")
        for kind in KINDS:
            for path in sorted(folder.glob(f"{kind}*.csv")):
                self.register(kind, path)
        papers = [paper for paper in world.papers if paper.word == "office"]
        lines = self.run("ingest", str(folder / "statements"), "--json",
                         exit_code=int(any(each.fault for each in papers)))  # fmt: skip
        expected = [f"{'quarantined' if each.fault else 'accepted'}" for each in papers]
        assert [line["status"] for line in lines] == expected, lines
        for own in sorted(folder.glob("own/*")):
            self.run("user", "add", own.name, "--role", "institution", "--institution", own.name)
            lines = self.run("ingest", str(own), "--json", user=own.name)
            assert {line["status"] for line in lines} == {"accepted"}, lines
        self.cases(world)

    def cases(self, world: World) -> None:
        """Check, and open the cases that a world asks for over the first matters there are."""
        self.check(world.as_of, full=True)
        for officer in ("li", "wang"):
            self.run("user", "add", officer, "--role", "officer", "--district", "000000")
        for each in world.cases:
            alerts = self.run("alerts", "--status", "open", "--institution", each.uscc, "--json")
            present = [alert["id"] for alert in alerts if not alert["historic"]]
            if present:
                (alert,) = self.run("explain", present[0], "--json")
                self.take_steps(each, alert["matter"])
            else:
                each.deadline = None

    def take_steps(self, case: Case, matter: str) -> None:
        """All on one morning before the deadlines, of which the last is the case's, but for the
        re-check, which is the next; one closes."""
        steps, morning = STEPS[case.state], dt.time(9, tzinfo=clock.SHANGHAI)
        last = max((at for at, step in enumerate(steps) if step.endswith("*")), default=None)
        for at, step in enumerate(steps):
            name = step.rstrip("*")
            options = ["--reason", "督办", "--json", *WORDS.get(name, ())]
            if step.endswith("*"):
                deadline = case.deadline - dt.timedelta(0 if at == last else 3)
                options += ["--deadline", str(deadline)]
            day = case.deadline - dt.timedelta(9 if name in ("recheck", "reopen") else 10)
            with clock.fixed(dt.datetime.combine(day, morning)):
                (line,) = self.run("case", case.number if at else matter, name, *options,
                                   user="wang" if name == "close" else "li")  # fmt: skip
            case.number = line["case"]

    def register(self, kind: str, path: Path) -> None:
        covers = path.stem.partition("@")[2]
        (line,) = self.run("import", kind, str(path), *(["--covers", covers] if covers else []),
                           "--json")  # fmt: skip
        assert line["bad"] == 0, line

    def check(self, as_of: date, *, full: bool) -> dict[str, Any]:
        (line,) = self.run("check", "--as-of", str(as_of), *(["--full"] if full else []), "--json")
        return line

    def findings(self, as_of: date) -> dict[tuple[str, ...], str]:
        lines = self.run("findings", "--as-of", str(as_of), "--json")
        found = {identity(each): each["outcome"] for each in lines}
        assert len(found) == len(lines), "a subject judged twice"
        return found

    def alerts(self) -> list[dict[str, Any]]:
        return self.run("alerts", "--json")


def identity(line: dict[str, Any]) -> tuple[str, ...]:
    return line["rule"], line["uscc"], line["subject"]["kind"], line["subject"]["id"], line["on"]


@dataclass(frozen=True)
class Answer:
    """The engine's word on one subject, in the oracle's terms."""

    outcome: str
    figures: tuple[Any, Any, str] | None  # measured, limit, severity of a breach


def answers(engine: Engine, as_of: date) -> dict[tuple[str, ...], Answer]:
    engine.check(as_of, full=False)  # all were checked before the cases were opened
    figures = {identity(each): (each["measured"], each["limit"], each["severity"])
               for each in engine.alerts()}  # fmt: skip
    return {key: Answer(outcome, figures.get(key) if outcome == "breach" else None)
            for key, outcome in engine.findings(as_of).items()}  # fmt: skip


def enrolment_windows(world: World) -> str:
    """The office's file of parameters with the weeks in which pupils enrol."""
    lines = ["[is_enrolment_window]", 'title = { zh = "招生窗口", en = "Enrolment window" }',
             'unit = "flag"']  # fmt: skip
    for place, first, last in world.enrolment:
        lines += ["[[is_enrolment_window.values]]", f'jurisdiction = "{place}"',
                  f"from = {first}", f"to = {last}", "value = true", "preset = true",
                  "checked = 2026-06-30"]  # fmt: skip
    return "\n".join([*lines, "values = []" if not world.enrolment else "", ""])


def school_calendar(world: World) -> str:
    """The office's file of parameters with the vacations and terms of the world."""
    lines = ["[is_school_vacation]", 'title = { zh = "寒暑假", en = "School vacation" }',
             'unit = "flag"']  # fmt: skip
    for each in world.school_days:
        lines += ["[[is_school_vacation.values]]", f'jurisdiction = "{each.place}"',
                  f"from = {each.first}", f"to = {each.last}",
                  f"value = {str(each.vacation).lower()}", "preset = true",
                  "checked = 2026-06-30"]  # fmt: skip
    return "\n".join([*lines, "values = []" if not world.school_days else "", ""])
