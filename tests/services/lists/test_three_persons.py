"""No two persons, whatever they do, and no computation put a name on a black list.

Random commands, pages and API calls by an officer and one other, and random results of the engine;
after each the lists are composed and read. ``-m long`` goes further.
"""

import contextlib
import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists import advance_notices
from feewatch.services.lists.decision_corrections import ask_correction, confirm_correction
from feewatch.services.lists.decision_objections import answer, object_to
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import approve, end_decision, propose, refuse, review
from feewatch.services.people import sessions
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.lists.objections import About
from feewatch.store.people.users import find_by_name
from feewatch.web.site import create_app

NOW = dt.datetime(2026, 7, 31, 10, 0, tzinfo=clock.SHANGHAI)
JULY = parse_day("2026-07-31")
BLACKS = ("black", "credit_black")
STEPS = {"review": review, "approve": approve, "refuse": refuse}
ENDINGS = ("changed", "revoked", "void")
OUTCOMES = ("compliant", "breach", "undetermined")
HOW = st.sampled_from(("command", "api", "page"))
ALL = list(HealthCheck)


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
        self.number = 0

    def teardown(self):
        self.now.__exit__(None, None, None)

    def attempt(self, act):
        """Try it; a refusal changes nothing."""
        with contextlib.suppress(Refusal):
            act()

    def send(self, person, how, path, body):
        """The same by the API, or by the page of a browser."""
        client = self.site.test_client()
        if how == "api":
            word = issue_token(self.town.app, person, actor="x")
            head = {"Authorization": f"Bearer {word}"}
            status = client.post(f"/api/v1{path}", json=body, headers=head).status_code
        else:
            with self.town.app.database.reading() as tx:
                user = find_by_name(tx, person)
            with client.session_transaction() as session:
                browser = sessions.Caller("127.0.0.1", "Chrome")
                session["word"] = sessions.begin(self.town.app, user, browser, factor="password")
            status = client.post(f"/desk{path.removesuffix('/steps')}", data=body).status_code
        assert status < 500, (person, how, path, status)

    @rule(
        who=st.integers(0, 1), institution=st.integers(0, 2), black=st.sampled_from(BLACKS),
        imported=st.booleans(),
    )  # fmt: skip
    def proposes(self, who, institution, black, imported):
        self.number += 1
        paper = read_voucher("a.pdf", b"%PDF-1.7 a")
        form = self.town.form(institution, list=black, document=f"教罚字〔2026〕第{self.number}号")
        papers = DecisionPapers(paper, paper)
        self.attempt(
            lambda: propose(self.town.app, form, papers, actor=self.people[who], imported=imported)
        )

    @rule(who=st.integers(0, 1), number=st.integers(1, 4), step=st.sampled_from([*STEPS]), how=HOW)
    def steps(self, who, number, step, how):
        person, body = self.people[who], {"step": step, "reason": "合法"}
        if how == "command":
            document = f"教罚字〔2026〕第{number}号"
            take = STEPS[step]
            self.attempt(lambda: take(self.town.app, document, actor=person, reason="合法"))
        else:
            self.send(person, how, f"/decisions/{number}/steps", body)

    @rule(who=st.integers(0, 1), number=st.integers(1, 4), accept=st.booleans())
    def corrects(self, who, number, accept):
        app, actor, document = self.town.app, self.people[who], f"教罚字〔2026〕第{number}号"
        changes = {"date": "2026-06-02"}
        self.attempt(lambda: ask_correction(app, document, changes, actor=actor, reason="笔误"))
        self.attempt(
            lambda: confirm_correction(app, document, actor=actor, reason="属实", accept=accept)
        )

    @rule(
        who=st.integers(0, 1), number=st.integers(1, 4), status=st.sampled_from(("revoked", "void"))
    )
    def ends(self, who, number, status):
        self.attempt(
            lambda: end_decision(
                self.town.app,
                f"教罚字〔2026〕第{number}号",
                status,
                on=JULY,
                reason="x",
                actor=self.people[who],
            )
        )

    @rule(who=st.integers(0, 1), institution=st.integers(0, 2))
    def serves_a_notice_and_answers_it(self, who, institution):
        app, actor = self.town.app, self.people[who]
        paper = read_voucher("a.pdf", b"%PDF-1.7 a")
        form = {
            "uscc": self.town.uscc(institution), "number": f"教罚告字〔2026〕第{institution}号",
            "authority": app.config.office.name, "served_on": "2026-07-01", "way": "direct",
            "facts": "超期收费", "sanctions": ["licence_revoked"],
            "basis": {"document": "办法", "level": "rule", "clause": "第二条"},
        }  # fmt: skip
        papers = advance_notices.read_notice_papers(paper, paper)
        self.attempt(lambda: advance_notices.put_on_file(app, form, papers, actor=actor))
        self.attempt(lambda: object_to(app, About(1), "defence", "x", actor=actor))
        self.attempt(lambda: answer(app, 1, "rejected", "x", actor=actor))

    @rule(institution=st.integers(0, 2), outcome=st.sampled_from(OUTCOMES))
    def the_engine_computes(self, institution, outcome):
        key = institution + 1
        self.town.outcomes[key] = {"BAL-COVER": outcome}
        if outcome == "breach" and not self.town.app_has_alert:
            self.town.app_has_alert = True
            self.town.add_alert(key)

    @invariant()
    def nobody_is_on_a_black_list(self):
        for published in self.town.publish(JULY, dry_run=True):
            lists = published.document["lists"]
            assert [name for name in BLACKS if lists.get(name)] == [], json.dumps(lists)


def machine(build_town, folder, people):
    """The machine of two persons, each run in a town of its own."""
    count = iter(range(10**6))

    def build():
        town = build_town(folder / str(next(count)))
        for number in range(3):
            town.add(number)
        town.app_has_alert = False
        return town

    return type("Two", (FewerThanThree,), {"build": staticmethod(build), "people": people})


PAIRS = [("li", "zhao"), ("li", "wang"), ("zhao", "wang")]


@pytest.mark.parametrize("people", PAIRS, ids="-".join)
def test_two_persons_put_nobody_on_a_black_list(build_town, tmp_path, people):
    few = settings(
        max_examples=3, stateful_step_count=10, deadline=None, derandomize=True,
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


def canonical(published):
    """The lists of an edition as they stand in its signed bytes: keys sorted."""
    return json.dumps(published.document["lists"], sort_keys=True)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=ALL)
@given(st.lists(st.tuples(*[st.sampled_from(OUTCOMES)] * 3), min_size=3, max_size=3))
def test_an_unreviewed_computation_changes_no_byte_of_a_list_within_its_hold(
    build_town, tmp_path, weeks
):
    """Held from 08-03 for ten working days: editions of 08-03, 08-07 and 08-14 are as before."""
    build = machine(build_town, tmp_path / str(len([*tmp_path.iterdir()])), PAIRS[0]).build
    with clock.fixed(NOW):
        town = build()
        (before,) = town.publish(JULY)
    for day, outcomes in zip(("2026-08-03", "2026-08-07", "2026-08-14"), weeks, strict=True):
        for key, outcome in enumerate(outcomes, 1):
            town.outcomes[key] = {"BAL-COVER": outcome}
        with clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00")):
            (after,) = town.publish(parse_day(day))
        assert canonical(after) == canonical(before)
