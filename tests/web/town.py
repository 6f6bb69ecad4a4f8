"""A whole demonstration and its site, made once for the tests that go through all of it."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import and_, select

from feewatch.bootstrap import App
from feewatch.casework.undertakings import Promise
from feewatch.kernel import clock
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.money import format_yuan
from feewatch.services.cases import notes, steps
from feewatch.services.cases.undertakings import undertake
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.demo import Demo, run_demo, shown_at, silent
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists import advance_notices
from feewatch.services.lists.decision_objections import answer, object_to
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import propose
from feewatch.services.people.acting import find_person
from feewatch.services.reports.issuing import issue_report
from feewatch.services.reports.period import period_of_month
from feewatch.services.rounds import self_reports
from feewatch.services.rounds.self_reports import SaidOfLine
from feewatch.services.transfers import answering, sending
from feewatch.store.lists.objections import About
from feewatch.store.tables.casework import alert, matter
from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import contract, institution
from feewatch.web.site import create_app


class Town(NamedTuple):
    """A whole demonstration and its site."""

    demo: Demo
    site: Flask

    def enter(self, role: str) -> tuple[FlaskClient, str]:
        """A browser of a person of the role, and the page on which they begin."""
        client = self.site.test_client()
        for person in self.demo.log_ins:
            if person.role == role:
                data = {"name": person.name, "password": person.password}
                return client, client.post("/account/login", data=data).headers["Location"]
        assert role == "public"
        return client, "/account/login"

    def keys(self, column) -> list:
        """All values of a column."""
        with self.demo.app.database.reading() as tx:
            return list(tx.scalars(select(column)))

    @property
    def own(self) -> str:
        """The credit code of the institution that may log in."""
        mine = select(institution.c.uscc).join(user, user.c.institution_id == institution.c.id)
        with self.demo.app.database.reading() as tx:
            return str(tx.scalar(mine.where(user.c.name == "school")))

    def alerts(self) -> list[str]:
        """The pages of all alerts."""
        return [f"/desk/alerts/{key}" for key in self.keys(alert.c.id)]


def build_town(folder: Path) -> Town:
    """The demonstration of the first seed, with a case of the institution that may log in."""
    demo = run_demo(folder / "demo", 1, silent)
    with clock.fixed(shown_at()):
        _serve_a_case(demo.app)
        _ask_for_a_correction(demo.app)
        _hand_a_case_over(demo.app)
        _issue_a_report(demo.app)
        _confirm_a_quarter(demo.app)
    _prepare_decisions(demo.app)
    site = create_app(demo.app)
    site.testing = False  # errors are answered as in production
    site.config["WTF_CSRF_ENABLED"] = False
    return Town(demo, site)


def _confirm_a_quarter(app: App) -> None:
    """The institution that may log in confirms what is held of it; the claims differ, in words."""
    own = self_reports.read_own(app, find_person(app, "school").scope)
    given = {line.id: SaidOfLine("right") for line in own.lines}
    given["claims"] = SaidOfLine("differs", "有两名学员已结课")
    self_reports.respond(app, given, own.sha256, actor="school")


def _serve_a_case(app: App) -> None:
    """A case of the institution that may log in, with all that its page can show."""
    mine = user.c.name == "school", matter.c.institution_id == user.c.institution_id
    wanted = matter.c.status == "open", and_(*mine)
    with app.database.reading() as tx:
        key = tx.scalars(select(matter.c.id).join(user, wanted[1]).where(wanted[0])).first()
    if key is None:  # the demonstration took them all
        return
    number = steps.open_case(app, [key], actor="officer", reason="核实", then="triage")
    steps.step(app, number, "notify", actor="officer", reason="限期\n整改")
    files = read_attachments([("回单.pdf", b"%PDF-1.7 receipt")])
    notes.add_note(app, number, "电话核实\n约谈", files, actor="officer")
    promise = Promise("other", clock.today() + 20, text="更换公示牌\n补签合同")
    undertake(app, number, [promise], actor="officer")


def _hand_a_case_over(app: App) -> None:
    """A case on rows of bank files that went to an authority outside, with its receipt on paper."""
    with app.database.reading() as tx:
        waits = matter.c.status == "open", matter.c.institution_id.is_not(None)
        found = select(matter.c.id, alert.c.frozen).join(alert, alert.c.matter_id == matter.c.id)
        rows = tx.execute(found.where(*waits).order_by(matter.c.id.desc())).all()
    key = next(
        row.id for row in rows if any("file_sha256" in each for each in row.frozen["evidence"])
    )
    number = steps.open_case(app, [key], actor="officer", reason="核实")
    handed = sending.send(app, number, None, actor="officer", reason="涉嫌犯罪", unit="公安局")
    (file,) = read_attachments([("回执.pdf", b"%PDF-1.7 receipt")])
    receipt = answering.Receipt("公安局经侦大队", clock.today(), "公受〔2026〕1号", file)
    answering.record_receipt(app, handed, receipt, actor="officer", reason="已签收")


def _issue_a_report(app: App) -> None:
    """The report of a month that is over."""
    officer = find_person(app, "officer")
    assert officer is not None
    issue_report(app, period_of_month(officer.scope, "2026-07"), actor="officer")


def _ask_for_a_correction(app: App) -> None:
    """The institution asks to have a contract corrected on which an alert of its rests."""
    with app.database.reading() as tx:
        mine = user.c.name == "school", alert.c.institution_id == user.c.institution_id
        wanted = and_(*mine), alert.c.subject_kind == "contract"
        held = contract.c.contract_no == alert.c.subject_id
        query = select(contract, institution.c.uscc).join_from(user, alert, wanted[0])
        query = query.join(contract, held).join(institution).where(wanted[1])
        row = tx.execute(query.order_by(contract.c.id)).mappings().first()
    person = find_person(app, "school")
    assert person is not None
    cells = {
        **{name: row[name] for name in ("contract_no", "uscc", "course_id", "student", "basis")},
        **{name: iso_or_none(row[name]) or "" for name in ("starts_on", "ends_on", "paid_on")},
        "lessons": row["lessons"] or "",
        "fee": format_yuan(row["fee_fen"] - 100),
    }
    data = "\n".join([",".join(cells), ",".join(str(cell) for cell in cells.values())])
    report = hand_in(
        app, person, "contracts", "合同.csv", data.encode(),
        reason="金额\n录入有误", voucher=read_voucher("合同.pdf", b"%PDF-1.7 contract"),
    )  # fmt: skip
    assert report.proposed == 1


def _prepare_decisions(app: App) -> None:
    """Two notices to the institution that may log in: one answered by it, one with a proposal."""
    with app.database.reading() as tx:
        mine = institution.c.id == user.c.institution_id
        query = select(institution.c.uscc).join(user, mine).where(user.c.name == "school")
        uscc = tx.scalars(query).one()
    paper = read_voucher("材料.pdf", b"%PDF-1.7 paper")
    common = {
        "uscc": uscc, "authority": app.config.office.name, "sanctions": ["confiscation"],
        "basis": {"document": "校外培训行政处罚暂行办法", "level": "rule", "clause": "第二条"},
    }  # fmt: skip
    notice = common | {"way": "direct", "facts": "一次性收取超过3个月的费用"}
    papers = advance_notices.read_notice_papers(paper, paper)
    day = shown_at().date()
    numbers = [f"示教罚告字〔2026〕第{n}号" for n in (1, 2)]
    for number, served in zip(numbers, (day - dt.timedelta(days=30), day), strict=True):
        form = notice | {"number": number, "served_on": served.isoformat()}
        with clock.fixed(dt.datetime.combine(served, dt.time(9), clock.SHANGHAI)):
            key = advance_notices.put_on_file(app, form, papers, actor="officer")
            object_to(
                app, About(key), "defence", "已退费\n请核对",
                read_attachments([("回单.pdf", paper.content)]), actor="school",
            )  # fmt: skip
    with clock.fixed(shown_at()):
        answer(app, 1, "rejected", "凭证与流水不符", actor="reviewer")
        form = common | {
            "list": "black", "document": "示教罚字〔2026〕第1号", "date": day.isoformat(),
            "advance_notice": numbers[0], "reasons": ["over_limits"],
        }  # fmt: skip
        propose(app, form, DecisionPapers(paper, None), actor="officer")
