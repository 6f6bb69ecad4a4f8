"""The bank is asked about what an institution handed in; two officers and the bank prove it."""

import io
from collections.abc import Iterator
from pathlib import Path
from random import Random

import docx
import pytest
from bankfiles import ACCOUNT
from services.intake.test_provenance import OWN, file, hand_in, payments, people, told
from services.ledgers import office

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.services.intake import confirmations
from feewatch.store.people import users

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
    return [row.id for row in confirmations.read_desk(app, Scope()).unconfirmed]


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
    population = [
        confirmations.name_of(row) for row in confirmations.read_desk(app, Scope()).unconfirmed
    ]
    [number] = confirmations.draw(app, 2, actor="lin", reason="抽样", seed="2026-11")
    drawn = confirmations.get_letter(app, Scope(), number).as_json()["draw"]
    assert drawn["population"] == population
    assert drawn["sample"] == Random("2026-11").sample(population, 2)
    assert len(unconfirmed(app)) == 1


def test_the_letter_names_the_whole_account_and_what_was_told(app: App) -> None:
    [number] = confirmations.ask(app, unconfirmed(app)[:1], actor="lin", reason="核对")
    document = docx.Document(io.BytesIO(confirmations.write_letter(app, Scope(), number)))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert ACCOUNT in cells
    assert any(number in paragraph.text for paragraph in document.paragraphs)


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
