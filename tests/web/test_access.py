"""Every route declares who may enter, and keeps everybody else out."""

import pytest
from flask import Flask

from feewatch.kernel.people import (
    ADMINISTRATORS,
    AUDITORS,
    DECIDERS,
    OFFICE,
    ROLES,
    SECURITY,
    SYSTEM,
)
from feewatch.web.access import ANYONE, Room, entry_of
from tests.web.access_document import DOCUMENT, document

VALUES = {
    "alert_id": "A0red",
    "choice": "en",
    "district": "370702",
    "extension": "csv",
    "filename": "site.css",
    "folder": "2",
    "key": "1",
    "line": "7",
    "listing": "keys.json",
    "matter_id": "1",
    "kind": "contracts",
    "n": "1",
    "name": "white",
    "paper": "document",
    "number": "370702-2026-0001",
    "period": "2025",
    "sha256": "0" * 64,
    "upload": "none",
    "uscc": "52370702651728628K",
}
READERS = OFFICE | {"api"}
REGISTRARS = frozenset({"officer", "reviewer", "administrator", "institution"})
CASEWORKERS = frozenset({"officer", "reviewer"})
VISITORS = frozenset({"inspector", "officer", "reviewer"})
EXPECTED = {
    "account.change_password": frozenset(ROLES),
    "account.end_other_sessions": frozenset(ROLES),
    "account.end_session": frozenset(ROLES),
    "account.language": ANYONE,
    "account.log_in": ANYONE,
    "account.log_out": frozenset(ROLES),
    "account.login": ANYONE,
    "account.own_sessions": frozenset(ROLES),
    "account.begin_second_factor": frozenset(ROLES),
    "account.confirm_second_factor": frozenset(ROLES),
    "account.remove_second_factor": frozenset(ROLES),
    "account.renew_recovery": frozenset(ROLES),
    "account.second_factor": frozenset(ROLES),
    "account.second_step": frozenset(ROLES),
    "account.take_code": frozenset(ROLES),
    "account.end_token": frozenset({"api", "officer", "reviewer", "publisher"}),
    "account.make_token": frozenset({"api", "officer", "reviewer", "publisher"}),
    "account.own_tokens": frozenset({"api", "officer", "reviewer", "publisher"}),
    "account.from_provider": ANYONE,
    "account.to_provider": ANYONE,
    "account.set_mail": frozenset(ROLES),
    "account.password": frozenset(ROLES),
    "round_desk.assign": CASEWORKERS,
    "round_desk.checklists": OFFICE,
    "round_desk.home": OFFICE,
    "round_desk.listed": OFFICE,
    "round_desk.photo": OFFICE,
    "round_desk.release": CASEWORKERS,
    "round_desk.show": OFFICE,
    "transfers.answer": CASEWORKERS,
    "transfers.bundle": CASEWORKERS,
    "transfers.listed": OFFICE,
    "transfers.receipt": OFFICE,
    "transfers.send": CASEWORKERS,
    "transfers.show": OFFICE,
    "api.answer_transfer": CASEWORKERS,
    "api.get_bundle": CASEWORKERS,
    "api.get_transfer": READERS,
    "api.transfers": READERS,
    "supervision.campaign": OFFICE,
    "supervision.close_item": CASEWORKERS,
    "supervision.dispose": CASEWORKERS,
    "supervision.draw": OFFICE,
    "supervision.grouped": OFFICE,
    "supervision.hold": CASEWORKERS,
    "supervision.listed_campaigns": OFFICE,
    "supervision.listed_draws": OFFICE,
    "supervision.listed_meetings": OFFICE,
    "supervision.make_draw": CASEWORKERS,
    "supervision.meeting": OFFICE,
    "supervision.move": CASEWORKERS,
    "supervision.open_campaign": CASEWORKERS,
    "supervision.press": CASEWORKERS,
    "supervision.pressed": OFFICE,
    "rounds.form": VISITORS,
    "rounds.hand_in": VISITORS,
    "rounds.home": VISITORS,
    "rounds.listed": frozenset({"inspector"}),
    "rounds.photo": frozenset({"inspector"}),
    "rounds.show": frozenset({"inspector"}),
    "rounds.token": VISITORS,
    "rounds.worker": VISITORS,
    "api.alert": READERS,
    "api.answer_correction": frozenset({"officer", "reviewer", "publisher"}),
    "api.answer_grade_objection": CASEWORKERS,
    "api.compute_grades": CASEWORKERS,
    "api.decide_hold": CASEWORKERS,
    "api.drop_notice": CASEWORKERS,
    "api.end_decision": frozenset({"officer", "reviewer", "publisher"}),
    "api.get_advance_notice": READERS,
    "api.get_grade": READERS,
    "api.give_second_word": frozenset({"reviewer", "publisher"}),
    "api.grades_red": OFFICE,
    "api.lift_recall": frozenset({"publisher"}),
    "api.list_decision_reports": OFFICE,
    "api.list_holds": READERS,
    "api.list_next_editions": OFFICE,
    "api.list_recalls": OFFICE,
    "api.list_subscribers": OFFICE,
    "api.list_white": READERS,
    "api.make_objection": CASEWORKERS | {"api"},
    "api.object_to_grade": CASEWORKERS | {"api"},
    "api.publish_editions": frozenset({"publisher"}),
    "api.recall": frozenset({"publisher"}),
    "api.report_decisions": frozenset({"officer", "reviewer", "publisher"}),
    "api.serve_notice": frozenset({"officer"}),
    "api.steer_subscriber": frozenset({"publisher"}),
    "api.step_grade": CASEWORKERS,
    "api.take_decision_form": frozenset({"officer", "reviewer", "publisher"}),
    "api.withdraw_objection": frozenset({"api"}),
    "api.answer_objection": CASEWORKERS,
    "api.correct_decision": frozenset({"officer", "reviewer", "publisher"}),
    "api.get_decision": READERS,
    "api.list_advance_notices": READERS,
    "api.list_decisions": READERS,
    "api.list_objections": READERS,
    "api.propose_decision": frozenset({"officer"}),
    "api.step_decision": frozenset({"officer", "reviewer", "publisher"}),
    "api.alerts": READERS,
    "api.early_warning": READERS,
    "api.editions": ANYONE,
    "api.hand_in": frozenset({"api"}),
    "api.hand_in_register": frozenset({"api"}),
    "api.proposals": READERS,
    "api.self_check": frozenset({"api"}),
    "api.statement_file": READERS,
    "api.findings": READERS,
    "api.grades": READERS,
    "api.institutions": READERS,
    "api.lists": ANYONE,
    "api.matters": READERS,
    "api.one_list": ANYONE,
    "api.openapi": ANYONE,
    "audit.chain": AUDITORS,
    "audit.lines": AUDITORS,
    "audit.listed": AUDITORS,
    "audit.show": AUDITORS,
    "unmasking.ask": CASEWORKERS,
    "unmasking.listed": CASEWORKERS | AUDITORS,
    "cases.add": CASEWORKERS,
    "cases.attachment": OFFICE,
    "cases.drop": CASEWORKERS,
    "cases.fulfil": CASEWORKERS,
    "cases.hand_over": CASEWORKERS,
    "cases.undertake": CASEWORKERS,
    "cases.board": OFFICE,
    "cases.note": CASEWORKERS,
    "cases.show": OFFICE,
    "cases.step": CASEWORKERS,
    "district.covered": OFFICE,
    "registers.old_rejects": REGISTRARS,
    "computing.again": OFFICE | {"institution", "rule_editor"},
    "computing.show": OFFICE | {"institution", "rule_editor"},
    "computing.stop": OFFICE | {"institution", "rule_editor"},
    "confirmations.answer": CASEWORKERS,
    "confirmations.ask": CASEWORKERS,
    "confirmations.document": DECIDERS,
    "confirmations.letter": OFFICE,
    "confirmations.listed": OFFICE,
    "confirmations.make": CASEWORKERS,
    "papers.begin_many": CASEWORKERS,
    "papers.document": OFFICE,
    "papers.make": CASEWORKERS,
    "papers.many": CASEWORKERS,
    "papers.register": OFFICE,
    "papers.register_csv": OFFICE,
    "papers.register_workbook": OFFICE,
    "papers.serve": CASEWORKERS,
    "papers.show": OFFICE,
    "papers.void": CASEWORKERS,
    "papers.work_on": CASEWORKERS,
    "own_papers.document": frozenset({"institution"}),
    "own_papers.show": frozenset({"institution"}),
    "corrections.decide": CASEWORKERS,
    "corrections.listed": OFFICE,
    "corrections.show": OFFICE,
    "corrections.voucher": OFFICE,
    "desk.alerts": OFFICE,
    "district.show": OFFICE,
    "desk.bulk": CASEWORKERS,
    "desk.delete_view": OFFICE,
    "desk.save_view": OFFICE,
    "today.home": OFFICE | ADMINISTRATORS | {"rule_editor", "inspector"},
    "today.missing": OFFICE,
    "advance_notices.drop": CASEWORKERS,
    "advance_notices.listed": OFFICE,
    "advance_notices.new": frozenset({"officer"}),
    "advance_notices.paper": DECIDERS,
    "advance_notices.serve": frozenset({"officer"}),
    "advance_notices.show": OFFICE,
    "defences.answer": CASEWORKERS,
    "defences.file": DECIDERS,
    "defences.listed": OFFICE,
    "defences.record_on_decision": CASEWORKERS,
    "defences.record_on_notice": CASEWORKERS,
    "own_decisions.answer_notice": frozenset({"institution"}),
    "own_decisions.decision": frozenset({"institution"}),
    "own_decisions.file": frozenset({"institution"}),
    "own_decisions.listed": frozenset({"institution"}),
    "own_decisions.notice": frozenset({"institution"}),
    "own_decisions.object_to_decision": frozenset({"institution"}),
    "own_decisions.paper": frozenset({"institution"}),
    "own_decisions.withdraw": frozenset({"institution"}),
    "decision_reports.form": frozenset({"officer", "reviewer", "publisher"}),
    "decision_reports.listed": OFFICE,
    "decision_reports.report": frozenset({"officer", "reviewer", "publisher"}),
    "decisions.correct": frozenset({"officer", "reviewer", "publisher"}),
    "decisions.listed": OFFICE,
    "decisions.new": frozenset({"officer"}),
    "decisions.paper": DECIDERS,
    "decisions.propose": frozenset({"officer"}),
    "decisions.show": OFFICE,
    "decisions.step": frozenset({"officer", "reviewer", "publisher"}),
    "desk.alert": OFFICE,
    "desk.inbox": OFFICE,
    "desk.matter": OFFICE,
    "desk.open_case": CASEWORKERS,
    "handing.take_upload": DECIDERS,
    "handing.upload": DECIDERS,
    "editions.history": OFFICE,
    "editions.preview": OFFICE,
    "publication.lift": frozenset({"publisher"}),
    "publication.listed_recalls": OFFICE,
    "publication.order": frozenset({"administrator", "publisher"}),
    "publication.publish": frozenset({"publisher"}),
    "publication.recall": frozenset({"publisher"}),
    "publication.second": frozenset({"publisher", "reviewer"}),
    "publication.show": OFFICE,
    "push.listed": OFFICE | SYSTEM,
    "push.steer": SYSTEM | {"publisher"},
    "grades.answer": CASEWORKERS,
    "grades.compute": CASEWORKERS,
    "grades.listed": OFFICE,
    "grades.paper": OFFICE,
    "grades.record": CASEWORKERS,
    "grades.red": OFFICE,
    "grades.show": OFFICE,
    "grades.step": CASEWORKERS,
    "grades.tell": CASEWORKERS,
    "own_grades.listed": frozenset({"institution"}),
    "own_grades.paper": frozenset({"institution"}),
    "own_grades.take_objection": frozenset({"institution"}),
    "countersigns.confirm": CASEWORKERS,
    "countersigns.listed": OFFICE,
    "countersigns.refuse": CASEWORKERS,
    "holds.decide": CASEWORKERS,
    "holds.listed": OFFICE,
    "keys.listed": SECURITY | {"publisher"},
    "public.key_list": ANYONE,
    "conditions.show": SYSTEM,
    "health.alive": ANYONE,
    "health.figures": ANYONE,
    "health.ready": ANYONE,
    "own_white.show": frozenset({"institution"}),
    "white.listed": OFFICE,
    "white.show": OFFICE,
    "scheduling.show": OFFICE | SYSTEM,
    "scheduling.turn": SYSTEM | {"publisher"},
    "institution.attachment": frozenset({"institution"}),
    "institution.alert": frozenset({"institution"}),
    "institution.case": frozenset({"institution"}),
    "institution.charges": frozenset({"institution"}),
    "institution.history": frozenset({"institution"}),
    "institution.month_ledger": frozenset({"institution"}),
    "institution.month_ledger_workbook": frozenset({"institution"}),
    "institution.give_voucher": frozenset({"institution"}),
    "institution.proposal": frozenset({"institution"}),
    "institution.proposals": frozenset({"institution"}),
    "institution.voucher": frozenset({"institution"}),
    "institution.withdraw_file": frozenset({"institution"}),
    "institution.withdraw": frozenset({"institution"}),
    "institution.status": frozenset({"institution"}),
    "institution.step": frozenset({"institution"}),
    "institution.take_upload": frozenset({"institution"}),
    "institution.upload": frozenset({"institution"}),
    "matching.decide": CASEWORKERS,
    "matching.undo": CASEWORKERS,
    "matching.unmatched": OFFICE,
    "messages.listed": frozenset(ROLES),
    "messages.opened": frozenset(ROLES),
    "messages.read_all": frozenset(ROLES),
    "objections.answer": CASEWORKERS,
    "objections.record": CASEWORKERS,
    "own_cases.take_answer": frozenset({"institution"}),
    "own_cases.take_objection": frozenset({"institution"}),
    "monitoring.backtest": OFFICE | {"rule_editor"},
    "drafts.shadow": OFFICE | {"rule_editor"},
    "monitoring.backtest_csv": OFFICE | {"rule_editor"},
    "monitoring.early_warning": OFFICE,
    "monitoring.noise": OFFICE | {"rule_editor"},
    "people.act_on": SECURITY,
    "people.add": SECURITY,
    "people.decide": SECURITY | SYSTEM,
    "people.decide_separation": ADMINISTRATORS,
    "people.listed": SECURITY | SYSTEM,
    "people.new": SECURITY,
    "people.separate": ADMINISTRATORS,
    "people.show": SECURITY | SYSTEM,
    "places.act_on_clue": CASEWORKERS,
    "places.campaign": OFFICE,
    "places.campaign_csv": OFFICE,
    "places.campaign_workbook": OFFICE,
    "places.clue": OFFICE,
    "places.listed_clues": OFFICE,
    "places.one_premises": OFFICE,
    "places.premises": OFFICE,
    "asking.account": ANYONE,
    "asking.clue": ANYONE,
    "asking.hand_in": ANYONE,
    "asking.report": ANYONE,
    "costs.charge": ANYONE,
    "costs.refund": ANYONE,
    "public.feed": ANYONE,
    "public.institution_code": ANYONE,
    "public.list_code": ANYONE,
    "public.edition": ANYONE,
    "public.editions": ANYONE,
    "public.file": ANYONE,
    "public.institution": ANYONE,
    "public.lists": ANYONE,
    "public.file_of_district": ANYONE,
    "public.file_of_office": ANYONE,
    "quarantine.decide": DECIDERS,
    "quarantine.line": OFFICE,
    "quarantine.listed": OFFICE,
    "quarantine.show": OFFICE,
    "records.charges": OFFICE,
    "records.vouch": CASEWORKERS,
    "records.files": OFFICE,
    "records.institution": OFFICE,
    "records.institutions": OFFICE,
    "records.month_ledger": OFFICE,
    "records.month_ledger_workbook": OFFICE,
    "records.sign_opening": {"reviewer"},
    "records.statements": OFFICE,
    "reports.ledger": OFFICE,
    "reports.ledger_csv": OFFICE,
    "reports.ledger_workbook": OFFICE,
    "registers.look": REGISTRARS,
    "reports.issue": DECIDERS,
    "reports.issued": OFFICE,
    "reports.monthly": OFFICE,
    "reports.monthly_document": OFFICE,
    "reports.monthly_json": OFFICE,
    "reports.traced": OFFICE,
    "registers.page": OFFICE | {"institution"},
    "registers.preview": REGISTRARS,
    "registers.rejects": REGISTRARS,
    "registers.take": REGISTRARS,
    "registers.template": OFFICE | {"institution"},
    "self_check.check_institution": CASEWORKERS,
    "self_check.check_own": frozenset({"institution"}),
    "self_check.of_institution": CASEWORKERS,
    "self_check.own": frozenset({"institution"}),
    "static": ANYONE,
}
PEOPLE = [
    ("viewer", "viewer"),
    ("officer", "officer"),
    ("reviewer", "reviewer"),
    ("publisher", "publisher"),
    ("rule_editor", "rule_editor"),
    ("administrator", "administrator"),
    ("system_admin", "system"),
    ("security_admin", "security"),
    ("audit_admin", "auditor"),
    ("institution", "luzhi"),
    ("api", "program"),
]


def addresses(site: Flask):
    """(endpoint, method, address) of every route with values that exist in the world."""
    adapter = site.url_map.bind("localhost")
    for rule in site.url_map.iter_rules():
        values = {name: VALUES[name] for name in rule.arguments}
        if rule.endpoint == "public.edition":
            values["number"] = 2
        if rule.endpoint == "public.file_of_district":
            values["name"] = "timestamp.json"
        if rule.endpoint == "public.file_of_office":
            values["name"] = "verify.html"
        if rule.endpoint == "public.file":
            values["name"] = "白名单.csv"
        if rule.endpoint == "static":
            values["filename"] = "site.css"
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, method, adapter.build(rule.endpoint, values, method=method)


def test_the_table_above_names_every_route_and_what_it_declares(site):
    declared = {r.endpoint: entry_of(site, r.endpoint) for r in site.url_map.iter_rules()}
    assert declared == EXPECTED


def test_a_route_of_a_blueprint_that_declares_nothing_is_closed_to_all(site, as_user):
    site.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert entry_of(site, "forgotten") == frozenset()
    assert as_user("administrator").get("/forgotten").status_code == 403


def test_a_room_without_a_declaration_cannot_be_built():
    with pytest.raises(TypeError):
        Room("x", __name__, url_prefix="/x")


@pytest.mark.parametrize(("role", "name"), PEOPLE)
def test_a_role_enters_what_is_declared_for_it_and_nothing_else(site, as_user, role, name):
    client = as_user(name)
    for endpoint, method, address in addresses(site):
        if endpoint in ("account.log_out", "account.end_session"):  # the one that looks
            continue
        status = client.open(address, method=method, buffered=True).status_code
        may_enter = EXPECTED[endpoint] == ANYONE or role in EXPECTED[endpoint]
        # no session opens what a program writes
        if endpoint.startswith("api.") and method == "POST":
            assert status == 401
            continue
        assert (status != 403) == may_enter, (endpoint, method, status)
        assert status < 500, (endpoint, method)


def test_a_stranger_reads_public_pages_and_is_asked_to_log_in_elsewhere(site, visitor):
    for endpoint, method, address in addresses(site):
        answer = visitor.open(address, method=method, buffered=True)
        if EXPECTED[endpoint] == ANYONE:
            absent = {404} if endpoint in ("account.to_provider", "asking.clue") else set()
            assert answer.status_code in {200, 302, 400} | absent, (
                endpoint,
                answer.status_code,
            )
        elif endpoint.startswith("api."):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        elif method == "GET":
            assert answer.status_code == 302
            assert answer.location.startswith("/account/login?next=")
        else:
            assert answer.status_code == 401, endpoint


def test_the_document_of_who_may_do_what_is_what_is_declared(site):
    assert DOCUMENT.read_text(encoding="utf-8") == document(site), (
        "run python -m tests.web.access_document"
    )
