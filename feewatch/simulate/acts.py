"""What the people of a simulated office do, each act through the services that serve everybody."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import fixed
from feewatch.kernel.days import Day, date_of, day_of
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import Scope
from feewatch.publication.signing import SigningKey
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists import decisions
from feewatch.services.lists.decision_corrections import ask_correction, confirm_correction
from feewatch.services.lists.decision_papers import DecisionPapers, read_papers
from feewatch.services.lists.decisions import end_decision, propose
from feewatch.services.lists.grade_pages import list_grades
from feewatch.services.lists.grade_steps import confirm_grade, set_grade, tell_drafts
from feewatch.services.lists.grading import compute
from feewatch.services.lists.holds import decide_hold, list_holds
from feewatch.services.lists.keys import rotate_key
from feewatch.services.lists.publication import publish_given
from feewatch.services.lists.revocation import revoke_key
from feewatch.services.lists.second_words import give_second_word, list_waiting
from feewatch.simulate.hearings import AFTER_PROPOSAL
from feewatch.simulate.office import ELSEWHERE
from feewatch.simulate.parties import Parties
from feewatch.simulate.plan import LAW, GradeRound, Matter, Plan, School, at_hour

#: What a clerical error reads and how it should.
SLIP, CORRECTED = "第五条", "第六条"


class HoldWord(NamedTuple):
    """What an officer said of a hold, and when."""

    moment: dt.datetime
    uscc: str
    since: Day
    word: str


class Desk:
    """The people of the office, who do what is due and note what came of it."""

    def __init__(self, app: App, plan: Plan) -> None:
        self.app, self.plan = app, plan
        self._agenda: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._order = count()
        self.words: list[HoldWord] = []
        #: By credit code and year the grade that two persons set.
        self.grades: dict[tuple[str, int], str] = {}
        #: When two persons agreed that a large share of a list of a district leaves.
        self.agreed: list[tuple[dt.datetime, str]] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # bad attempts by the code of the refusal
        self.unexpected: list[str] = []  # good acts refused, bad ones let pass
        self.parties = Parties(self)
        for matter in plan.matters:
            self._arrange(matter)
            self.parties.arrange(matter)
        for moment in plan.rotations:
            self.at(moment, self._rotate)
        self.thief: SigningKey | None = None
        self.at(plan.theft.at, self._steal)
        self.at(plan.theft.noticed, self._notice)
        for graded in plan.rounds:
            self.at(graded.told, partial(self._tell_grades, graded))
            self.at(graded.set_at, partial(self._set_grades, graded))

    def work_until(self, moment: dt.datetime) -> None:
        """Do everything that is due before a moment, in order."""
        while self._agenda and self._agenda[0][0] < moment:
            due, _, act = heapq.heappop(self._agenda)
            with fixed(due):
                act()

    def look_at_holds(self, day: Day) -> None:
        """Officers say their word on the holds that they have looked at long enough."""
        moment = at_hour(day, 11)
        with fixed(moment):
            for row in list_holds(self.app, Scope()):
                school = self.plan.by_uscc[row["uscc"]]
                ready = day - row["since"] >= school.word_after
                if row["outcome"] or school.word == "none" or not ready:
                    continue
                self.good("hold", partial(self._say, school))
                self.words.append(HoldWord(moment, school.uscc, row["since"], school.word))

    def _say(self, school: School) -> object:
        return decide_hold(self.app, school.uscc, school.word, actor="officer", reason="核实后决定")

    def at(self, moment: dt.datetime, act: Callable[[], None]) -> None:
        """Let something be done at a moment."""
        heapq.heappush(self._agenda, (moment, next(self._order), act))

    def _arrange(self, matter: Matter) -> None:
        self.at(matter.proposed, lambda: self._propose(matter))
        self.at(matter.reviewed, lambda: self._review(matter))
        if matter.approved is not None:
            self.at(matter.approved, lambda: self._approve(matter))
        if matter.corrected is not None and (
            matter.ended is None or matter.corrected < matter.ended
        ):
            self.at(matter.corrected, lambda: self._correct(matter))
        if matter.ended is not None:
            self.at(matter.ended, lambda: self._end(matter))

    def _propose(self, matter: Matter) -> None:
        if matter.bad in _BAD_FORMS:
            self.bad(lambda: self._hand_in(matter, _BAD_FORMS[matter.bad](matter)))
        if matter.bad == "no-record":
            form = form_of(matter)
            document = read_voucher("决定书.pdf", b"%PDF-1.7 decision")
            self.bad(lambda: propose(self.app, form, read_papers(document, None), actor="officer"))
        if matter.bad == "stranger":
            self.bad(lambda: self._hand_in(matter, {}, actor="stranger"))
        self.good("propose", lambda: self._hand_in(matter, {}))
        if matter.course.name in AFTER_PROPOSAL:  # the defence waits
            self.bad(lambda: self._take(decisions.review, matter, "reviewer"))
        if matter.bad == "approve-unreviewed":
            self.bad(lambda: self._take(decisions.approve, matter, "publisher"))
        if matter.bad == "proposer-reviews":
            self.bad(lambda: self._take(decisions.review, matter, "officer"))

    def _review(self, matter: Matter) -> None:
        if matter.course.name == "upheld":
            self.bad(lambda: self._take(decisions.review, matter, "reviewer"))
        if matter.approved is None:
            self.good("refuse", lambda: self._take(decisions.refuse, matter, "reviewer"))
            return
        self.good("review", lambda: self._take(decisions.review, matter, "reviewer"))
        if matter.bad == "reviewer-approves":
            self.bad(lambda: self._take(decisions.approve, matter, "reviewer"))
        if matter.bad == "elsewhere":
            self.bad(lambda: self._take(decisions.approve, matter, ELSEWHERE))

    def _approve(self, matter: Matter) -> None:
        self.good("approve", lambda: self._take(decisions.approve, matter, "publisher"))
        on = day_of(matter.approved.date()) if matter.approved else 0
        if matter.bad == "repair-early" and on < matter.repairable:
            self.bad(lambda: self._finish(matter, "repaired", on))
        if matter.bad == "no-number":
            self.bad(lambda: self._finish(matter, "repaired", matter.last_day, number=""))

    def _correct(self, matter: Matter) -> None:
        def ask() -> object:
            return ask_correction(
                self.app, matter.document, {"basis.clause": CORRECTED}, actor="officer",
                reason="笔误",
            )  # fmt: skip

        def confirm(actor: str) -> object:
            return confirm_correction(self.app, matter.document, actor=actor, reason="核对原件")

        self.good("correct", ask)
        if matter.bad == "alone-corrects":
            self.bad(lambda: confirm("officer"))
        self.good("confirm", lambda: confirm("second-officer"))

    def _end(self, matter: Matter) -> None:
        assert matter.ended is not None
        on = day_of(matter.ended.date())
        self.good(matter.ending, lambda: self._finish(matter, matter.ending, on))
        if matter.again:
            self.good("propose again", lambda: self._hand_in(matter, {}))

    def _rotate(self) -> None:
        self.good("rotate", lambda: rotate_key(self.app, actor="administrator"))

    def _steal(self) -> None:
        self.thief = SigningKey((self.app.keys / "signing.pem").read_bytes())

    def _notice(self) -> None:
        """The office turns its key where that did not happen yet, and revokes the stolen one."""
        assert self.thief is not None
        if SigningKey((self.app.keys / "signing.pem").read_bytes()).id == self.thief.id:
            self._rotate()
        stolen = self.thief.id
        self.bad(lambda: revoke_key(self.app, stolen, reason="被盗", actor="officer"))
        self.good(
            "revoke key",
            lambda: revoke_key(self.app, stolen, reason="被盗", actor="administrator"),
        )

    def say_second_words(self, day: Day) -> None:
        """Two persons agree to what would leave a list in a large share, and it goes out."""
        with self.app.database.reading() as tx:
            waiting = list_waiting(tx, Scope())
        for row in waiting:
            place, first, moment = row["district"], row["first_by"], at_hour(day, 11)
            with fixed(moment):
                self.bad(partial(self._agree, place, "officer"))
                if first is None:  # the clock asked
                    first = "publisher"
                    self.good("first word", partial(self._agree, place, first))
                self.bad(partial(self._agree, place, first))
                second = next(name for name in ("reviewer", "publisher") if name != first)
                self.good("second word", partial(self._agree, place, second))
                self.agreed.append((moment, place))
                publish_given(self.app, day, actor=second, district=place)

    def _agree(self, place: str, actor: str) -> object:
        return give_second_word(self.app, actor=actor, reason="逐家核对", district=place)

    def _tell_grades(self, graded: GradeRound) -> None:
        year, codes = str(graded.year), [school.uscc for school in graded.schools]
        self.good("grades computed", lambda: compute(self.app, year, actor="officer"))
        self.good("grades told", lambda: tell_drafts(self.app, year, codes, actor="officer"))
        self.bad(lambda: set_grade(self.app, codes[0], year, "A", "x", actor="officer"))

    def _set_grades(self, graded: GradeRound) -> None:
        year = str(graded.year)
        sheets = list_grades(self.app, Scope(), period=year)
        computed = {row.grade["uscc"]: row.grade["computed"] for row in sheets}
        for school in graded.schools:
            grade = computed[school.uscc]
            if grade is None:  # facts are missing: nobody is graded
                continue
            self._grade(school.uscc, graded.year, grade)

    def _grade(self, uscc: str, year: int, grade: str) -> None:
        app, name = self.app, str(year)
        self.good(
            "grade set", lambda: set_grade(app, uscc, name, grade, "依据评分", actor="officer")
        )
        if grade == "A":  # leads to a list: a second person
            self.bad(lambda: confirm_grade(app, uscc, name, "同意", accept=True, actor="officer"))
            self.good(
                "grade confirmed",
                lambda: confirm_grade(app, uscc, name, "同意", accept=True, actor="reviewer"),
            )
        self.grades[uscc, year] = grade

    def _hand_in(self, matter: Matter, changes: dict[str, Any], actor: str = "officer") -> object:
        form = {key: value for key, value in (form_of(matter) | changes).items() if value != ""}
        papers = DecisionPapers(
            read_voucher("决定书.pdf", f"%PDF-1.7 decision {matter.number}".encode()),
            read_voucher("送达回证.pdf", f"%PDF-1.7 record {matter.number}".encode()),
        )
        return propose(self.app, form, papers, actor=actor)

    def _take(self, step: decisions.Take, matter: Matter, actor: str) -> object:
        return step(self.app, matter.document, actor=actor, reason="依法办理")

    def _finish(self, matter: Matter, status: str, on: Day, number: str = "XYXF-1") -> object:
        return end_decision(
            self.app, matter.document, status, on=on, reason="依法办理", actor="publisher",
            repair_number=number if status == "repaired" else "",
        )  # fmt: skip

    def good(self, name: str, act: Callable[[], object]) -> bool:
        """Do what must be let pass; whether it was."""
        try:
            act()
        except Refusal as refusal:
            self.unexpected.append(f"{name}: {refusal.code} {refusal.text.en}")
            return False
        self.done[name] += 1
        return True

    def bad(self, act: Callable[[], object]) -> None:
        """Try what must be refused."""
        try:
            act()
        except Refusal as refusal:
            self.refused[refusal.code] += 1
        else:
            self.unexpected.append("a bad attempt was let pass")


def form_of(matter: Matter) -> dict[str, Any]:
    """What an officer fills in."""
    form = {
        "list": matter.list, "uscc": matter.school.uscc, "name": matter.school.name,
        "district": matter.school.district, "document": matter.document,
        "date": date_of(matter.decided_on), "authority": "示例市教育局",
        "notice_served_on": date_of(matter.served_on), "objection_until": date_of(matter.until),
        "defence": "none", "hearing": "none", "sanctions": [matter.sanction],
        "reasons": ["not_rectified"],
        "basis": {"document": LAW, "level": "local_regulation", "clause": SLIP},
    }  # fmt: skip
    if matter.number % 3 == 0:
        form |= {"defence": "answered", "defence_answered_on": date_of(matter.until)}
    if matter.notice:  # what is on record of it says how it was answered
        form["advance_notice"] = matter.notice
    if matter.necessary:
        form["why_necessary"] = "涉及众多家长，确需公示"
    return form


#: What is wrong with a form, by the name of the attempt.
_BAD_FORMS: dict[str, Callable[[Matter], dict[str, Any]]] = {
    "natural-person": lambda matter: {"name": matter.school.head},
    "phone": lambda _: {"why_necessary": "请致电13800138000"},
    "future": lambda matter: {"date": date_of(matter.decided_on + 400)},
    "short-window": lambda matter: {"objection_until": date_of(matter.served_on + 2)},
    "notice-after": lambda matter: {"notice_served_on": date_of(matter.decided_on)},
    "class-typed": lambda _: {"class": "minor"},
    "name-differs": lambda matter: {"name": matter.school.name + "分校"},
    "notice-unnamed": lambda _: {"advance_notice": ""},
}
