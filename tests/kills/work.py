"""What each process of the office does until it is killed, and its journal of what was answered.

A line is written once the office has said yes: from then on a kill may take nothing of it back.
"""

import json
import os
import socket
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import requests
from kills.office import files_to_come, schools

from feewatch import scheduler
from feewatch.bootstrap import App, open_app
from feewatch.casework.cases import STEPS
from feewatch.config import load_config
from feewatch.kernel.clock import today
from feewatch.kernel.days import date_of, parse_day
from feewatch.kernel.errors import Refusal
from feewatch.services.backup.taking import back_up
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.steps import open_case, step
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.corrections import deciding
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists import decisions
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.publication import publish
from feewatch.services.people.acting import find_person
from feewatch.store.cases import matters
from feewatch.store.database import is_of_machine
from feewatch.store.tables.casework import case_file
from feewatch.store.tables.proposals import proposal
from feewatch.web.server import Server
from feewatch.web.site import create_app

#: What an attempt comes to that was not let happen.
REFUSED = object()
FIRST_CUT_OFF = parse_day("2026-08-01")


class Journal:
    """One file of lines that all processes append to; a kill leaves whole lines."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.jsonl"

    def note(self, kind: str, **facts: object) -> None:
        """Write one line by one call."""
        line = json.dumps({"kind": kind, **facts}, ensure_ascii=False) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def read(self) -> list[dict]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


class Place:
    """Where the office is, for a process that opens it anew."""

    def __init__(self, folder: Path, door: socket.socket, word: str) -> None:
        self.folder, self.door, self.word = folder, door, word
        self.journal = Journal(folder)

    def open(self) -> App:
        return open_app(load_config(self.folder / "feewatch.toml"))


def serve(place: Place, dice: Random) -> None:
    del dice
    app = place.open()
    Server(create_app(app), app.config.web, [place.door]).run()


def schedule(place: Place, dice: Random) -> None:
    del dice
    scheduler.run(place.open())


def upload(place: Place, dice: Random) -> None:
    """A bank's program: the next file until it is answered, with the same key each time."""
    known = [line["name"] for line in place.journal.read() if line["kind"] == "upload"]
    address = f"http://127.0.0.1:{place.door.getsockname()[1]}/api/v1/statements"
    head = {"Authorization": f"Bearer {place.word}"}
    for name, content in files_to_come():
        if (name in known[-200:] and dice.random() < 0.95) or name in known[:-200]:
            continue
        while True:
            try:
                answer = requests.post(
                    address, params={"name": name}, data=content, timeout=30,
                    headers=head | {"Idempotency-Key": name},
                )  # fmt: skip
            except requests.RequestException:  # the server was killed: another one comes
                time.sleep(0.05)
                continue
            if answer.ok:
                said = answer.json()
                place.journal.note("upload", name=name, sha=said["sha256"], fate=said["status"])
                break
            if answer.status_code not in (503, 429):
                place.journal.note("fault", what=f"upload {answer.status_code} {answer.text}")
            time.sleep(0.1)


def check(place: Place, dice: Random) -> None:
    app = place.open()
    while True:
        report = attempt(place, check_and_keep, app, today(), full=dice.random() < 0.2)
        if report is not REFUSED:
            place.journal.note("check", as_of=report.as_of)


def publish_lists(place: Place, dice: Random) -> None:
    """An edition of every district, with the next day as its cut-off."""
    app = place.open()
    cut_off = max(
        (line["cut_off"] for line in place.journal.read() if line["kind"] == "publish"),
        default=FIRST_CUT_OFF,
    )
    while True:
        day = min(today(), cut_off + dice.randrange(2))
        published = attempt(place, publish, app, day, actor="publisher")
        if published is not REFUSED:
            cut_off = day
            made = [(e.district, e.document["number"], e.sha256) for e in published if e.document]
            place.journal.note("publish", cut_off=day, editions=made)
        time.sleep(0.2)


def work_on_cases(place: Place, dice: Random) -> None:
    """An officer and a reviewer: open a case, or take the next step of one."""
    app = place.open()
    while True:
        with app.database.reading() as tx:
            open_ones = matters.list_matters(tx, status="open", historic=False)
            running = [(row.number, row.state) for row in tx.execute(case_file.select())]
        if open_ones and (not running or dice.random() < 0.3):
            key = dice.choice(open_ones)["id"]
            number = attempt(
                place, open_case, app, [key], actor="officer", reason="核实", then="triage"
            )
            if number is not REFUSED:
                place.journal.note("case", number=number, step="triage", matter=key)
        elif running:
            number, state = dice.choice(running)
            names = [name for name, each in STEPS.items() if state in each.from_states]
            if names:
                take(place, app, number, dice.choice(sorted(names)))


def take(place: Place, app: App, number: str, name: str) -> None:
    actor = "reviewer" if name == "close" else "officer"
    given = StepGiven(recheck_on=today() + 1, against_data="核实") if name == "close" else None
    done = attempt(place, step, app, number, name, actor=actor, reason="办理", given=given)
    if done is not REFUSED:
        place.journal.note("case", number=number, step=name)


def correct(place: Place, dice: Random) -> None:
    """An institution wants a row changed that a breach rests on; an officer says yes or no."""
    app = place.open()
    made = schools()
    while True:
        school = dice.choice(made)
        row = dict(dice.choice(school.contracts[1::2]), lessons=str(dice.randrange(50, 61)))
        content = "\n".join([",".join(row), ",".join(row.values())]).encode()
        person = find_person(app, f"school{school.number}")
        report = attempt(
            place,
            hand_in,
            app,
            person,
            "contracts",
            "更正.csv",
            content,
            reason=f"笔误{dice.random()}",
        )
        if report is not REFUSED and report.proposed:
            place.journal.note("proposal", contract=row["contract_no"], lessons=row["lessons"])
        with app.database.reading() as tx:
            waiting = list(tx.scalars(proposal.select().with_only_columns(proposal.c.id).where(
                proposal.c.state == "open"
            )))  # fmt: skip
        if waiting and dice.random() < 0.7:
            key, word = dice.choice(waiting), dice.choice(["accept", "refuse"])
            given = {"actor": "second", "reason": "核对"}
            if attempt(place, deciding.decide, app, [key], word, **given) is not REFUSED:
                place.journal.note("decided", key=key, state=f"{word.removesuffix('e')}ed")


def decide(place: Place, dice: Random) -> None:
    """Three persons put a name on the black list."""
    app = place.open()
    made = schools()
    while True:
        number = f"示教罚字〔2026〕第{dice.randrange(10**9)}号"
        school = dice.choice(made)
        form = {
            "list": "black", "uscc": school.uscc, "document": number,
            "date": date_of(parse_day("2026-06-20")), "authority": "示例市教育局",
            "notice_served_on": date_of(parse_day("2026-05-20")), "defence": "none",
            "hearing": "none", "sanctions": ["confiscation"], "reasons": ["not_rectified"],
            "basis": {"document": "校外培训行政处罚暂行办法", "level": "rule", "clause": "第一条"},
        }  # fmt: skip
        papers = DecisionPapers(
            read_voucher("决定书.pdf", f"%PDF-1.7 {number}".encode()),
            read_voucher("回证.pdf", f"%PDF-1.7 notice {number}".encode()),
        )
        acts = {
            "proposed": partial(decisions.propose, app, form, papers, actor="officer"),
            "reviewed": partial(decisions.review, app, number, actor="reviewer", reason="合法"),
            "in_force": partial(decisions.approve, app, number, actor="publisher", reason="同意"),
        }
        for status, act in acts.items():
            if attempt(place, act) is REFUSED:
                break
            place.journal.note("decision", number=number, status=status)
        time.sleep(0.5)


def copy_all(place: Place, dice: Random) -> None:
    app = place.open()
    (place.folder / "copies").mkdir(exist_ok=True)
    while True:
        target = place.folder / "copies" / f"{dice.randrange(10**9)}.zip"
        done = attempt(place, back_up, app, target, actor="gu")
        if done is not REFUSED:
            place.journal.note("backup", path=str(done.path), sha=done.sha256)
        time.sleep(1)


def attempt(place: Place, act: Callable, *given: object, **named: object) -> Any:
    """What an act gave; REFUSED where it was refused, or the machine was in the way."""
    try:
        return act(*given, **named)
    except Refusal as refusal:
        place.journal.note("refused", code=refusal.code)
    except Exception as fault:
        if not is_of_machine(fault):
            raise
        place.journal.note("machine", what=type(fault).__name__)
    time.sleep(0.05)
    return REFUSED


WORK: dict[str, Callable[[Place, Random], None]] = {
    "serve": serve, "upload": upload, "schedule": schedule, "check": check,
    "publish": publish_lists, "cases": work_on_cases, "correct": correct, "decide": decide,
    "copy": copy_all,
}  # fmt: skip


def run(name: str, place: Place, seed: int) -> None:
    """The life of a process; it never comes back."""
    code = 1
    try:
        WORK[name](place, Random(seed))
        code = 0
    except BaseException:  # noqa: BLE001 - the outermost edge of a process
        place.journal.note("fault", what=f"{name}: {traceback.format_exc()}")
    finally:
        os._exit(code)
