"""Drives feewatch over a made world through its commands, and reads its answers; judges nothing."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from oracle.world import KINDS, World, write

from feewatch.cli import main


class Engine:
    """One installation in a folder of its own."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.config = folder / "feewatch.toml"
        self.config.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
        self.run("init")

    def run(self, *arguments: str, exit_code: int = 0) -> list[dict[str, Any]]:
        """The JSON lines that a command prints."""
        command = ["--config", str(self.config), "--as", "test", *arguments]
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == exit_code, (command, done.output, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def take_in(self, world: World, folder: Path) -> None:
        write(world, folder)
        for kind in KINDS:
            for path in sorted(folder.glob(f"{kind}*.csv")):
                self.register(kind, path)
        lines = self.run("ingest", str(folder / "statements"), "--json",
                         exit_code=int(any(each.fault for each in world.papers)))  # fmt: skip
        expected = [f"{'quarantined' if each.fault else 'accepted'}" for each in world.papers]
        assert [line["status"] for line in lines] == expected, lines

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
    engine.check(as_of, full=True)
    figures = {identity(each): (each["measured"], each["limit"], each["severity"])
               for each in engine.alerts()}  # fmt: skip
    return {key: Answer(outcome, figures.get(key) if outcome == "breach" else None)
            for key, outcome in engine.findings(as_of).items()}  # fmt: skip
