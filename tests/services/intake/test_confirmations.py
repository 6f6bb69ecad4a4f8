"""The bank is asked about what an institution handed in; two officers and the bank prove it."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from random import Random

import docx
import pytest
from bankfiles import ACCOUNT, FIRST
from services.intake.test_provenance import (
    BANK,
    OWN,
    contradicted,
    file,
    hand_in,
    ledger,
    payments,
    people,
    told,
)
from services.ledgers import office
from sqlalchemy import select

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import date_of, format_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.cases import confirmation_papers, paper_register, papers, serving
from feewatch.services.intake import confirmations
from feewatch.services.people.acting import find_person
from feewatch.store.check.proven import only_proven
from feewatch.store.pages.papers import WantedPapers
from feewatch.store.people import users
from feewatch.store.tables.ledger import statement

ANSWER = b"%PDF the bank's answer, sealed"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = people(office(tmp_path))
    with app.database.transaction() as tx:
        for name, role, place in [("gao", "reviewer", "370702"), ("far", "officer", "320100"),
                                  ("look", "viewer", "370702")]:  # fmt: skip
            users.add(tx, name, role, place, None, "-")
    truth = payments((1, 500_00, "学费"), (5, -300_00, "划拨"), (9, 200_00, "学费"))
    for first, last in ((0, 3), (4, 6), (7, 9)):
        hand_in(app, OWN, file(truth, first, last))
    yield app
    app.database.dispose()


def unconfirmed(app: App) -> list[int]:
    return [each.row.id for each in confirmations.read_desk(app, Scope()).unconfirmed]


def answer(app: App, number: str, outcome: str, actor: str = "lin", **rest: object) -> str:
    return confirmations.answer(
        app, number, outcome, actor=actor, on=today(), content=ANSWER, **rest,  # type: ignore[arg-type]
    )  # fmt: skip


class _Refused:
    def __init__(self, code: str) -> None:
        self._code = code

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: object, _trace: object) -> bool:
        assert isinstance(fault, Refusal), fault
        assert fault.code == self._code
        return True


def test_days_that_the_bank_stands_by_are_confirmed_by_a_second_officer(app: App) -> None:
    assert told(app) == [("institution", 0, 9)]
    [number] = confirmations.ask(app, unconfirmed(app)[:], actor="lin", reason="核对")
    assert unconfirmed(app) == []
    assert answer(app, number, "agrees") == "proposed"
    assert told(app) == [("institution", 0, 9)]
    with _Refused("SECOND-OFFICER"):
        confirmations.confirm(app, number, actor="lin")
    assert confirmations.confirm(app, number, actor="gao") == 3
    assert told(app) == [("confirmed", 0, 9)]
    letter = confirmations.get_letter(app, Scope(), number).as_json()
    assert {item["status"] for item in letter["items"]} == {"agrees"}
    assert {item["confirmed_by"] for item in letter["items"]} == {"gao"}
    assert sum(item["in_fen"] for item in letter["items"]) == 700_00
    assert sum(item["out_fen"] for item in letter["items"]) == 300_00


def test_what_the_bank_tells_otherwise_stays_unproven(app: App) -> None:
    [number] = confirmations.ask(app, unconfirmed(app), actor="lin", reason="核对")
    assert answer(app, number, "differs", items=[1], note="余额不符") == "differs"
    assert answer(app, number, "agrees") == "proposed"
    assert confirmations.confirm(app, number, actor="gao") == 2
    words = [word for word, _, _ in told(app)]
    assert sorted(words) in (
        ["confirmed", "institution"],
        ["confirmed", "confirmed", "institution"],
    )
    assert len(unconfirmed(app)) == 1, "it may be asked about again"


def test_a_sample_is_drawn_again_from_its_seed(app: App) -> None:
    population = [each.name for each in confirmations.read_desk(app, Scope()).unconfirmed]
    [number] = confirmations.draw(app, 2, actor="lin", reason="抽样", seed="2026-11")
    drawn = confirmations.get_letter(app, Scope(), number).as_json()["draw"]
    assert drawn["population"] == population
    assert drawn["sample"] == Random("2026-11").sample(population, 2)
    assert len(unconfirmed(app)) == 1


def test_the_letter_is_a_paper_that_names_the_whole_account_and_what_was_told(app: App) -> None:
    [number] = confirmations.ask(app, unconfirmed(app)[:1], actor="lin", reason="核对")
    [made] = confirmation_papers.make_letters(app, [number], actor="lin")
    year = date_of(today()).year
    assert made.number == f"校外培训函证〔{year}〕1号"
    lin = find_person(app, "lin")
    content = confirmation_papers.load_document(app, lin, number)
    assert hashlib.sha256(content).hexdigest() == made.sha256
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert ACCOUNT in cells
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert number in text
    assert made.number in text
    assert "仅部分日期相符的" in text
    with _Refused("ROLE"):
        confirmation_papers.load_document(app, find_person(app, "look"), number)


def test_of_a_confirmation_one_letter_stands_and_another_once_it_is_void(app: App) -> None:
    [number] = confirmations.ask(app, unconfirmed(app)[:1], actor="lin", reason="核对")
    first = confirmation_papers.make_letter(app, number, actor="lin")
    with _Refused("CONFIRMATION-PAPER"):
        confirmation_papers.make_letter(app, number, actor="gao")
    served = serving.serve(app, first.number, serving.Service("post", today()), actor="lin")
    assert served == ""
    row = paper_register.get_paper(app, Scope(), first.number)
    papers.check_again(app, row.paper)
    assert row.services[0]["recipient"] == first.recipient
    papers.void(app, first.number, actor="lin", reason="银行名称有误")
    assert confirmation_papers.find_paper(app, Scope(), number) is None
    second = confirmation_papers.make_letter(app, number, actor="gao")
    assert second.number.endswith("〕2号")
    own = find_person(app, OWN).scope
    assert paper_register.list_papers(app, own, WantedPapers()) == []


@pytest.mark.parametrize("actor", [OWN, "look", "nobody"])
def test_nobody_but_officers_asks_or_answers(app: App, actor: str) -> None:
    code = "USER-UNKNOWN" if actor == "nobody" else "ROLE"
    with _Refused(code):
        confirmations.draw(app, 1, actor=actor, reason="x")
    [number] = confirmations.ask(app, unconfirmed(app)[:1], actor="lin", reason="核对")
    with _Refused(code):
        answer(app, number, "agrees", actor=actor)
    with _Refused(code):
        confirmations.confirm(app, number, actor=actor)


def test_an_officer_of_another_place_sees_and_asks_nothing(app: App) -> None:
    with _Refused("CONFIRMATION-NONE"):
        confirmations.draw(app, 1, actor="far", reason="x")
    with _Refused("CONFIRMATION-STATEMENT"):
        confirmations.ask(app, unconfirmed(app), actor="far", reason="x")
    [number] = confirmations.ask(app, unconfirmed(app), actor="lin", reason="核对")
    with _Refused("CONFIRMATION-UNKNOWN"):
        answer(app, number, "agrees", actor="far")


def test_bad_answers_are_refused(app: App) -> None:
    [number] = confirmations.ask(app, unconfirmed(app), actor="lin", reason="核对")
    for outcome, on, content in (("maybe", today(), ANSWER), ("agrees", today() + 1, ANSWER),
                                 ("agrees", today(), b"")):  # fmt: skip
        with _Refused("CONFIRMATION-ANSWER"):
            confirmations.answer(app, number, outcome, actor="lin", on=on, content=content)
    with _Refused("CONFIRMATION-NOTHING"):
        confirmations.confirm(app, number, actor="gao")
    answer(app, number, "differs")
    with _Refused("CONFIRMATION-ANSWERED"):
        answer(app, number, "agrees")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[App]:
    """One statement of ten days that the institution alone tells."""
    app = people(office(tmp_path))
    with app.database.transaction() as tx:
        users.add(tx, "gao", "reviewer", "370702", None, "-")
    truth = payments((1, 500_00, "学费"), (5, -300_00, "划拨"), (9, 200_00, "学费"))
    hand_in(app, OWN, file(truth, 0, 9))
    yield app
    app.database.dispose()


def days_left(app: App) -> list[list[tuple[int, int]]]:
    desk = confirmations.read_desk(app, Scope())
    return [[(a - FIRST, b - FIRST) for a, b in each.left] for each in desk.unconfirmed]


def stand_by(app: App, number: str, first: int, last: int) -> int:
    answer(app, number, "agrees", days=(FIRST + first, FIRST + last))
    return confirmations.confirm(app, number, actor="gao")


def test_the_bank_may_stand_by_some_days_alone(one: App) -> None:
    [number] = confirmations.ask(one, unconfirmed(one), actor="lin", reason="核对")
    assert days_left(one) == []
    assert stand_by(one, number, 3, 6) == 1
    assert told(one) == [("institution", 0, 2), ("confirmed", 3, 6), ("institution", 7, 9)]
    assert days_left(one) == [[(0, 2), (7, 9)]]
    [item] = confirmations.get_letter(one, Scope(), number).as_json()["items"]
    assert item["answered_days"] == [format_day(FIRST + 3), format_day(FIRST + 6)]
    # the rest may be asked again, and then the whole is proven
    [number] = confirmations.ask(one, unconfirmed(one), actor="lin", reason="再核对")
    assert len(confirmations.get_letter(one, Scope(), number).rows) == 2
    answer(one, number, "agrees")
    assert confirmations.confirm(one, number, actor="gao") == 2
    assert told(one) == [("confirmed", 0, 9)]
    assert days_left(one) == []
    with one.database.reading() as tx:
        assert tx.scalars(select(statement.c.confirmed_on)).all() == [today()]


def test_a_letter_may_ask_about_some_days_with_their_own_figures(one: App) -> None:
    [number] = confirmations.ask(
        one, (), actor="lin", reason="核对", account_no=ACCOUNT, days=(FIRST + 2, FIRST + 5)
    )
    [item] = confirmations.get_letter(one, Scope(), number).as_json()["items"]
    assert item["period"] == [format_day(FIRST + 2), format_day(FIRST + 5)]
    figures = ("opening_fen", "closing_fen", "entries", "in_fen", "out_fen")
    assert [item[name] for name in figures] == [500_00, 200_00, 1, 0, 300_00]
    assert days_left(one) == [[(0, 1), (6, 9)]]
    with _Refused("CONFIRMATION-DAYS"):
        answer(one, number, "agrees", days=(FIRST + 6, FIRST + 9))
    assert stand_by(one, number, 2, 2) == 1
    assert told(one) == [("institution", 0, 1), ("confirmed", 2, 2), ("institution", 3, 9)]
    for days in ((FIRST + 2, FIRST + 2), (FIRST + 20, FIRST + 30)):
        with _Refused("CONFIRMATION-STATEMENT"):
            confirmations.ask(one, unconfirmed(one), actor="lin", reason="核对", days=days)


def proven(app: App) -> dict[str, list[tuple[object, ...]]]:
    """What a judgement sees that leaves out what the institution alone tells."""
    queries = {
        "entries": "SELECT booked_on, amount_fen, merged_into IS NULL FROM entry "
        "WHERE merged_into IS NULL",
        "days": "SELECT day, closing_fen, entries FROM account_day",
        "covered": "SELECT from_day, to_day FROM account_coverage",
        "gaps": "SELECT on_day, missing_days, difference_fen, contradicted_fen FROM statement_link "
        "WHERE missing_days <> 0 OR difference_fen <> 0 OR contradicted_fen <> 0",
    }
    with app.database.transaction() as tx, only_proven(tx, [1]):
        return {
            name: sorted(tuple(row) for row in tx.exec_driver_sql(query))
            for name, query in queries.items()
        }


def derived(app: App) -> dict[str, object]:
    return {"told": told(app), "ledger": ledger(app), "contradicted": contradicted(app)} | proven(
        app
    )


@pytest.mark.parametrize("seed", range(12))
def test_days_confirmed_are_like_a_statement_of_these_days_that_is_confirmed(
    tmp_path: Path, seed: int
) -> None:
    dice = Random(seed)
    days = sorted(dice.choices(range(10), k=9))
    truth = payments(*((day, dice.choice((100_00, 200_00, -50_00)), "学费") for day in days))
    first = dice.randint(0, 9)
    last = dice.randint(first, 9)
    bank = sorted(dice.sample(range(10), 2)) if seed % 3 else None
    lie = payments(*((day, 100_00, "学费") for day in sorted(dice.choices(range(10), k=4))))
    told_first = lie if seed % 4 == 3 else truth
    worlds = []
    for name, pieces in (
        ("one", [(0, 9)]),
        ("cut", [(0, first - 1), (first, last), (last + 1, 9)]),
    ):
        app = people(office(tmp_path / name))
        with app.database.transaction() as tx:
            users.add(tx, "gao", "reviewer", "370702", None, "-")
        if bank and seed % 2:
            hand_in(app, BANK, file(truth, *bank))
        for start, end in pieces:
            if start <= end:
                hand_in(app, OWN, file(told_first, start, end))
        if bank and not seed % 2:
            hand_in(app, BANK, file(truth, *bank))
        [number] = confirmations.ask(
            app, (), actor="lin", reason="核对", account_no=ACCOUNT,
            days=(FIRST + first, FIRST + last),
        )  # fmt: skip
        stand_by(app, number, first, last)
        world = derived(app)
        if told_first is lie:  # of its first and last day a file may tell a part, so cuts differ
            world.pop("contradicted")
        worlds.append(world)
        app.database.dispose()
    assert worlds[0] == worlds[1], (first, last, bank, days)
