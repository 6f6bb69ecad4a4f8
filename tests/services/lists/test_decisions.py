"""Decisions: who may record them, when their names are shown, how they end."""

import pytest
from sqlalchemy import select

from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.cases.places import get_premises
from feewatch.services.lists.decisions import DecisionFaultsError
from feewatch.services.registers.importing import import_registers
from feewatch.store.tables import publication

JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def test_a_decision_puts_a_name_on_black_and_takes_it_off_white(town):
    town.publish(parse_day("2026-05-31"))
    town.decide(1)
    found = town.publish(JULY)
    assert town.names(found, "black") == ["示例培训中心"]
    assert "机构1" not in town.names(found)
    assert town.why(found)[("removed", "white", "机构1")] == "另有生效决定"


def test_a_list_without_a_legal_basis_does_not_exist_and_its_entries_are_notices(town):
    town.decide(1, list="credit_black")
    found = town.publish()
    assert town.names(found, "notice") == ["示例培训中心"]
    assert "credit_black" not in found[0].document["lists"]
    assert "机构1" not in town.names(found)


def test_an_objection_window_that_is_open_holds_the_name_back_but_bars_from_white(town):
    town.decide(1)
    held = town.publish(parse_day("2026-06-15"))
    assert town.names(held, "black") == []
    assert "机构1" not in town.names(held)
    assert town.names(town.publish(parse_day("2026-06-16")), "black") == ["示例培训中心"]


def test_unlicensed_premises_are_named_without_a_credit_code(town):
    town.decide(1, uscc=None, name="某小区无证点")
    (found,) = town.publish()
    assert found.document["lists"]["black"][0]["uscc"] == ""


def register_premises(town, name=""):
    path = town.path / "premises.csv"
    path.write_text(
        "premises_no,district,address,found_on,name,state\n"
        f"CS1,370702,示例路2号,2026-04-03,{name},unlicensed\n",
        encoding="utf-8",
    )
    assert import_registers(town.app, "premises", path, actor="wang").as_json()["bad"] == 0


@pytest.mark.parametrize(("name", "shown"), [("某托管班", "某托管班"), ("", "示例路2号")])
def test_a_decision_names_premises_of_the_register(town, name, shown):
    register_premises(town, name)
    decision = town.decide(1, uscc=None, name=None, premises="CS1", district=None)
    assert (decision.name, decision.district, decision.premises_no) == (shown, "370702", "CS1")
    (found,) = town.publish()
    [entry] = found.document["lists"]["black"]
    assert (entry["name"], entry["uscc"]) == (shown, "")
    file = get_premises(town.app, Scope("370702"), "CS1")
    assert [each.document for each in file.decisions] == ["教罚字1号"]


@pytest.mark.parametrize(
    "named",
    [
        {"uscc": None, "premises": "CS9"},  # not on file
        {"uscc": None, "premises": "CS1", "district": "370703"},  # lies elsewhere
        {"premises": "CS1"},  # beside a credit code
        {"uscc": None, "premises": "CS1", "list": "credit_black"},  # only black may
    ],
)
def test_premises_that_a_decision_may_not_name(town, named):
    register_premises(town)
    with pytest.raises(DecisionFaultsError) as refused:
        town.decide(1, **named)
    assert {each.code for each in refused.value.problems} & {"DECISION-PREMISES", "DECISION-USCC"}
    assert town.publish()[0].document["lists"]["black"] == []


def test_a_name_leaves_by_itself_after_its_last_day(town):
    town.decide(1)
    town.publish(parse_day("2026-12-01"))
    assert town.correct(parse_day("2026-12-01")) == []
    found = town.correct(parse_day("2026-12-02"))
    assert town.why(found) == {("removed", "black", "示例培训中心"): "公示期届满"}
    assert found[0].document["kind"] == "correction"


@pytest.mark.parametrize(
    ("status", "reason"),
    [("changed", "原决定已变更"), ("revoked", "原决定已撤销"), ("void", "原决定已确认无效")],
)
def test_a_decision_that_falls_leaves_at_once_by_a_correction(town, status, reason):
    town.decide(1)
    (before,) = town.publish()
    town.end(1, status, on=JULY)
    found = town.correct(JULY)
    assert town.why(found) == {("removed", "black", "示例培训中心"): reason}
    assert found[0].document["previous_sha256"] == before.sha256
    assert town.names(found) == town.names([before])
    assert town.correct(JULY) == []


def test_a_correction_of_today_follows_an_edition_of_a_later_cut_off(town):
    town.decide(1)
    town.publish(AUGUST)
    town.end(1, "revoked", on=JULY)
    (found,) = town.correct(JULY)
    assert found.document["cut_off"] == format_day(AUGUST)


def test_a_repair_waits_for_its_earliest_day(town):
    town.decide(1)
    with pytest.raises(ConflictError, match="2026-09-01"):
        town.end(1, "repaired", on=parse_day("2026-08-31"))
    town.publish(AUGUST)
    town.end(1, "repaired", on=parse_day("2026-09-01"))
    assert town.correct(AUGUST) == []
    found = town.correct(parse_day("2026-09-01"))
    assert town.why(found) == {("removed", "black", "示例培训中心"): "已准予信用修复"}


def test_all_faults_of_a_decision_file_are_told(town):
    with pytest.raises(DecisionFaultsError) as refused:
        town.decide(1, reason=None, **{"class": "grave"})
    assert len(refused.value.problems) == 2
    assert "reason" in refused.value.text.en
    assert "class" in refused.value.text.en


def test_a_decision_is_recorded_once(town):
    town.decide(1)
    with pytest.raises(ConflictError):
        town.decide(1, name="同一机构另一写法")
    town.decide(1, list="credit_black")


@pytest.mark.parametrize("actor", ["nobody", "reader", "elsewhere"])
def test_only_deciders_of_the_place_record_and_end_decisions(town, actor):
    with pytest.raises(ForbiddenError):
        town.decide(1, actor=actor)
    town.decide(1)
    with pytest.raises(ForbiddenError):
        town.end(1, "revoked", actor=actor)


def test_a_decision_ends_once_and_must_exist(town):
    with pytest.raises(NotFoundError):
        town.end(1, "revoked")
    town.decide(1)
    town.end(1, "revoked")
    with pytest.raises(ConflictError):
        town.end(1, "void")


def test_decisions_keep_their_history_and_the_audit_their_actor(town):
    town.decide(1)
    town.end(1, "void")
    with town.app.database.reading() as tx:
        events = tx.execute(select(publication.decision_event)).all()
    assert [(each.change, each.actor) for each in events] == [("added", "wang"), ("void", "wang")]
