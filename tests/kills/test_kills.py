"""All that an office does at once, and SIGKILL hits one of it at any moment; nothing is lost.

A few kills a database by default; ``pytest tests/kills -m long`` kills five hundred times on each.
"""

import itertools
import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from random import Random

import pytest
from kills import invariants, work
from kills.office import files_to_come, set_up
from kills.work import WORK, Place

from feewatch.kernel.clock import today
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.lists.publication import publish

FORK = multiprocessing.get_context("fork")
#: A server and a program that hands in are always there; so many others are at work beside them.
ALWAYS, OTHERS = ("serve", "upload"), 3
#: After so many kills everything is killed at once and looked at in full.
ROUND = 25
#: Seconds between two kills at most, one of these each time: soon after a beginning, and later.
MOST_SECONDS = (0.1, 0.5, 2.0, 4.0)
#: The inbox gets every file of this one in so many; the program hands in the first ones.
BEHIND = 2_000


class Killing:
    """An office at work under a killer."""

    def __init__(self, place: Place, dice: Random) -> None:
        self.place, self.dice = place, dice
        self.alive: dict[str, multiprocessing.Process] = {}
        self.killed: Counter[str] = Counter()
        self.dropped: dict[str, bytes] = {}
        self._files = itertools.islice(files_to_come(), BEHIND, None)

    def staff(self) -> None:
        """Let everybody be at work who should be."""
        idle = sorted(set(WORK) - set(ALWAYS) - set(self.alive))
        wanted = [name for name in ALWAYS if name not in self.alive]
        missing = len(ALWAYS) + OTHERS - len(self.alive) - len(wanted)
        for name in [*wanted, *self.dice.sample(idle, max(0, missing))]:
            seed = self.dice.randrange(10**9)
            process = FORK.Process(target=work.run, args=(name, self.place, seed))
            process.start()
            self.alive[name] = process

    def drop(self) -> None:
        """A bank drops a file into the inbox, half of it first."""
        name, content = next(self._files)
        path = self.place.folder / "inbox" / name
        part = path.with_name(f"{name}.part")
        part.write_bytes(content)
        part.rename(path)
        self.dropped[name] = content

    def kill(self, name: str) -> None:
        process = self.alive.pop(name)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL, (name, process.exitcode)
        self.killed[name] += 1
        self.place.journal.note("kill", name=name)

    def look(self) -> None:
        """All that must be true at any moment."""
        told = self.place.journal.read()
        app = self.place.open()
        wrong = invariants.list_wrong(app, told)
        app.database.dispose()
        assert wrong == []

    def rest(self) -> None:
        """Kill everybody, let one run of each job bring up what was under way, and look at all."""
        for name in list(self.alive):
            self.kill(name)
        app = self.place.open()
        told = self.place.journal.read()
        assert invariants.list_wrong(app, told) == []
        publish(app, latest_cut_off(told), actor="publisher")
        wrong = invariants.list_wrong_at_rest(app, told)
        app.database.dispose()
        assert wrong == []


def latest_cut_off(told: list[dict]) -> int:
    cut_offs = [line["cut_off"] for line in told if line["kind"] == "publish"]
    return max(cut_offs, default=work.FIRST_CUT_OFF) + 1


def kill_often(folder, url: str, kills: int, seed: int, capsys) -> None:
    app, word = set_up(folder, url)
    app.database.dispose()  # no connection may be shared with a child
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        killing = Killing(Place(folder, door, word), Random(seed))
        try:
            while killing.killed.total() < kills:
                killing.staff()
                killing.drop()
                time.sleep(killing.dice.choice(MOST_SECONDS) * killing.dice.random())
                killing.kill(killing.dice.choice(sorted(killing.alive)))
                killing.look()
                if killing.killed.total() % ROUND < 1 or killing.killed.total() >= kills:
                    killing.rest()
        finally:
            for process in killing.alive.values():
                process.kill()
                process.join()
    end(killing)
    told = Counter(line["kind"] for line in killing.place.journal.read())
    with capsys.disabled():
        print(f"\n{killing.killed.total()} kills {dict(killing.killed)}; answered {dict(told)}")
    assert not {"upload", "check", "publish", "case"} - set(told) or kills < 100


def end(killing: Killing) -> None:
    """Calm work brings everything to its end, and a second check finds nothing more."""
    app = killing.place.open()
    told = killing.place.journal.read()
    check_and_keep(app, today(), full=True)
    again = check_and_keep(app, today(), full=True)
    wrong = invariants.list_wrong_at_rest(app, told)
    app.database.dispose()
    assert (again.opened, again.withdrawn, again.recovered) == (0, 0, 0)
    assert wrong == []
    assert list(invariants.of_inbox(killing.place.folder, killing.dropped)) == []


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    if request.param == "sqlite":
        return ""
    pattern = request.getfixturevalue("postgres_pattern")
    return request.getfixturevalue("new_database")(pattern)


def test_kills_of_all_that_is_at_work_lose_and_double_nothing(tmp_path, url, capsys):
    kill_often(tmp_path / "office", url, 6, 1, capsys)


@pytest.mark.long
def test_five_hundred_kills_lose_and_double_nothing(tmp_path, url, capsys):
    kill_often(tmp_path / "office", url, 500, 2, capsys)
