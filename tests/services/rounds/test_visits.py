"""Visits: sent once, seen by whom they concern; what is not in order becomes a matter and ends."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.desk import get_case
from feewatch.services.cases.steps import open_case, step
from feewatch.services.check.checking import run_check
from feewatch.services.people.acting import find_person
from feewatch.services.rounds import pages
from feewatch.services.rounds.visiting import read_photo, record_visit
from feewatch.store.tables.casework import alert, matter
from feewatch.store.tables.rounds import visit, visit_photo
from tests.rounds.test_photos import PLACE, exif, jpeg
from tests.services.rounds.conftest import NOW, U1, U2, U3

FIRE = "2.1.1"
FAILED = {FIRE: ("fail", "通道堆物"), "1.1.1": ("ok",)}


def rows(app, query):
    with app.database.reading() as tx:
        return tx.execute(query).all()


def refusal_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refused:
        act(*arguments, **named)
    return refused.value.code


def test_what_a_visit_found_is_a_matter_at_once_and_goes_the_way_of_a_case(any_rounds):
    any_rounds.assign("anna", U1)
    kept = any_rounds.visit(said=FAILED)
    (found,) = rows(any_rounds.app, select(alert))
    assert (kept.alerts, found.subject_id) == ((found.id,), f"{kept.number}/{FIRE}")
    assert (found.authority, found.present, found.severity) == ("preset", "undetermined", "red")
    (held,) = rows(any_rounds.app, select(matter))
    assert (held.cause, held.alerts, held.status) == (f"wall-chart/{FIRE}", 1, "open")

    number = open_case(any_rounds.app, [held.id], actor="li", reason="核实", then="triage")
    for name in ("notify", "start", "submit", "accept"):
        step(any_rounds.app, number, name, actor="li", reason="整改")
    with clock.fixed(NOW.replace(month=10, day=12)):
        any_rounds.visit(on="2026-10-12", said={FIRE: ("ok",)}, kind="recheck")
        (over,) = rows(any_rounds.app, select(alert))
        assert (over.recovered_on, over.present) == (parse_day("2026-10-12"), "over")
        given = StepGiven(against_data="现场复查已清理")
        step(any_rounds.app, number, "close", actor="zhao", reason="销号", given=given)
    assert get_case(any_rounds.app, NATIONWIDE, number).case.state == "closed"
    assert rows(any_rounds.app, select(alert.c.status)) == [("closed",)]


def test_a_check_withdraws_nothing_that_a_visit_found(rounds):
    rounds.assign("anna", U1)
    rounds.visit(said=FAILED)
    run_check(rounds.app, clock.today())
    (found,) = rows(rounds.app, select(alert).where(alert.c.rule == "VISIT-ITEM"))
    assert (found.status, found.recovered_on, found.present) == ("open", None, "undetermined")


def test_the_same_item_again_joins_the_open_matter_and_the_order_of_arrival_is_the_same(rounds):
    rounds.assign("anna", U1, first=parse_day("2026-09-01"))
    rounds.visit(on="2026-09-20", said={FIRE: ("ok",)})
    rounds.visit(on="2026-09-10", said=FAILED)  # it waited on the phone
    (late,) = rows(rounds.app, select(alert))
    assert (late.recovered_on, late.present) == (parse_day("2026-09-20"), "over")
    rounds.visit(on="2026-09-21", said=FAILED)
    assert len(rows(rounds.app, select(alert))) == 2
    assert len(rows(rounds.app, select(matter))) == 1


def test_a_visit_sent_again_counts_once_also_by_several_at_once(any_rounds):
    any_rounds.assign("anna", U1)
    given = any_rounds.given(said=FAILED)

    def send(_):
        with clock.fixed(NOW):
            return record_visit(any_rounds.app, given, actor="anna")

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(send, range(4)))
    assert len({each.number for each in kept}) == 1
    assert sum(each.is_new for each in kept) == 1
    assert {each.alerts for each in kept} == {kept[0].alerts}
    assert rows(any_rounds.app, select(func.count()).select_from(visit)) == [(1,)]


def test_a_token_of_another_visit_is_refused(rounds):
    rounds.assign("anna", U1, U2)
    given = rounds.given()
    record_visit(rounds.app, given, actor="anna")
    other = replace(given, uscc=U2)
    assert refusal_of(record_visit, rounds.app, other, actor="anna") == "VISIT-TOKEN-TAKEN"
    assert refusal_of(record_visit, rounds.app, given, actor="li") == "VISIT-TOKEN-TAKEN"


def test_an_inspector_visits_and_reads_the_own_institutions_alone(rounds):
    rounds.assign("anna", U1)
    rounds.assign("boris", U2)
    kept = rounds.visit()
    assert refusal_of(rounds.visit, U2) == "INSTITUTION-UNKNOWN"
    assert refusal_of(rounds.visit, U3) == "INSTITUTION-UNKNOWN"
    assert refusal_of(rounds.visit, U3, actor="li") == "INSTITUTION-UNKNOWN"
    boris, officer = find_person(rounds.app, "boris"), find_person(rounds.app, "li")
    assert refusal_of(pages.get_visit, rounds.app, boris, kept.number) == "VISIT-UNKNOWN"
    assert pages.get_visit(rounds.app, officer, kept.number).visit.number == kept.number
    wanted = pages.WantedVisits(own=pages.own_only(boris))
    assert pages.list_visits(rounds.app, boris, wanted, 1).total == 0
    form = (boris, U1, "", "", "")
    assert refusal_of(pages.read_form, rounds.app, *form) == "INSTITUTION-UNKNOWN"


def test_who_stands_in_may_visit_for_those_days_and_no_longer(rounds):
    day = clock.today()
    rounds.assign("anna", U1)
    rounds.assign("boris", U1, last=day, is_substitute=True)
    rounds.visit(actor="boris")
    with clock.fixed(NOW.replace(day=22)):
        assert refusal_of(rounds.visit, on="2026-09-22", actor="boris") == "INSTITUTION-UNKNOWN"


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("VISIT-TOKEN", {"token": "short"}),
        ("VISIT-KIND", {"kind": "picnic"}),
        ("VISIT-DAY", {"on": "2026-09-22"}),
        ("VISIT-DAY", {"on": "2026-08-01"}),
        ("VISIT-PLACE", {"premises_no": "P1"}),
        ("VISIT-EMPTY", {"note": " "}),
        ("TOO-LONG", {"note": "长" * 2001}),
        ("VISIT-PERSONAL", {"note": "家长 13800138000"}),
        ("CHECKLIST-UNKNOWN", {"checklist": "none", "version": "1"}),
        ("ITEM-NOTE", {"said": {FIRE: ("fail",)}}),
        ("ITEM-UNKNOWN", {"said": {"9.9.9": ("ok",)}}),
        ("ITEM-UNKNOWN", {"said": {FIRE: ("fine",)}}),
        ("VISIT-EMPTY", {"said": {FIRE: ("unseen",)}}),
        ("CAMPAIGN-MEMBER", {"campaign": "370702-Z2026-0001"}),
    ],
)
def test_what_is_wrong_with_a_visit_is_said_and_nothing_is_kept(rounds, code, more):
    rounds.assign("anna", U1)
    assert refusal_of(rounds.visit, **more) == code
    assert rows(rounds.app, select(visit)) == []


def test_a_photo_is_kept_sealed_without_its_place_under_the_hash_of_what_is_kept(rounds):
    rounds.assign("anna", U1)
    photo = read_photo(FIRE, "../现场.jpg", jpeg(exif(6)))
    kept = rounds.visit(said=FAILED, photos=[photo])
    (row,) = rows(rounds.app, select(visit_photo))
    anna = find_person(rounds.app, "anna")
    name, content, media = pages.load_photo(rounds.app, anna, kept.number, row.id)
    assert (name, media, row.item) == ("现场.jpg", "image/jpeg", FIRE)
    assert PLACE not in content
    assert not [file for file in rounds.app.files.rglob("*") if PLACE in read(file)]
    assert [file.name for file in rounds.app.files.rglob(f"{row.sha256}*")] == [
        f"{row.sha256}.sealed"
    ]
    assert refusal_of(read_photo, "", "a.pdf", b"%PDF-1.7") == "PHOTO-TYPE"
    assert refusal_of(read_photo, "", "a.jpg", b"\xff\xd8\xff" + bytes(9 << 20)) == "PHOTO-SIZE"


def read(file):
    return file.read_bytes() if file.is_file() else b""
