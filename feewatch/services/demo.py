"""The demonstration: a made-up district taken through everything the product does, and compared.

Works in a folder of its own with a configuration of its own; touches no other installation.
"""

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeVar

from feewatch.bootstrap import App
from feewatch.casework.cases import STEPS
from feewatch.casework.papers import TELLING
from feewatch.config import Config, Credit, ListBasis, Office, Publication, RuleFolders, Web
from feewatch.demo.model import AS_OF, COVERED_FROM, EARLIER, Expected, PlannedCase, School
from feewatch.demo.names import PLACES
from feewatch.demo.tally import Tally, tally
from feewatch.demo.world import World, build
from feewatch.founding import initialise
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import Day, date_of, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services import demo_grades, demo_rounds
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.cases.answers import MatterAnswer, answer
from feewatch.services.cases.closing import StepGiven
from feewatch.services.cases.confirmation_papers import make_letters
from feewatch.services.cases.objections import answer_objection, object_to
from feewatch.services.cases.papers import Order
from feewatch.services.cases.papers import make as make_paper
from feewatch.services.cases.places import list_premises
from feewatch.services.cases.serving import Service, serve, serve_latest
from feewatch.services.cases.steps import open_case, step
from feewatch.services.check.checking import run_check
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.intake.confirmations import draw as draw_confirmations
from feewatch.services.intake.recording import ingest
from feewatch.services.lists.decision_papers import DecisionPapers
from feewatch.services.lists.decisions import approve, propose, review
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.services.people import passwords, users
from feewatch.services.registers.importing import import_registers
from feewatch.store.cases import matters
from feewatch.store.database import Record
from feewatch.store.pages.places import WantedPremises

Item = TypeVar("Item")
#: Shows the progress of long work: its name, its items, how many they are.
Watch = Callable[[str, Iterable[Any], int], Iterator[Any]]

ACTOR = "demo"
OFFICE = "370700"
#: A file by which a folder is known as a demonstration that may be thrown away.
_MARK = ".feewatch-demo"
_COVERED = ("contracts", "lessons")
_ROLES = {
    "viewer": "viewer",
    "officer": "officer",
    "reviewer": "reviewer",
    "publisher": "publisher",
    "jurist": "rule_editor",
    "admin": "administrator",
    "school": "institution",
    "inspector": "inspector",
    "inspector2": "inspector",
}
#: Cut-off and moment of the two editions, on a simulated clock.
_EDITIONS = (("2026-07-01", "2026-07-02"), ("2026-07-31", "2026-08-01"))
#: How far a case over the first open matter of a rule is taken.
_CASES = {
    "FEE-HOURS-60": ("triage", "notify", "start", "submit", "accept", "close", "recheck"),
    "PRICE-GUIDE": ("triage", "notify", "start", "submit", "return"),
    "DEP-MIN": ("triage", "notify", "start"),
    "REL-SYNC": ("triage", "notify", "escalate"),
    "BAL-MIN": ("triage",),
    "DATA-GAP": ("triage", "dismiss"),
}
#: Papers made after a step, beside the one that the step itself makes, and the unit they go to.
_PAPERS: dict[str, tuple[tuple[str, str], ...]] = {
    "notify": (("supervision_order", "潍坊市教育局职成科"),),
    "escalate": (("transfer_letter", "潍坊市市场监督管理局"),),
    "accept": (("closing_form", ""),),
    "recheck": (("recheck_record", ""),),
}
_CASES_FROM = "2026-08-03"


class LogIn(NamedTuple):
    """A person of the demonstration; the password is shown once and kept nowhere."""

    name: str
    role: str
    password: str


@dataclass(frozen=True)
class Demo:
    """What a demonstration came to."""

    app: App
    world: World
    log_ins: tuple[LogIn, ...]
    files: Counter[str]  # status of the bank files
    tallies: tuple[Tally, ...]  # by rule, the last one for all
    missed: tuple[Expected, ...]
    spurious: tuple[Expected, ...]
    open_matters: float  # median over the institutions that have any
    cases: tuple[str, ...]
    editions: int  # of all places together

    @property
    def is_exact(self) -> bool:
        """Whether exactly the planted breaches were found."""
        return not self.missed and not self.spurious


def run_demo(folder: Path, seed: int, watch: Watch, **size: int) -> Demo:
    """Take a district of a seed through the product.

    Raises: ConflictError where the folder holds something that is no demonstration.
    """
    _make_fresh(folder)
    world = build(seed, folder / "world", **size)
    demo_grades.write_scheme(folder)
    with fixed(_noon(AS_OF)):  # all that is on record lies before the day that is shown
        app = initialise(_config(folder))
        ensure_signing_key(app)
        _import(app, world, watch)
        log_ins = tuple(_add_users(app, world))
        files = _ingest(app, world, watch)
    early = [_open_early(app, school, planned) for school, planned in world.cases]
    with fixed(_noon(AS_OF)):
        check_and_keep(app, AS_OF, full=True)
        drawn = draw_confirmations(app, 2, actor="officer", reason="演示：随机抽取", seed="demo")
        make_letters(app, drawn, actor="officer")
    alerts_found = _found(app)
    typical = _open_matters(app)
    cases = (*early, *_work_on_cases(app), *_answer_a_case(app, world.cases[0][0].uscc))
    _decide(app, world)
    demo_rounds.make_rounds(app, [school.uscc for school in world.schools], _noon_of)
    warned = sorted({school.uscc for school in world.schools} - {world.cases[0][0].uscc})[:2]
    demo_grades.warn_before(app, [world.cases[0][0].uscc, *warned], _noon_of)
    editions = _publish(app)
    return Demo(
        app,
        world,
        log_ins,
        files,
        tuple(tally(world.expected, alerts_found)),
        tuple(sorted(world.expected - alerts_found)),
        tuple(sorted(alerts_found - world.expected)),
        typical,
        cases,
        editions,
    )


def _make_fresh(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise ConflictError(
                "DEMO-FOLDER",
                f"{folder} 中有其他内容，请先移走",
                f"{folder} holds something else: move it away first",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _config(folder: Path) -> Config:
    return Config(
        folder=folder,
        office=Office("潍坊市教育局（演示）", OFFICE),
        places={OFFICE: "潍坊市", **PLACES},
        web=Web(secure_cookies=False),
        publication=Publication(
            list_basis=[
                ListBasis(
                    "black", "山东省校外培训机构合规经营指引", "normative", "黑白名单", "370000"
                ),
                ListBasis("credit_red", "信用评价办法（演示）", "normative", "（演示）", "370000"),
            ]
        ),
        rules=RuleFolders([demo_grades.FOLDER]),
        credit=Credit(demo_grades.SCHEME),
    )


def _import(app: App, world: World, watch: Watch) -> None:
    for register in watch("登记导入 / registers", world.registers, len(world.registers)):
        covers = (COVERED_FROM, AS_OF) if register.kind in _COVERED else None
        report = import_registers(
            app, register.kind, register.path, actor=ACTOR, covers=covers, as_of=AS_OF
        )
        if report.refused:
            raise InvalidInputError(
                "DEMO-REGISTER",
                f"{report.file}:{report.problems[0].message.zh}",
                f"{report.file}: {report.problems[0].message.en}",
            )


def _add_users(app: App, world: World) -> Iterator[LogIn]:
    for name, role in _ROLES.items():
        uscc = world.cases[0][0].uscc if role == "institution" else None
        log_in = LogIn(name, role, passwords.random_password())
        users.add_user(app, name, role, password=log_in.password, uscc=uscc, actor=ACTOR)
        yield log_in


def _ingest(app: App, world: World, watch: Watch) -> Counter[str]:
    own_word = world.statements.parent / "own-word"
    folders = [(world.statements, ACTOR), *_own_folders(app, own_word)]
    count = sum(1 for folder, _ in folders for each in folder.rglob("*") if each.is_file())
    outcomes = chain.from_iterable(ingest(app, [folder], actor=name) for folder, name in folders)
    return Counter(outcome.status for outcome in watch("对账单读取 / statements", outcomes, count))


def _own_folders(app: App, folder: Path) -> Iterator[tuple[Path, str]]:
    """What institutions hand in by themselves, each by a person of its own."""
    places = sorted(folder.iterdir()) if folder.is_dir() else []
    for number, place in enumerate(places, 1):
        name, password = f"accountant{number}", passwords.random_password()
        users.add_user(app, name, "institution", password=password, uscc=place.name, actor=ACTOR)
        yield place, name


def _found(app: App) -> frozenset[Expected]:
    return frozenset(
        Expected(
            alert["rule"], alert["uscc"], alert["subject"]["kind"], alert["subject"]["id"],
            alert["on"],
        )
        for alert in list_alerts(app, status=None, rule=None, uscc=None)
    )  # fmt: skip


def _open_matters(app: App) -> float:
    rows = _open_rows(app)
    return float(median(Counter(row["uscc"] for row in rows if row["uscc"]).values() or [0]))


def _open_early(app: App, school: School, planned: PlannedCase) -> str:
    """The number of a case that the office opens a month before, and to which nobody answers."""
    with fixed(_noon(EARLIER)):
        run_check(app, EARLIER, uscc=school.uscc)
    on = EARLIER + 1
    matter = next(row for row in _open_rows(app, school.uscc) if row["rule"] == planned.rule)
    with fixed(_noon(on)):
        number = open_case(app, [matter["id"]], actor="officer", reason="演示：核查线索")
        for name, deadline in (("triage", None), ("notify", planned.deadline)):
            step(
                app,
                number,
                name,
                actor="officer",
                reason=f"演示：{STEPS[name].title.zh}",
                deadline=deadline,
            )
    return number


def _open_rows(app: App, uscc: str | None = None) -> list[Record]:
    with app.database.reading() as tx:
        return matters.list_matters(tx, status="open", historic=False, uscc=uscc)


def _work_on_cases(app: App) -> Iterator[str]:
    rows = _open_rows(app)
    on = _day(_CASES_FROM)
    for rule, steps in _CASES.items():
        matter = next(row for row in rows if row["rule"] == rule)
        with fixed(_noon(on)):
            number = open_case(app, [matter["id"]], actor="officer", reason="演示：核查线索")
        for days, name in enumerate(steps, start=1):
            with fixed(_noon(on + days)):
                actor = "reviewer" if name == "close" else "officer"
                # the recheck of a demonstration follows at once; its data stay as they are
                given = (
                    StepGiven(recheck_on=on + days + 1, against_data="演示：机构已书面说明")
                    if name == "close"
                    else None
                )
                step(
                    app,
                    number,
                    name,
                    actor=actor,
                    reason=f"演示：{STEPS[name].title.zh}",
                    given=given,
                )
                _write_papers(app, number, name, on + days)
        yield number


def _answer_a_case(app: App, uscc: str) -> Iterator[str]:
    """The number of a case that the institution of the log-in answers, and objects to."""
    rows = [row for row in _open_rows(app, uscc) if not row["rule"].startswith("CASE-")][:2]
    if not rows:
        return
    on = _day(_CASES_FROM)
    with fixed(_noon(on)):
        number = open_case(
            app,
            [row["id"] for row in rows],
            actor="officer",
            reason="演示：核查线索",
            then="triage",
        )
        step(app, number, "notify", actor="officer", reason="请逐项说明情况并整改。")
        _serve_what_tells(app, number, on)
    with fixed(_noon(on + 2)):
        first = object_to(
            app, number, rows[0]["id"], "该笔款项系银行系统延迟入账，非我方原因。", actor="school"
        )
        object_to(app, number, None, "请允许延长补交材料的时间。", actor="school")
        proof = read_attachments([("整改说明.pdf", b"%PDF-1.4\n% demonstration\n%%EOF\n")])
        given = [MatterAnswer(row["id"], "rectified", "已整改，见附件。", proof) for row in rows]
        answer(app, number, given, actor="school")
    with fixed(_noon(on + 3)):
        answer_objection(
            app, number, first, "rejected", "以银行对账单记载的入账日期为准。", actor="officer"
        )
    yield number


def _serve_what_tells(app: App, number: str, on: Day) -> None:
    """The order or the hint of a case just notified is served."""
    for kind in TELLING:
        with suppress(NotFoundError):  # the case holds one of the two kinds
            serve_latest(app, number, kind, Service("electronic", on), actor="officer")


def _write_papers(app: App, number: str, after: str, on: Day) -> None:
    """The papers of a case after a step; what tells the institution or a unit is served."""
    for kind, unit in _PAPERS.get(after, ()):
        if after == "notify":
            _serve_what_tells(app, number, on)
        order = Order(kind, f"演示：{STEPS[after].title.zh}", unit)
        made = make_paper(app, number, order, actor="officer")
        if unit:
            serve(app, made.number, Service("direct", on, "综合科"), actor="officer")


def _decide(app: App, world: World) -> None:
    """Two decisions of the authority: a school without an account, and unlicensed premises."""
    uscc = min(each.uscc for each in world.expected if each.rule == "ACC-NONE")
    place = list_premises(app, Scope(), WantedPremises(state="unlicensed"), 1).page.rows[0]
    common = {
        "list": "black",
        "date": "2026-07-03",
        "authority": app.config.office.name,
        "notice_served_on": "2026-06-08",
        "defence": "answered",
        "defence_answered_on": "2026-06-20",
        "hearing": "none",
        "basis": {"document": "校外培训行政处罚暂行办法", "level": "rule", "clause": "（演示）"},
    }
    school = {
        "uscc": uscc,
        "document": "潍教罚字〔2026〕第7号",
        "sanctions": ["confiscation"],
        "reasons": ["not_in_custody", "not_rectified"],
    }
    premises = {
        "premises": place.premises_no,
        "document": "潍教罚字〔2026〕第8号",
        "sanctions": ["closed"],
        "reasons": ["unlicensed"],
    }
    paper = read_voucher("决定书（演示）.pdf", b"%PDF-1.4 demo decision")
    notice = read_voucher("送达回证（演示）.pdf", b"%PDF-1.4 demo record of service")
    with fixed(_noon(_day("2026-07-06"))):
        for form in (common | school, common | premises):
            number = str(form["document"])
            propose(app, form, DecisionPapers(paper, notice), actor="officer")
            review(app, number, actor="reviewer", reason="演示：法制审核通过")
            approve(app, number, actor="publisher", reason="演示：批准")


def _publish(app: App) -> int:
    """Both editions of every place, the quarter graded between them; how many came out."""
    count = 0
    for cut_off, moment in _EDITIONS:
        if cut_off == _EDITIONS[-1][0]:
            demo_grades.grade_quarter(app, _noon_of)
        with fixed(_noon(_day(moment))):
            published = publish(app, _day(cut_off), actor="publisher")
        count += sum(each.is_new for each in published)
    return count


def shown_at() -> dt.datetime:
    """The moment from which the site is shown: the day after the last step of the story."""
    steps = max(map(len, _CASES.values()))
    last = max(_day(_CASES_FROM) + steps, *(_day(moment) for _, moment in _EDITIONS))
    return _noon(last + 1)


def _noon_of(text: str) -> dt.datetime:
    return _noon(_day(text))


def _noon(on: Day) -> dt.datetime:
    return dt.datetime.combine(date_of(on), dt.time(12), SHANGHAI)


def _day(text: str) -> Day:
    day = parse_day(text)
    assert day is not None
    return day


def silent(_: str, items: Iterable[Item], __: int) -> Iterator[Item]:
    """No progress shown."""
    yield from items


def at_fault(demo: Demo, limit: int = 20) -> Collection[tuple[str, Expected]]:
    """The first breaches that were missed or came from nowhere."""
    named = [("missed", each) for each in demo.missed]
    return (named + [("spurious", each) for each in demo.spurious])[:limit]
