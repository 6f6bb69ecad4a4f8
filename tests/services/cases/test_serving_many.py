"""One act for many: a transaction a case, resumable, killed without harm, numbers never twice."""

import multiprocessing
import os
import signal
import threading

import pytest
from sqlalchemy import func, insert, select

from feewatch.bootstrap import open_app
from feewatch.casework.endings import Ending
from feewatch.config import Config, DatabaseConfig
from feewatch.engine.findings import Breach, Identity
from feewatch.kernel import clock
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.text import Text
from feewatch.services.cases import papers, serving_many, steps
from feewatch.services.cases.papers import Order
from feewatch.services.cases.serving_many import ManyOrder
from feewatch.store.cases import alerts, matters
from feewatch.store.cases import serving as acts
from feewatch.store.people import users
from feewatch.store.tables.casework import case_event, case_file, matter
from feewatch.store.tables.papers import paper, paper_service, serving_item
from feewatch.store.tables.registers import institution
from tests.services.cases.conftest import MORNING

WORD = Text("字", "word")
INSTITUTIONS = 12


def breach(n, subject="HT-1", authority="law"):
    return Breach(
        identity=Identity("FEE", f"U{n}", "contract", subject, 20_000), institution_id=n,
        institution_name=f"机构{n}", district="370702", rule_version="1", authority=authority,
        title=WORD, measured=2, limit=1, unit="fen", severity="yellow", calculation=WORD,
        basis=(), evidence=(), cure=WORD, cause=subject, spell_days=None, amount_fen=100,
        historic=False, is_state=False,
    )  # fmt: skip


@pytest.fixture
def town(any_app):
    """Twelve institutions with two matters each, the last ones of presets alone."""
    with any_app.database.transaction() as tx:
        rows = [{"uscc": f"U{n}"} for n in range(1, INSTITUTIONS + 1)]
        tx.execute(insert(institution), rows)
        users.add(tx, "li", "officer", "370702", None, "x")
        users.add(tx, "far", "officer", "370300", None, "x")
        users.add(tx, "viewer", "viewer", "370702", None, "x")
        breaches = [
            breach(n, subject, "preset" if n > 10 else "law")
            for n in range(1, INSTITUTIONS + 1)
            for subject in ("HT-1", "HT-2")
        ]
        alerts.reconcile(
            tx, as_of=20_000, breaches=breaches, present={}, scope=None, rules=["FEE"],
            explain=lambda *_: Ending(WORD),
        )  # fmt: skip
    with clock.fixed(MORNING):
        yield any_app


def keys(app):
    with app.database.reading() as tx:
        return {row["id"] for row in matters.list_matters(tx, status="open")}


def rows(app, query):
    with app.database.reading() as tx:
        return tx.execute(query).all()


def check_whole(app):
    """Each institution has one case that was told by one served paper, numbers without gaps."""
    assert rows(app, select(case_file.c.state, func.count()).group_by(case_file.c.state)) == [
        ("notified", INSTITUTIONS)
    ]
    numbers = rows(
        app, select(paper.c.kind, paper.c.ordinal).order_by(paper.c.kind, paper.c.ordinal)
    )
    assert [tuple(row) for row in numbers] == [
        *(("hint_letter", n) for n in range(1, 3)),
        *(("rectification_order", n) for n in range(1, 11)),
    ]
    assert rows(app, select(func.count()).select_from(paper_service)) == [(INSTITUTIONS,)]
    told = select(func.count()).where(case_event.c.step == "notify")
    assert rows(app, told) == [(INSTITUTIONS,)]


def test_matters_of_many_institutions_are_told_in_one_act(town):
    key = serving_many.begin(town, ManyOrder("批量核实"), actor="li", matters=keys(town))
    items = list(serving_many.work(town, key))
    assert [item.status for item in items] == ["done"] * INSTITUTIONS
    check_whole(town)
    with town.database.reading() as tx:
        person = users.find_by_name(tx, "li")
    run = serving_many.get_run(town, person, key)
    assert (run.waiting, run.counts, run.run["ended_at"] is not None) == (
        0, {"done": INSTITUTIONS}, True,
    )  # fmt: skip
    assert list(serving_many.work(town, key)) == []


def test_what_was_left_is_gone_on_with_and_nothing_is_done_twice(town):
    key = serving_many.begin(town, ManyOrder("批量核实"), actor="li", matters=keys(town))
    begun = serving_many.work(town, key)
    for _ in range(5):
        next(begun)
    begun.close()
    assert serving_many.work_on_all(town) == INSTITUTIONS - 5
    assert serving_many.work_on_all(town) == 0
    check_whole(town)


def test_a_refused_part_leaves_nothing_and_holds_no_other_up(town):
    chosen = keys(town)
    key = serving_many.begin(town, ManyOrder("批量核实"), actor="li", matters=chosen)
    with town.database.transaction() as tx:
        first = tx.scalar(select(serving_item.c.matters).order_by(serving_item.c.id))
    steps.open_case(town, first, actor="li", reason="另案")
    items = list(serving_many.work(town, key))
    assert [item.status for item in items] == ["refused"] + ["done"] * (INSTITUTIONS - 1)
    assert items[0].refusal.code == "MATTER-TAKEN"
    assert rows(town, select(func.count()).where(case_file.c.state == "open")) == [(1,)]


def test_cases_are_taken_as_they_stand_and_what_was_told_is_not_told_again(town):
    by_institution = {}
    for row in rows(town, select(matter.c.institution_id, matter.c.id)):
        by_institution.setdefault(row.institution_id, []).append(row.id)
    numbers = [
        steps.open_case(town, by_institution[n], actor="li", reason="立案", then="triage")
        for n in (1, 2, 3)
    ]
    made = papers.make(town, numbers[1], Order("rectification_order", "先做"), actor="li")
    steps.step(town, numbers[2], "notify", actor="li", reason="先告知")
    key = serving_many.begin(
        town, ManyOrder("批量核实"), actor="li", matters=by_institution[1], case_numbers=numbers
    )
    items = {item.case: item for item in serving_many.work(town, key)}
    assert {number: items[number].status for number in numbers} == dict.fromkeys(numbers, "done")
    assert items[numbers[1]].paper == made.number
    again = serving_many.begin(town, ManyOrder("再来"), actor="li", case_numbers=numbers)
    codes = {item.refusal.code for item in serving_many.work(town, again)}
    assert codes == {"PAPER-SERVED"}


@pytest.mark.parametrize(
    ("order", "actor", "matter_ids", "refusal", "code"),
    [
        (ManyOrder(" "), "li", {1}, InvalidInputError, "REASON-REQUIRED"),
        (ManyOrder("x"), "li", set(), InvalidInputError, "SERVING-COUNT"),
        (ManyOrder("x", "pigeon"), "li", {1}, InvalidInputError, "PAPER-WAY"),
        (ManyOrder("x", "post", 100), "li", {1}, InvalidInputError, "DEADLINE-PAST"),
        (ManyOrder("x"), "viewer", {1}, ForbiddenError, "ROLE"),
        (ManyOrder("x"), "far", {1}, NotFoundError, "MATTER-UNKNOWN"),
        (ManyOrder("x"), "li", {9999}, NotFoundError, "MATTER-UNKNOWN"),
    ],
)
def test_an_act_that_cannot_begin_is_refused(town, order, actor, matter_ids, refusal, code):
    with pytest.raises(refusal) as refused:
        serving_many.begin(town, order, actor=actor, matters=matter_ids)
    assert refused.value.code == code
    assert rows(town, select(serving_item)) == []


def test_a_settled_matter_is_refused_at_once(town):
    (first, *_) = sorted(keys(town))
    steps.open_case(town, [first], actor="li", reason="不处理", then="dismiss")
    with town.database.transaction() as tx:
        tx.exec_driver_sql(f"DELETE FROM case_matter WHERE matter_id = {first}")
    with pytest.raises(ConflictError):
        serving_many.begin(town, ManyOrder("x"), actor="li", matters={first})


def test_eight_writers_at_once_get_numbers_without_gaps(town):
    by_institution = {}
    for row in rows(town, select(matter.c.institution_id, matter.c.id)):
        by_institution.setdefault(row.institution_id, []).append(row.id)
    cases = [
        steps.open_case(town, by_institution[n], actor="li", reason="立案") for n in range(1, 9)
    ]
    start, faults = threading.Barrier(8), []

    def write(number):
        with clock.fixed(MORNING):
            start.wait()
            try:
                for _ in range(4):
                    papers.make(town, number, Order("supervision_order", "", "教育科"), actor="li")
            except Exception as fault:  # noqa: BLE001 - told to the test
                faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    given = rows(town, select(paper.c.ordinal).order_by(paper.c.ordinal))
    assert [row.ordinal for row in given] == list(range(1, 33))


def test_two_workers_share_an_act(town):
    key = serving_many.begin(town, ManyOrder("批量核实"), actor="li", matters=keys(town))
    counts = []

    def work():
        with clock.fixed(MORNING):
            counts.append(len(list(serving_many.work(town, key))))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == INSTITUTIONS
    assert serving_many.work_on_all(town) == 0
    check_whole(town)


def _work_until_killed(folder, url, key, told):
    app = open_app(Config(folder, database=DatabaseConfig(url)))
    with clock.fixed(MORNING):
        original, seen = acts.finish_item, 0

        def finish(tx, item, **values):
            nonlocal seen
            seen += 1
            if seen == 4:  # the paper is made, served, told; nothing is committed
                told.send(seen)
                os.kill(os.getpid(), signal.SIGKILL)
            return original(tx, item, **values)

        acts.finish_item = finish
        list(serving_many.work(app, key))


def test_a_kill_in_the_middle_leaves_nothing_half(town):
    key = serving_many.begin(town, ManyOrder("批量核实"), actor="li", matters=keys(town))
    spawn = multiprocessing.get_context("spawn")
    reader, writer = spawn.Pipe()
    url = town.config.database.url
    worker = spawn.Process(
        target=_work_until_killed, args=(town.config.folder, url, key, writer)
    )  # fmt: skip
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    assert reader.poll()
    assert rows(town, select(func.count()).select_from(paper)) == [(3,)]
    assert rows(town, select(func.count()).select_from(case_file)) == [(3,)]
    assert serving_many.work_on_all(town) == INSTITUTIONS - 3
    check_whole(town)
