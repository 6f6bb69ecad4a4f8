"""季度核对: an institution confirms what is held of it; differences wait for an officer."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sqlalchemy import insert, select

from feewatch.cli import main
from feewatch.kernel import clock
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.corrections.deciding import decide
from feewatch.services.people.acting import find_person
from feewatch.services.people.api_tokens import issue_token
from feewatch.services.rounds import self_reports
from feewatch.services.rounds.reminding import remind_of_rounds
from feewatch.services.rounds.self_reports import SaidOfLine
from feewatch.store.people import users
from feewatch.store.tables.operations import audit
from feewatch.store.tables.papers import message
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.registers import account as accounts
from feewatch.store.tables.registers import approval, course, institution_fact
from feewatch.web.api import description
from tests.web.browsing import NEEDS_CHROMIUM, turn
from tests.web.conftest import ACCOUNT, LUZHI, NANJING, NOW, WEICHENG
from tests.web.test_stories import Visit

PRICE = "price_per_lesson"


@pytest.fixture
def school(app):
    """A course of the first institution, too."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(course).values(
                institution_id=1, course_id="KC1", title="舞蹈", discipline="舞蹈",
                stage="primary", mode="offline", lesson_minutes=45, price_per_lesson_fen=7_000,
                recorded_on=0,
            )
        )  # fmt: skip
    return app


def own(app, name="luzhi"):
    return self_reports.read_own(app, find_person(app, name).scope)


def all_right(found):
    return {line.id: SaidOfLine("right") for line in found.lines}


def line_of(found, section):
    return next(line for line in found.lines if line.section == section)


def rows(app, query):
    with app.database.reading() as tx:
        return tx.execute(query).all()


def state_of(app, scope=NATIONWIDE):
    return {each.uscc: each.state for each in self_reports.list_asked(app, scope)}


def refusal_of(app, given, seen, actor="luzhi"):
    with pytest.raises(Refusal) as refused:
        self_reports.respond(app, given, seen, actor=actor)
    return refused.value.code


def test_the_page_holds_institution_accounts_contracts_claims_courses(school, as_user):
    found = own(school)
    assert (found.quarter.name, found.due_on - found.quarter.last) == ("2026Q2", 15)
    sections = [line.section for line in found.lines]
    assert [*dict.fromkeys(sections)] == [
        "institutions", "accounts", "contracts", "claims", "courses", "missing",
    ]  # fmt: skip
    page = as_user("luzhi").get("/own/confirm/").text
    assert "70.00 元" in page
    assert ACCOUNT not in page  # masked, as on every page
    assert "不是法律规定" in page


def test_what_differs_becomes_a_proposal_and_nothing_else_changes(school):
    found = own(school)
    facts, teaching = line_of(found, "institutions"), line_of(found, "courses")
    before = rows(school, select(institution_fact)), rows(school, select(course))
    given = all_right(found) | {
        teaching.id: SaidOfLine("differs", "去年起调价", PRICE, "68.5"),
        facts.id: SaidOfLine("differs", field="legal_representative", value="王某"),
        "claims": SaidOfLine("differs", "少计两名学员"),
    }
    key = self_reports.respond(school, given, found.sha256, actor="luzhi")
    assert (rows(school, select(institution_fact)), rows(school, select(course))) == before
    first, second = rows(school, select(proposal).order_by(proposal.c.kind))
    prices = [row["price_per_lesson_fen"] for row in (first.before, first.after)]
    assert (first.kind, prices) == ("courses", [7_000, 6_850])
    assert (second.kind, second.after["legal_representative"], second.state) == (
        "institutions", "王某", "open",
    )  # fmt: skip
    assert "季度核对" in first.reason
    assert "68.5" in first.reason
    report = self_reports.get_report(school, NATIONWIDE, key)
    said = {line.line: (line.answer, line.said, line.proposal_id) for line in report.lines}
    assert said["claims"] == ("differs", "少计两名学员", None)
    assert said[teaching.id][2] == first.id
    (act,) = rows(school, select(audit).where(audit.c.action == "confirmation.answer"))
    assert act.object == LUZHI
    decide(school, [first.id], "accept", actor="officer", reason="已核对公示牌")
    assert rows(school, select(course.c.price_per_lesson_fen)) == [(6_850,)]
    told = [row.kind for row in rows(school, select(message).where(message.c.user_id.is_not(None)))]
    assert "confirm_differs" in told
    assert "proposal_in" in told


def test_a_row_of_an_account_is_proposed_with_its_number_masked(school, as_user):
    found = own(school)
    account = line_of(found, "accounts")
    given = all_right(found) | {account.id: SaidOfLine("differs", field="bank", value="新银行")}
    self_reports.respond(school, given, found.sha256, actor="luzhi")
    (made,) = rows(school, select(proposal))
    own_page, own_list = f"/own/proposals/{made.id}", "/own/proposals/"
    for name, addresses in (
        (
            "officer",
            (f"/desk/proposals/{made.id}", "/desk/proposals/", "/desk/proposals/?format=csv"),
        ),
        ("luzhi", (own_page, own_list)),
    ):
        client = as_user(name)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert ACCOUNT not in answer.data.decode(), address
            assert ACCOUNT[-4:] in answer.data.decode(), address
    decide(school, [made.id], "accept", actor="officer", reason="已核对")
    assert "新银行" in [row.bank for row in rows(school, select(accounts.c.bank))]


def test_a_contract_that_differs_is_named_and_proposed(school):
    found = own(school)
    said = SaidOfLine("differs", field="fee", value="3900.00", contract_no="HT1")
    key = self_reports.respond(
        school, all_right(found) | {"contracts": said}, found.sha256, actor="luzhi"
    )
    (made,) = rows(school, select(proposal))
    assert (made.kind, made.key.endswith("HT1"), made.after["fee_fen"]) == (
        "contracts",
        True,
        390_000,
    )
    lines = self_reports.get_report(school, NATIONWIDE, key).lines
    assert next(line.said for line in lines if line.line == "contracts").startswith("HT1 ")


@pytest.mark.parametrize(
    ("section", "said", "code"),
    [
        ("courses", SaidOfLine(), "CONFIRMATION-LINE"),
        ("courses", SaidOfLine("perhaps"), "CONFIRMATION-LINE"),
        ("courses", SaidOfLine("differs"), "CONFIRMATION-WORDS"),
        ("courses", SaidOfLine("right", "然而"), "CONFIRMATION-BOTH"),
        ("courses", SaidOfLine("differs", field="course_id", value="KC2"), "CONFIRMATION-FIELD"),
        ("courses", SaidOfLine("differs", field=PRICE, value="许多"), "CONFIRMATION-VALUE"),
        ("courses", SaidOfLine("differs", field=PRICE, value=""), "CONFIRMATION-VALUE"),
        ("courses", SaidOfLine("differs", field=PRICE, value="70.00"), "CONFIRMATION-SAME"),
        ("courses", SaidOfLine("differs", "长" * 1001), "CONFIRMATION-LONG"),
        ("claims", SaidOfLine("differs", field="fee", value="1"), "CONFIRMATION-FIELD"),
        ("contracts", SaidOfLine("differs", field="fee", value="1", contract_no="HT9"),
         "CONFIRMATION-CONTRACT"),
    ],
)  # fmt: skip
def test_a_line_without_a_clear_answer_is_refused_and_nothing_is_kept(school, section, said, code):
    found = own(school)
    given = all_right(found) | {line_of(found, section).id: said}
    assert refusal_of(school, given, found.sha256) == code
    assert own(school).is_open
    assert rows(school, select(proposal)) == []


def test_it_is_answered_once_by_the_own_institution_on_what_it_was_shown(school):
    found = own(school)
    assert refusal_of(school, all_right(found), found.sha256, "officer") == "ROLE"
    assert refusal_of(school, all_right(found), "0" * 64) == "CONFIRMATION-CHANGED"
    assert refusal_of(school, all_right(found), found.sha256, "weicheng") in (
        "CONFIRMATION-CHANGED", "CONFIRMATION-LINE",
    )  # fmt: skip
    self_reports.respond(school, all_right(found), found.sha256, actor="luzhi")
    assert refusal_of(school, all_right(found), found.sha256) == "CONFIRMATION-ANSWERED"
    with clock.fixed(NOW.replace(month=10, day=1)):
        assert (own(school).quarter.name, own(school).is_open) == ("2026Q3", True)


def test_who_has_not_answered_is_listed_within_the_scope(school, as_user):
    assert state_of(school) == {LUZHI: "waiting", WEICHENG: "waiting", NANJING: "waiting"}
    found = own(school)
    self_reports.respond(school, all_right(found), found.sha256, actor="luzhi")
    with clock.fixed(NOW + dt.timedelta(days=1)):  # the day after the last
        # nobody was asked in time, so that nobody is late
        assert state_of(school) == {LUZHI: "answered", WEICHENG: "waiting", NANJING: "waiting"}
    with clock.fixed(NOW.replace(day=6)):
        remind_of_rounds(school, clock.today())
    with clock.fixed(NOW + dt.timedelta(days=1)):
        assert state_of(school) == {LUZHI: "answered", WEICHENG: "late", NANJING: "late"}
        near = state_of(school, find_person(school, "officer").scope)
        assert near == {LUZHI: "answered"}
    with school.database.transaction() as tx:
        tx.execute(
            insert(approval).values(
                institution_id=2, kind="closure", document="停1", from_day=20_000, recorded_on=0
            )
        )
    assert WEICHENG not in state_of(school)
    page = as_user("officer").get("/desk/self-reports/").text
    assert "已核对 1" in page
    assert "不是法律规定" in page
    for wrong in ("2026Q3", "2026Q5", "x"):
        assert as_user("officer").get(f"/desk/self-reports/?quarter={wrong}").status_code == 400
    assert as_user("nanjing").get("/desk/self-reports/1").status_code == 404
    assert as_user("luzhi").get("/desk/self-reports/").status_code == 403


def test_institutions_are_asked_reminded_and_told_they_are_late_once_each(school):
    def remind(day):
        with clock.fixed(NOW.replace(day=day)):
            return remind_of_rounds(school, clock.today()).confirmations

    assert remind(5) == []  # a Sunday
    assert {each.partition(" ")[0] for each in remind(6)} == {"confirm_asked"}
    assert remind(7) == []
    found = own(school)
    self_reports.respond(school, all_right(found), found.sha256, actor="luzhi")
    near = sorted(remind(10))
    assert near == sorted(f"confirm_near {uscc}" for uscc in (WEICHENG, NANJING))
    assert remind(13) == []
    late = remind(16)
    assert f"confirm_over {LUZHI}" not in late
    assert f"confirm_over {NANJING}" in late
    assert "2026Q2 320104" in late
    assert remind(17) == []
    kinds = [row.kind for row in rows(school, select(message).where(message.c.institution_id == 1))]
    assert [kind for kind in kinds if kind.startswith("confirm")] == ["confirm_asked"]


def test_an_office_that_began_after_the_day_tells_nobody_to_be_late(school):
    with clock.fixed(NOW.replace(day=16)):
        assert remind_of_rounds(school, clock.today()).confirmations == []
        with school.database.reading() as tx:
            assert self_reports.count_late(school, tx, NATIONWIDE, clock.today()) == 0
    with clock.fixed(NOW.replace(month=10, day=8)):  # of the next quarter it asks in time
        asked = remind_of_rounds(school, clock.today()).confirmations
    assert {each.partition(" ")[0] for each in asked} == {"confirm_asked"}


def test_commands_and_the_api_read_alike(school, tmp_path, as_user):
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")

    def run(person, *words, code=0):
        config = ["--config", str(tmp_path / "feewatch.toml"), "--as", person, "selfreport"]
        done = CliRunner().invoke(main, [*config, *words])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    def valid(answer, schema):
        schema = description()["components"]["schemas"][schema]
        Draft202012Validator(schema | {"components": description()["components"]}).validate(answer)
        return answer

    form = valid(json.loads(run("luzhi", "form")), "OwnConfirmation")
    answer = {
        "seen": form["seen"],
        "lines": {each["line"]: {"answer": "right"} for each in form["lines"]},
    }
    answer["lines"]["missing"] = {"answer": "differs", "words": "另有一个结算账户"}
    (tmp_path / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    key = run("luzhi", "answer", str(tmp_path / "answer.json")).strip()
    (tmp_path / "broken.json").write_text("[]", encoding="utf-8")
    assert "CONFIRMATION-BODY" in run("luzhi", "answer", str(tmp_path / "broken.json"), code=1)
    shown = valid(json.loads(run("officer", "show", key)), "Confirmation")
    officer = as_user("officer")
    assert officer.get(f"/api/v1/self-reports/{key}").json == shown
    listed = [json.loads(line) for line in run("officer", "list", "--json").splitlines()]
    assert officer.get("/api/v1/self-reports").json["items"] == listed
    assert valid(listed[0], "AskedToConfirm")["state"] == "differs"


def test_a_program_of_an_institution_confirms_for_it_alone(school, visitor, as_user):
    with school.database.transaction() as tx:
        users.add(tx, "machine", "api", None, 1, "x")

    def ask(method, name="machine", scopes=("read", "hand-in"), **body):
        word = issue_token(school, name, actor="x", scopes=list(scopes))
        headers = {"Authorization": f"Bearer {word}"}
        answer = visitor.open("/api/v1/own-self-report", method=method, headers=headers, **body)
        return answer.status_code, answer.json

    status, form = ask("GET")
    assert (status, form["answered"], form["quarter"]) == (200, False, "2026Q2")
    assert ask("GET", "program")[0] == 404  # it is of no institution
    assert as_user("officer").get("/api/v1/own-self-report").status_code == 403
    assert as_user("luzhi").get("/api/v1/own-self-report").status_code == 403
    body = {"seen": form["seen"], "lines": {}}
    assert ask("POST", json=body, scopes=["read"])[0] == 403
    assert ask("POST", json=body)[1]["code"] == "CONFIRMATION-LINE"
    assert ask("POST", json=body | {"lines": {"claims": "right"}})[1]["code"] == "CONFIRMATION-BODY"
    body["lines"] = {each["line"]: {"answer": "right"} for each in form["lines"]}
    status, told = ask("POST", json=body)
    assert (status, told["answered"]) == (201, True)
    assert {line["answer"] for line in told["said"]} == {"right"}
    assert ask("POST", json=body)[0] == 409


@NEEDS_CHROMIUM
def test_an_institution_confirms_on_one_page_and_the_office_reads_what_differs(
    school, address, browser
):
    person = Visit(browser, address, "luzhi", width=360)
    person.go("/own/")
    turn(person.page, "main a:has-text('季度核对')")
    page = person.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for radio in page.locator("input[value=right]").all():
        radio.check()
    course_line = page.locator("fieldset", has_text="课程").filter(has_text="舞蹈")
    course_line.locator("input[value=differs]").check()
    course_line.locator("summary").click()
    course_line.locator("select").select_option(PRICE)
    course_line.locator("input[type=text], input:not([type])").last.fill("68.50")
    turn(page, "main form button.btn-primary")
    assert "已核对" in person.text()
    assert "68.50" in person.text()
    person.leave()

    officer = Visit(browser, address, "officer")
    officer.go("/desk/self-reports/")
    turn(officer.page, "main td a:has-text('有不符')")
    turn(officer.page, "main a:has-text('提请')")
    assert "68.50 元" in officer.text()
    officer.leave()
