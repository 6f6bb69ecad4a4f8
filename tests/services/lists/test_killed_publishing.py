"""A process that publishes is killed at any point: never half an edition, ``latest`` verifies."""

import json
import multiprocessing
import os
import signal
import time
from random import Random

import pytest
from sqlalchemy import func, select

from feewatch.bootstrap import open_app
from feewatch.config import Subscriber
from feewatch.kernel.days import parse_day
from feewatch.publication.chain import read_chain
from feewatch.publication.signing import sha256
from feewatch.publication.verification import open_folder, verify_edition
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.keys import find_own_keys
from feewatch.services.lists.verification import verify
from feewatch.store.lists import editions
from feewatch.store.tables import publication

FIRST = parse_day("2026-07-01")
DISTRICTS = ("370702", "370703", "370704")
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def office(request, tmp_path, build_town):
    """Three districts with two institutions each, and a subscriber; on PostgreSQL if asked."""
    url = request.getfixturevalue("postgres_url") if getattr(request, "param", "") else ""
    portal = Subscriber("portal", "http://127.0.0.1/", "secret")
    town = build_town(tmp_path, url=url, subscribers=[portal])
    for number in range(6):
        town.add(number, district=DISTRICTS[number % 3])
    return town


def start(town, day):
    """A process of its own that publishes with the cut-off of a day."""
    town.app.database.dispose()  # no connection may be shared with the child

    def work():
        town.app = open_app(town.app.config)
        town.publish(day)
        os._exit(0)

    process = FORK.Process(target=work)
    process.start()
    return process


def list_wrong(town):
    """What is not as it must be, whatever moment the last process was killed at."""
    wrong, keys = [], find_own_keys(town.app.config)
    for district in DISTRICTS:
        place = town.app.editions / district
        numbers = [path.name for path in place.glob("[0-9]*")]
        for name in [*numbers, *(["latest"] if (place / "latest").is_symlink() else [])]:
            # numbers that `latest` does not name yet are nothing that a reader would remember
            report = verify_edition(open_folder(place / name), keys, None)
            if name == "latest" and report.cut_off is not None:
                # on its own day: many kills on end may leave no edition of the last few
                as_of = report.cut_off
                report = verify(town.app.config, str(place / name), key_file=None, as_of=as_of)
            # a chain that is not appended yet names a folder that is there: the next run does it
            late = [f for f in report.faults if f.file == "../chain.jsonl" and name != "latest"]
            wrong += [(district, name, fault) for fault in report.faults if fault not in late]
    return wrong


def kill_and_publish(town, seed, kills):
    dice, at_work, day = Random(seed), 0, FIRST
    rule_book(town.app)  # known to every child: kills shall fall into publishing
    begun = time.perf_counter()
    process = start(town, day)
    process.join()
    length = time.perf_counter() - begun
    for _ in range(kills):
        day += 1
        process = start(town, day)
        time.sleep(dice.random() * length)
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        at_work += process.exitcode == -signal.SIGKILL
        assert list_wrong(town) == []
    assert at_work > kills // 4
    process = start(town, day + 1)
    process.join()
    assert process.exitcode == 0
    check_whole(town)


def check_whole(town):
    """After a run that nobody killed, disk and record say the same, and nothing is left behind."""
    root, keys = town.app.editions, find_own_keys(town.app.config)
    assert list_wrong(town) == []
    assert list(root.rglob(".*")) == []
    with town.app.database.reading() as tx:
        heads = editions.list_heads(tx)
        owed = tx.scalar(select(func.count()).select_from(publication.outbox))
    assert owed == len(heads)
    by_district = {place: [h for h in heads if h.district == place] for place in DISTRICTS}
    for district, own in by_district.items():
        assert [head.number for head in own] == list(range(1, len(own) + 1))
        for head in own:
            content = (root / district / str(head.number) / "edition.json").read_bytes()
            assert sha256(content) == head.sha256
        assert (root / district / "latest").readlink().name == str(own[-1].number)
        stamp = json.loads((root / district / "timestamp.json").read_bytes())
        assert stamp["number"] == own[-1].number
        chain = read_chain((root / district / "chain.jsonl").read_bytes(), keys)
        assert (list(chain.editions.values()), chain.faults) == ([h.sha256 for h in own], [])
    whole = read_chain((root / "chain.jsonl").read_bytes(), keys)
    assert (len(whole.editions), whole.faults) == (len(heads), [])


def test_kills_at_random_points_leave_no_half_edition(office):
    kill_and_publish(office, seed=1, kills=6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 18))
def test_many_kills_leave_no_half_edition(office, seed):
    kill_and_publish(office, seed, kills=25)


@pytest.mark.long
@pytest.mark.parametrize("office", ["postgres"], indirect=True)
@pytest.mark.parametrize("seed", [30, 31])
def test_many_kills_leave_no_half_edition_on_postgresql(office, seed):
    kill_and_publish(office, seed, kills=25)
