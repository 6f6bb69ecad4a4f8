"""What the institutions of a simulation do, and how the office answers them."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Protocol

from feewatch.bootstrap import App
from feewatch.kernel.days import date_of, day_of
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.lists.advance_notices import put_on_file, read_notice_papers
from feewatch.services.lists.decision_objections import answer, object_to, withdraw
from feewatch.services.lists.decision_pages import find_key
from feewatch.simulate.hearings import HEARING, Answer, Said
from feewatch.simulate.office import ELSEWHERE, OUTSIDER, party_of
from feewatch.simulate.plan import LAW, OFFICE, Matter, Plan
from feewatch.store.lists.objections import About


class Agenda(Protocol):
    """The desk as parties know it: what is done when, and whether it ought to be let pass."""

    app: App
    plan: Plan

    def at(self, moment: dt.datetime, act: Callable[[], None]) -> None:
        """Let something be done at a moment."""

    def good(self, name: str, act: Callable[[], object]) -> bool:
        """Do what must be let pass; whether it was."""

    def bad(self, act: Callable[[], object]) -> None:
        """Try what must be refused."""


class Parties:
    """Institutions with a log-in, to whom notices are served."""

    def __init__(self, desk: Agenda) -> None:
        self._desk, self._app = desk, desk.app
        self._notices: dict[int, int] = {}
        #: What was said, under its key on record.
        self.said: dict[int, Said] = {}
        #: By matter the moment at which nothing was left to answer of what was said in time.
        self.heard: dict[int, dt.datetime] = {}

    def arrange(self, matter: Matter) -> None:
        """Put on the agenda all that is said of a matter, and the answers."""
        if matter.notice:
            served = dt.datetime.combine(
                date_of(matter.served_on), dt.time(10), matter.proposed.tzinfo
            )
            self._desk.at(served, partial(self._serve, matter))
        for said in matter.said:
            self._desk.at(said.recorded, partial(self._say, matter, said))

    def _serve(self, matter: Matter) -> None:
        papers = read_notice_papers(
            read_voucher("告知书.pdf", f"%PDF-1.7 notice {matter.number}".encode()),
            read_voucher("送达回证.pdf", f"%PDF-1.7 served {matter.number}".encode()),
        )

        def put() -> None:
            form = notice_of(matter)
            self._notices[matter.number] = put_on_file(self._app, form, papers, actor="officer")

        self._desk.good("notice", put)

    def _say(self, matter: Matter, said: Said) -> None:
        about = self._about(matter, said)
        actor = "second-officer" if said.on_paper else party_of(matter.school)
        received = day_of(said.made.date()) if said.on_paper else None
        if matter.bad == "party-elsewhere" and matter.school != self._desk.plan.schools[0]:
            self._desk.bad(lambda: object_to(self._app, about, said.kind, "不实", actor=OUTSIDER))

        def put() -> None:
            key = object_to(
                self._app, about, said.kind, "事实不清", actor=actor, received_on=received
            )
            self.said[key] = said
            self._expect(matter, said, key)

        self._desk.good(said.kind + (" late" if said.is_late else ""), put)

    def _about(self, matter: Matter, said: Said) -> About:
        if said in matter.course.said:
            return About(self._notices[matter.number])
        return About(decision_id=find_key(self._app, matter.document))

    def _expect(self, matter: Matter, said: Said, key: int) -> None:
        if said.withdrawn is not None:
            self._desk.at(said.withdrawn, partial(self._take_back, matter, key))
        for given in said.answers:
            self._desk.at(given.at, partial(self._answer, matter, said, key, given))

    def _take_back(self, matter: Matter, key: int) -> None:
        actor = party_of(matter.school)
        done = lambda: withdraw(self._app, key, actor=actor, reason="不再申辩")  # noqa: E731
        if self._desk.good("withdrawn", done):
            self.heard[matter.number] = self.said[key].withdrawn or self.said[key].made

    def _answer(self, matter: Matter, said: Said, key: int, given: Answer) -> None:
        def give(outcome: str, actor: str) -> None:
            answer(
                self._app, key, outcome, "已核实", actor=actor,
                hearing_on=given.hearing_on if outcome == "granted" else None,
            )  # fmt: skip

        if given.outcome == "granted":  # the notice told of the right to it
            self._desk.bad(lambda: give("rejected", "officer"))
        if given.outcome == "held":  # not by who served the notice
            self._desk.bad(lambda: give("held", "officer"))
        actor = "second-officer" if given.outcome == "held" else "officer"
        self._desk.bad(lambda: give(given.outcome, ELSEWHERE))
        name = f"{said.kind if said.kind == HEARING else 'answer'} {given.outcome}"
        is_done = self._desk.good(name, lambda: give(given.outcome, actor))
        if is_done and given.outcome == "granted":
            self._desk.bad(lambda: give("held", "second-officer"))  # before its day
        elif is_done and said in matter.course.said and not said.is_late:
            self.heard[matter.number] = given.at


def notice_of(matter: Matter) -> dict[str, object]:
    """What an officer fills in of a notice that was served."""
    return {
        "uscc": matter.school.uscc, "number": matter.notice, "authority": OFFICE,
        "served_on": date_of(matter.served_on), "way": "direct",
        "defend_until": date_of(matter.until), "sanctions": [matter.sanction],
        "facts": "未按要求整改",
        "basis": {"document": LAW, "level": "local_regulation", "clause": "第五条"},
    }  # fmt: skip
