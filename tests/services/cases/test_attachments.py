"""Files of a case: who may see which, and what happens to one that was changed on the disk."""

import pytest

from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from feewatch.kernel.people import Scope
from feewatch.services.cases import steps
from feewatch.services.cases.attachments import MOST_OF_CASE, attach, get_attachment
from feewatch.services.cases.desk import get_case, get_own_case
from feewatch.services.cases.notes import add_note
from feewatch.services.intake.attachments import MOST_AT_ONCE, read_attachments
from feewatch.services.intake.rawfiles import path_of
from feewatch.store.cases import cases

OFFICE, SCHOOL, OTHER = Scope("370700"), Scope(institution_id=1), Scope(institution_id=2)


def pdf(word):
    return read_attachments([(f"{word}.pdf", f"%PDF-{word}".encode())])


@pytest.fixture
def number(desk):
    """A served case with a note and its file, an answer's file, and one that was addressed."""
    number = desk.open_one()
    desk.walk(number, "triage notify submit")
    add_note(desk.app, number, "电话核实", pdf("note"), actor="li")
    with desk.app.database.transaction() as tx:
        case = cases.get_case(tx, number)
        by_step = {row["step"]: row["id"] for row in cases.list_case_events(tx, case["id"])}
        attach(
            desk.app, tx, case["id"], pdf("answer"), "school", by_institution=True,
            case_event_id=by_step["submit"],
        )  # fmt: skip
        attach(
            desk.app, tx, case["id"], pdf("order"), "li", by_institution=False,
            case_event_id=by_step["notify"],
        )  # fmt: skip
    return number


def test_the_office_sees_all_files_of_a_case_in_its_scope(desk, number):
    files = get_case(desk.app, OFFICE, number).attachments
    assert [file.name for file in files] == ["note.pdf", "answer.pdf", "order.pdf"]
    for file in files:
        word = file.name.removesuffix(".pdf")
        assert get_attachment(desk.app, OFFICE, number, file.id) == (
            file.name, f"%PDF-{word}".encode(), "application/pdf",
        )  # fmt: skip


def test_an_institution_sees_its_own_files_and_those_addressed_to_it(desk, number):
    files = get_own_case(desk.app, SCHOOL, number).attachments
    assert [file.name for file in files] == ["answer.pdf", "order.pdf"]
    note = get_case(desk.app, OFFICE, number).attachments[0]
    with pytest.raises(NotFoundError):
        get_attachment(desk.app, SCHOOL, number, note.id)


def test_a_note_is_on_record_and_hidden_from_the_institution(desk, number):
    event = get_case(desk.app, OFFICE, number).events[-1]
    assert (event.step, event.reason, event.from_state) == ("note", "电话核实", "submitted")
    assert "note" not in [each.step for each in get_own_case(desk.app, SCHOOL, number).events]
    assert desk.get_case(number)["state"] == "submitted"


@pytest.mark.parametrize("scope", [OTHER, Scope("370300")])
def test_outside_the_scope_there_is_no_file(desk, number, scope):
    for file in get_case(desk.app, OFFICE, number).attachments:
        with pytest.raises(NotFoundError):
            get_attachment(desk.app, scope, number, file.id)


def test_before_the_case_is_served_the_institution_has_no_file_of_it(desk):
    number = desk.open_one()
    with desk.app.database.transaction() as tx:
        case = cases.get_case(tx, number)
        attach(desk.app, tx, case["id"], pdf("letter"), "li", by_institution=True)
    (file,) = get_case(desk.app, OFFICE, number).attachments
    with pytest.raises(NotFoundError):
        get_attachment(desk.app, SCHOOL, number, file.id)


def test_a_file_of_another_case_is_not_given_out_under_this_one(desk, number):
    found = desk.check(desk.breach("HT-1"), desk.breach("HT-2"))
    other = steps.open_case(desk.app, [found["HT-2"]], actor="li", reason="立案")
    add_note(desk.app, other, "另案", pdf("second"), actor="li")
    (file,) = get_case(desk.app, OFFICE, other).attachments
    with pytest.raises(NotFoundError):
        get_attachment(desk.app, OFFICE, number, file.id)


def test_a_file_changed_on_the_disk_is_refused(desk, number):
    file = get_case(desk.app, OFFICE, number).attachments[0]
    path_of(desk.app, file.sha256).write_bytes(b"%PDF-forged")
    with pytest.raises(UnavailableError):
        get_attachment(desk.app, OFFICE, number, file.id)


def test_an_act_takes_so_many_files_and_a_case_so_many(desk, number):
    with pytest.raises(InvalidInputError, match=str(MOST_AT_ONCE)):
        read_attachments([("a.pdf", b"%PDF-")] * (MOST_AT_ONCE + 1))
    with desk.app.database.transaction() as tx:
        case_id = cases.get_case(tx, number)["id"]
        attach(desk.app, tx, case_id, pdf("x") * (MOST_OF_CASE - 3), "li", by_institution=False)
    with pytest.raises(ConflictError):
        add_note(desk.app, number, "再添", pdf("y"), actor="li")
    assert get_case(desk.app, OFFICE, number).events[-1].reason == "电话核实"  # nothing half stored
