"""No two persons, whatever they do, and no computation put a name on a black list.

An office of which three persons put one name on ``black``, left another unpublished and let a third
run out. Then two log-ins act in random order, by commands, pages and the API, in whatever roles an
administrator gives them meanwhile: proposals by the dozen under one number, imported ones, steps,
corrections, endings, re-entry, notices, imports of the register under other names, recalls,
publications, holds; and the engine says what it likes. After each the lists are read. ``-m long``
goes further.
"""

import base64
import contextlib
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from feewatch.config import ListBasis
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists import advance_notices
from feewatch.services.lists.decision_corrections import ask_correction, confirm_correction
from feewatch.services.lists.decision_objections import answer, object_to
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import approve, end_decision, propose, refuse, review
from feewatch.services.lists.holds import decide_hold
from feewatch.services.lists.publication import publish_by
from feewatch.services.lists.recalls import lift_recall, recall_edition, recall_entry
from feewatch.services.lists.second_words import give_second_word
from feewatch.services.people import sessions
from feewatch.services.people.api_tokens import issue_token
from feewatch.services.registers.importing import import_registers
from feewatch.store.lists.objections import About
from feewatch.store.people import users
from feewatch.store.people.users import find_by_name
from feewatch.store.tables import publication
from feewatch.web.site import create_app

NOW = dt.datetime(2026, 7, 31, 10, 0, tzinfo=clock.SHANGHAI)
JULY = parse_day("2026-07-31")
BLACKS = ("black", "credit_black")
STEPS = {"review": review, "approve": approve, "refuse": refuse}
ENDINGS = ("changed", "revoked", "void", "repaired")
OUTCOMES = ("compliant", "breach", "undetermined")
ROLES = ("officer", "reviewer", "publisher", "administrator", "viewer")
HOW = st.sampled_from(("command", "api", "page"))
WHO, INSTITUTION, NUMBER = st.integers(0, 1), st.integers(0, 2), st.integers(1, 6)
ALL = list(HealthCheck)
PDF = b"%PDF-1.7 a"
#: What two may wish to change of a decision of three: days, whom it names, why it is shown.
CHANGES = (
    {"date": "2026-06-02"}, {"date": "2026-07-30"}, {"why_necessary": "涉及众多家长"},
    {"uscc": 2, "name": "机构2"}, {"name": "机构2"}, {"name": "机构2", "former_name": True},
    {"basis.clause": "第三条"}, {"list": "credit_black"}, {"document": "教罚字〔2026〕第4号"},
    {"district": "370703"}, {"objection_until": "2026-05-20"},
)  # fmt: skip
#: Whom three persons put on ``black``; the others are on none.
GIVEN = {("black", "机构0")}


def number_of(number):
    return f"教罚字〔2026〕第{number}号"


def papers():
    return DecisionPapers(read_voucher("a.pdf", PDF), read_voucher("a.pdf", PDF))


class FewerThanThree(RuleBasedStateMachine):
    """What two of the office's people try, each in every role's name that is theirs."""

    #: Set by the test: a way to a fresh town, and which two persons there are.
    build = None
    people: tuple[str, str] = ("li", "zhao")

    def __init__(self):
        super().__init__()
        self.now = clock.fixed(NOW)
        self.now.__enter__()
        self.town = type(self).build()
        self.site = create_app(self.town.app)
        self.site.testing = False
        self.site.config["WTF_CSRF_ENABLED"] = False

    def teardown(self):
        self.now.__exit__(None, None, None)

    def attempt(self, act):
        """Try it; a refusal changes nothing."""
        with contextlib.suppress(Refusal):
            act()

    def send(self, person, how, path, body):
        """The same by the API, or by the page of a browser."""
        client = self.site.test_client()
        with self.town.app.database.reading() as tx:
            user = find_by_name(tx, person)
        if how == "api":
            try:
                word = issue_token(self.town.app, person, actor="x")
            except Refusal:  # of a role that has none
                return
            head = {"Authorization": f"Bearer {word}"}
            status = client.post(f"/api/v1{path}", json=body, headers=head).status_code
        else:
            with client.session_transaction() as session:
                browser = sessions.Caller("127.0.0.1", "Chrome")
                session["word"] = sessions.begin(self.town.app, user, browser, factor="password")
            status = client.post(f"/desk{path}", data=body).status_code
        assert status < 500, (person, how, path, status)

    @rule(
        who=WHO, institution=INSTITUTION, number=NUMBER, black=st.sampled_from(BLACKS),
        imported=st.booleans(), how=HOW,
    )  # fmt: skip
    def proposes(self, who, institution, number, black, imported, how):
        """Several under one number are reviewed and approved in one act."""
        form = self.town.form(institution, list=black, document=number_of(number))
        person = self.people[who]
        if how == "command":
            self.attempt(
                lambda: propose(self.town.app, form, papers(), actor=person, imported=imported)
            )
        elif how == "api":
            paper = {"name": "a.pdf", "content": base64.b64encode(PDF).decode()}
            body = form | {"file": paper, "notice_record": paper, "imported": imported}
            body = json.loads(json.dumps(body, default=str))
            self.send(person, how, "/decisions", body)
        else:
            flat = {key: str(value) for key, value in form.items() if isinstance(value, str)}
            days = {key: value for key, value in form.items() if isinstance(value, dt.date)}
            basis = {f"basis_{key}": value for key, value in form["basis"].items()}
            files = {name: (io.BytesIO(PDF), "a.pdf") for name in ("file", "notice_record")}
            lists = {name: form[name] for name in ("sanctions", "reasons")}
            flag = {"imported": "1"} if imported else {}
            parts = flat | days | basis | files | lists | flag
            self.send(person, how, "/decisions/new", parts)

    @rule(who=WHO, number=NUMBER, step=st.sampled_from([*STEPS]), how=HOW)
    def steps(self, who, number, step, how):
        person, body = self.people[who], {"step": step, "reason": "合法"}
        if how == "command":
            take = STEPS[step]
            self.attempt(
                lambda: take(self.town.app, number_of(number), actor=person, reason="合法")
            )
        else:
            tail = "/steps" if how == "api" else ""
            self.send(person, how, f"/decisions/{number}{tail}", body)

    @rule(who=WHO, number=NUMBER, changes=st.sampled_from(CHANGES), how=HOW)
    def asks_for_a_correction(self, who, number, changes, how):
        changes = {k: self.town.uscc(v) if k == "uscc" else v for k, v in changes.items()}
        app, person = self.town.app, self.people[who]
        if how == "command":
            self.attempt(
                lambda: ask_correction(app, number_of(number), changes, actor=person, reason="笔误")
            )
        elif how == "api":
            body = {"changes": changes, "reason": "笔误"}
            self.send(person, how, f"/decisions/{number}/corrections", body)
        else:
            field, value = next(iter(changes.items()))
            body = {"field": field, "value": str(value), "reason": "笔误"}
            self.send(person, how, f"/decisions/{number}/correction", body)

    @rule(who=WHO, number=NUMBER, accept=st.booleans(), how=HOW)
    def answers_a_correction(self, who, number, accept, how):
        app, person = self.town.app, self.people[who]
        if how == "command":
            self.attempt(
                lambda: confirm_correction(
                    app, number_of(number), actor=person, reason="属实", accept=accept
                )
            )
        elif how == "api":
            body = {"accept": accept, "reason": "属实"}
            self.send(person, how, f"/decisions/{number}/corrections/answer", body)
        else:
            step = "confirm" if accept else "decline"
            self.send(person, how, f"/decisions/{number}", {"step": step, "reason": "属实"})

    @rule(who=WHO, number=NUMBER, status=st.sampled_from(ENDINGS), how=HOW)
    def ends(self, who, number, status, how):
        app, person, document = self.town.app, self.people[who], number_of(number)
        if how == "command":
            self.attempt(
                lambda: end_decision(
                    app, document, status, on=JULY, reason="x", actor=person, repair_number="XY1"
                )
            )
        else:
            body = {"step": status, "status": status, "on": "2026-07-31", "reason": "x",
                    "repair_number": "XY1"}  # fmt: skip
            tail = "/ending" if how == "api" else ""
            self.send(person, how, f"/decisions/{number}{tail}", body)

    @rule(who=WHO, institution=INSTITUTION)
    def serves_a_notice_and_answers_it(self, who, institution):
        app, actor = self.town.app, self.people[who]
        paper = read_voucher("a.pdf", PDF)
        form = {
            "uscc": self.town.uscc(institution), "number": f"教罚告字〔2026〕第{institution}号",
            "authority": app.config.office.name, "served_on": "2026-07-01", "way": "direct",
            "facts": "超期收费", "sanctions": ["licence_revoked"],
            "basis": {"document": "办法", "level": "rule", "clause": "第二条"},
        }  # fmt: skip
        served = advance_notices.read_notice_papers(paper, paper)
        self.attempt(lambda: advance_notices.put_on_file(app, form, served, actor=actor))
        self.attempt(lambda: object_to(app, About(1), "defence", "x", actor=actor))
        self.attempt(lambda: answer(app, 1, "rejected", "x", actor=actor))

    @rule(who=WHO, institution=INSTITUTION, name=INSTITUTION, dated=st.booleans())
    def the_register_is_imported_under_another_name(self, who, institution, name, dated):
        since = "2026-07-01" if dated else ""
        content = (
            "uscc,name,district,subject,nature,custody,valid_from\n"
            f"{self.town.uscc(institution)},机构{name},370702,arts,for_profit,bank_custody,{since}\n"
        )
        path = Path(self.town.path) / "institutions.csv"
        path.write_text(content, encoding="utf-8")
        self.attempt(
            lambda: import_registers(
                self.town.app, "institutions", path, actor=self.people[who], skip_bad=True,
                rejects=path.parent,
            )
        )  # fmt: skip

    @rule(who=WHO, role=st.sampled_from(ROLES))
    def an_administrator_changes_a_role(self, who, role):
        with self.town.app.database.transaction() as tx:
            users.change(tx, self.people[who], by="an", role=role)

    @rule(who=WHO, black=st.sampled_from(BLACKS), institution=INSTITUTION)
    def recalls(self, who, black, institution):
        app, person = self.town.app, self.people[who]
        place = app.config.office.district
        own = {"actor": person, "reason": "x", "rule_book": lambda _: "rb1"}
        self.attempt(lambda: recall_entry(app, place, black, f"机构{institution}", **own))
        for number in (1, 2, 3):
            self.attempt(lambda number=number: recall_edition(app, place, number, **own))

    @rule(who=WHO, key=st.integers(1, 4))
    def lifts_a_recall(self, who, key):
        self.attempt(lambda: lift_recall(self.town.app, key, actor=self.people[who], reason="x"))

    @rule(who=WHO, institution=INSTITUTION, word=st.sampled_from(("keep", "remove")))
    def says_words(self, who, institution, word):
        app, person, uscc = self.town.app, self.people[who], self.town.uscc(institution)
        self.attempt(lambda: decide_hold(app, uscc, word, actor=person, reason="x"))
        self.attempt(lambda: give_second_word(app, actor=person, reason="x"))

    @rule(who=WHO)
    def publishes(self, who):
        self.attempt(
            lambda: publish_by(
                self.town.app, JULY, actor=self.people[who], findings=self.town.findings,
                rule_book=lambda _: "rb1",
            )
        )  # fmt: skip

    @rule(institution=INSTITUTION, outcome=st.sampled_from(OUTCOMES))
    def the_engine_computes(self, institution, outcome):
        key = institution + 1
        self.town.outcomes[key] = {"BAL-COVER": outcome}
        if outcome == "breach" and not self.town.app_has_alert:
            self.town.app_has_alert = True
            self.town.add_alert(key)

    @invariant()
    def only_whom_three_persons_named_is_on_a_black_list(self):
        with self.town.app.database.reading() as tx:
            columns = publication.decision.c
            query = select(columns.approved_by).where(columns.status == "in_force")
            held = {*tx.scalars(query.where(columns.name == "机构0"))}
            latest = [*tx.scalars(select(publication.edition.c.document))][-1:]
        documents = [found.document for found in self.town.publish(JULY, dry_run=True)]
        for document in [*documents, *map(json.loads, latest)]:
            lists = (document or {}).get("lists", {})
            named = {(name, row["name"]) for name in BLACKS for row in lists.get(name, ())}
            assert named <= GIVEN, json.dumps(lists, ensure_ascii=False)
            assert all(row["uscc"] == self.town.uscc(0) for row in lists.get("black", ()))
        if not held and documents[0]:  # it fell, and comes back by nobody
            assert not documents[0]["lists"].get("black")


def build_office(build_town, path):
    """Three institutions, one decision each: shown, never to be shown, and run out."""
    town = build_town(path)
    bases = [
        ListBasis(name, "山东省条例", "local_regulation", "第五条", "370000")
        for name in (*BLACKS, "credit_red")
    ]
    config = town.app.config
    published = replace(config.publication, list_basis=bases)
    town.app = replace(town.app, config=replace(config, publication=published))
    for number in range(3):
        town.add(number)
    with town.app.database.transaction() as tx:
        users.add(tx, "an", "administrator", "370702", None, "x")
    town.app_has_alert = False
    town.decide(0, document=number_of(1))
    town.decide(1, document=number_of(2), sanctions=["warning"])
    town.decide(
        2, document=number_of(3), sanctions=["warning"], why_necessary="涉及众多家长",
        date="2025-03-03", notice_served_on="2025-02-03", objection_until="2025-02-14",
    )  # fmt: skip
    town.publish(JULY)
    return town


def machine(build_town, folder, people):
    """The machine of two persons, each run in an office of its own."""
    count = iter(range(10**6))

    def build():
        return build_office(build_town, folder / str(next(count)))

    return type("Two", (FewerThanThree,), {"build": staticmethod(build), "people": people})


PAIRS = [("li", "zhao"), ("li", "wang"), ("zhao", "wang"), ("an", "li")]


@pytest.mark.parametrize("people", PAIRS, ids="-".join)
def test_two_persons_put_nobody_on_a_black_list(build_town, tmp_path, people):
    few = settings(
        max_examples=2, stateful_step_count=14, deadline=None, derandomize=True,
        suppress_health_check=ALL,
    )  # fmt: skip
    run_state_machine_as_test(machine(build_town, tmp_path, people), settings=few)


@pytest.mark.long
@pytest.mark.parametrize("people", PAIRS, ids="-".join)
def test_two_persons_put_nobody_on_a_black_list_at_length(build_town, tmp_path, people):
    many = settings(
        max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=ALL
    )
    run_state_machine_as_test(machine(build_town, tmp_path, people), settings=many)


def test_three_persons_do_so_that_the_property_can_fail(town):
    with clock.fixed(NOW):
        town.decide(1)
        (published,) = town.publish(JULY, dry_run=True)
    assert [entry["name"] for entry in published.document["lists"]["black"]] == ["机构1"]


@pytest.mark.parametrize("spoilt", ["corrections", "persons"])
def test_the_property_fails_where_the_product_lets_two_persons_do_it(
    build_town, tmp_path, monkeypatch, spoilt
):
    """Corrections that may turn a decision to another, and steps that one person takes alone."""
    module = "feewatch.services.lists"
    if spoilt == "corrections":
        for name, value in (("FIXED", frozenset()), ("_PARTY", ()), ("_OF_REGISTER", frozenset())):
            monkeypatch.setattr(f"{module}.decision_corrections.{name}", value)
    else:
        monkeypatch.setattr(f"{module}.decisions.must_be_another", lambda *_: None)
    two = machine(build_town, tmp_path, ("li", "zhao"))()
    with contextlib.ExitStack() as stack:
        stack.callback(two.teardown)
        two.only_whom_three_persons_named_is_on_a_black_list()
        if spoilt == "corrections":
            two.asks_for_a_correction(0, 1, {"uscc": 2, "name": "机构2"}, "api")
            two.answers_a_correction(1, 1, accept=True, how="page")
        else:
            two.proposes(0, 2, 5, "black", imported=False, how="page")
            two.steps(1, 5, "review", "command")
            two.an_administrator_changes_a_role(1, "publisher")
            two.steps(1, 5, "approve", "command")
        with pytest.raises(AssertionError):
            two.only_whom_three_persons_named_is_on_a_black_list()


def canonical(published):
    """The lists of an edition as they stand in its signed bytes: keys sorted."""
    return json.dumps(published.document["lists"], sort_keys=True)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=ALL)
@given(st.lists(st.tuples(*[st.sampled_from(OUTCOMES)] * 3), min_size=3, max_size=3))
def test_an_unreviewed_computation_changes_no_byte_of_a_list_within_its_hold(
    build_town, tmp_path, weeks
):
    """Held from 08-03 for ten working days: editions of 08-03, 08-07 and 08-14 are as before."""
    folder = tmp_path / str(len([*tmp_path.iterdir()]))
    with clock.fixed(NOW):
        town = build_office(build_town, folder)
        (before,) = town.publish(JULY)
    for day, outcomes in zip(("2026-08-03", "2026-08-07", "2026-08-14"), weeks, strict=True):
        for key, outcome in enumerate(outcomes, 1):
            town.outcomes[key] = {"BAL-COVER": outcome}
            if outcome == "breach" and not town.app_has_alert:
                town.app_has_alert = True
                town.add_alert(key)
        with clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00")):
            (after,) = town.publish(parse_day(day))
        assert canonical(after) == canonical(before)
