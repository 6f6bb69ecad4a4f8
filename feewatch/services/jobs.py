"""Scheduled jobs: what each does on its due day, and the one run that each due moment gets."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Literal, NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import SHANGHAI, now
from feewatch.kernel.days import Day, day_of
from feewatch.kernel.errors import ConflictError, Refusal, UnavailableError
from feewatch.kernel.people import SYSTEM
from feewatch.kernel.text import Text
from feewatch.schedule import Schedule
from feewatch.services.audit.last_proof import prove_and_keep
from feewatch.services.cases.deadlines import watch_deadlines
from feewatch.services.cases.serving_many import work_on_all
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.intake.reexamination import wake_registered
from feewatch.services.lists.anchors import anchor
from feewatch.services.lists.delivery import deliver
from feewatch.services.lists.keys import has_signing_key
from feewatch.services.lists.press import FILES_CODE, Published
from feewatch.services.lists.publication import publish, publish_corrections, refresh_timestamps
from feewatch.services.lists.recalls import note_falls
from feewatch.services.lists.second_words import CLOCK, require_standing_order
from feewatch.services.mailing import send_mails
from feewatch.services.messages import tell
from feewatch.services.province.visiting import visit
from feewatch.services.retention.erasing import let_go_light
from feewatch.services.rounds.reminding import remind_of_rounds
from feewatch.services.ways_in.bank_feeds import pull_feeds
from feewatch.services.ways_in.inbox_folder import sweep
from feewatch.store import audit, jobs
from feewatch.store.database import FencedOffError, Transaction, is_of_machine
from feewatch.store.faults import explain
from feewatch.store.people.messages import list_nearest

#: What a message quotes, numbers long enough to be a phone or an account, and Chinese words.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|[0-9*]{5,}|[\u3400-\u9fff]+")
#: The lease by which one scheduler works.
SCHEDULER_LEASE = "scheduler"
_log = logging.getLogger(__name__)

#: Does the work of one due day and says what came of it.
Job = Callable[[App, Day], str]


def _check(app: App, day: Day) -> str:
    wake_registered(app, CLOCK)
    report = check_and_keep(app, day)
    if has_signing_key(app):
        anchor(app)
    said = f"institutions {report.institutions}, opened {report.opened}"
    return said + (f"; left out: {', '.join(report.left_out)}" if report.left_out else "")


def _publish(app: App, day: Day) -> str:
    require_standing_order(app)
    published = publish(app, day, actor=CLOCK)
    objections = [(each.district, said) for each in published for said in each.objections]
    if objections:
        held = [f"{place}: {said.text.both()}" for place, said in objections]
        code, made = objections[0][1].code, _editions(published)
        passing = all(said.code == FILES_CODE for _, said in objections)
        raise (UnavailableError if passing else ConflictError)(
            code, "；".join([made, *held]), "; ".join([made, *held])
        )
    return _editions(published)


def _correct(app: App, day: Day) -> str:
    note_falls(app)
    published = publish_corrections(app, day, actor=CLOCK)
    refresh_timestamps(app, day)
    return _editions(published)


def _watch_deadlines(app: App, day: Day) -> str:
    said = asdict(watch_deadlines(app, day)) | asdict(remind_of_rounds(app, day))
    return "; ".join(
        f"{name} {len(cases)}" + (f": {', '.join(cases)}" if cases else "")
        for name, cases in said.items()
    )


def _sweep(app: App, day: Day) -> str:
    del day
    if not app.config.inbox.folder:
        return "no inbox"
    swept = sweep(app)
    return f"done {swept.done}, refused {swept.refused}, left {swept.left}"


def _pull(app: App, day: Day) -> str:
    del day
    pulled = list(pull_feeds(app))
    faults = [each.refusal.text for each in pulled if each.refusal]
    if faults:
        zh, en = ("; ".join(parts) for parts in zip(*faults, strict=True))
        raise UnavailableError("FEEDS", zh, en)
    return ", ".join(f"{each.feed} {each.files.total()}" for each in pulled) or "no feeds"


def _gather(app: App, day: Day) -> str:
    del day
    done = list(visit(app, actor=CLOCK))
    faults = [
        Text(f"{run.district} {run.refused.code} {run.refused.fault.zh}",
             f"{run.district} {run.refused.code} {run.refused.fault.en}")
        for run, _ in done if run.refused is not None
    ] + [each.exchange.fault for each in done if each.exchange.fault is not None]  # fmt: skip
    if faults:
        zh, en = ("; ".join(parts) for parts in zip(*faults, strict=True))
        raise UnavailableError("GATHERING", zh, en)
    return ", ".join(f"{run.district} {len(run.new)}" for run, _ in done) or "no sources"


def _deliver(app: App, day: Day) -> str:
    del day
    done = deliver(app)
    return f"sent {done.sent}, waiting {done.waiting}, failed {done.failed}"


def _mail(app: App, day: Day) -> str:
    del day
    if not app.config.mail.host:
        return "no mail server"
    done = send_mails(app)
    return f"sent {done.sent}, waiting {done.waiting}, failed {done.failed}"


def _retain(app: App, day: Day) -> str:
    prove_and_keep(app)
    return ", ".join(f"{name} {count}" for name, count in let_go_light(app, day).items())


def _serve(app: App, day: Day) -> str:
    del day
    return f"served {work_on_all(app)}"


JOBS: Mapping[str, Job] = {
    "check": _check,
    "publication": _publish,
    "corrections": _correct,
    "deadlines": _watch_deadlines,
    "outbox": _deliver,
    "inbox": _sweep,
    "feeds": _pull,
    "gathering": _gather,
    "mail": _mail,
    "serving": _serve,
    "retention": _retain,
}


JOB_TITLES: dict[str, Text] = {
    "check": Text("检查", "check"),
    "publication": Text("发布", "publication"),
    "corrections": Text("更正发布", "corrections"),
    "deadlines": Text("期限", "deadlines"),
    "outbox": Text("推送", "outbox"),
    "inbox": Text("收件文件夹", "inbox folder"),
    "feeds": Text("银行直连", "bank feeds"),
    "gathering": Text("汇集版次", "gathering of editions"),
    "mail": Text("邮件", "mail"),
    "serving": Text("批量送达", "serving of papers"),
    "retention": Text("保存期限", "terms of keeping"),
}


def list_wanted(config: Config) -> list[str]:
    """The jobs that have something to work on in this configuration."""
    wanted = {
        "inbox": bool(config.inbox.folder),
        "feeds": bool(config.feeds),
        "gathering": bool(config.gathering.sources),
        "mail": bool(config.mail.host),
    }
    return [name for name in JOBS if wanted.get(name, True)]


#: What becomes of due moments that nobody served: each day's is made up in order, or the latest,
#: or the latest while it is within grace.
MakeUp = Literal["each day", "latest", "in grace"]
MADE_UP: Mapping[str, MakeUp] = {
    "publication": "each day",
    "check": "latest",
    "corrections": "latest",
    "deadlines": "latest",
}
#: An office that was down for longer does not publish what nobody waits for any more.
MAKE_UP_DAYS = 400
#: Jobs that look every few minutes and mostly find nothing: of those looks a day is kept.
OFTEN = frozenset({"corrections", "feeds", "gathering", "inbox", "mail", "outbox", "serving"})
#: Names leave a list by the edition of their day: what is to be made up goes before corrections.
BEFORE: Mapping[str, str] = {"corrections": "publication"}
_PAGE = "/desk/scheduler/"


class DueRuns(NamedTuple):
    """What is to be done of a job: due moments to serve, and those that are noted as missed."""

    runs: list[dt.datetime]
    missed: list[tuple[dt.datetime, str]]


def plan_runs(
    schedule: Schedule, make_up: MakeUp, last: dt.datetime, moment: dt.datetime, grace: dt.timedelta
) -> DueRuns:
    """What is due of a job at a moment, given the last due moment that is settled."""
    missed: list[tuple[dt.datetime, str]] = []
    if make_up == "each day":
        oldest = moment - dt.timedelta(days=MAKE_UP_DAYS)
        first = schedule.next(last)
        if last < oldest and first is not None and first <= oldest:
            missed.append((first, f"more than {MAKE_UP_DAYS} days late"))
        return DueRuns(list(schedule.by_day(max(last, oldest), moment)), missed)
    latest = schedule.latest(moment)
    if latest is None or latest <= last:
        return DueRuns([], [])
    first = schedule.next(last)
    if first is not None and first < latest:
        missed.append((first, f"due from {stamp(first)}, before {stamp(latest)}"))
    if make_up == "in grace" and moment - latest > grace:
        return DueRuns([], [*missed, (latest, f"too late at {stamp(moment)}")])
    return DueRuns([latest], missed)


def read_schedules(app: App) -> dict[str, Schedule]:
    """The schedule of each job that has something to work on.

    Raises: InvalidInputError naming the key of the configuration.
    """
    config, holidays = app.config.scheduler, app.holidays
    return {
        name: Schedule(
            name,
            getattr(config, name),
            config.on_holiday if name == "publication" else "run",
            holidays,
        )
        for name in list_wanted(app.config)
    }


def run_due(app: App, job: str, due_at: dt.datetime, work: Job | None = None) -> bool:
    """Whether the due moment of a job is settled by now; a second run changes nothing.

    A run that is refused or breaks down is recorded as failed with its reason, and administrators
    are told. A publication that the machine did not let happen (a full disk, no database) is to be
    tried again, and nothing later is published before it.

    Raises: FencedOffError where another process has taken over: nothing is recorded.
    """
    moment = stamp(due_at)
    with app.database.transaction() as tx:
        if not jobs.begin(tx, job, moment):
            return True
    status, detail = "done", ""
    try:
        with audit.coming_from("clock", job):
            detail = (work or JOBS[job])(app, day_of(due_at.astimezone(SHANGHAI).date()))
    except FencedOffError:
        raise
    except Refusal as refusal:
        is_passing = isinstance(refusal, UnavailableError)
        status = "interrupted" if is_passing and _is_each(job) else "failed"
        detail = f"{refusal.code}: {refusal.text.both()}"
    except Exception as fault:  # noqa: BLE001 - the outermost edge: the run is recorded as failed
        if explain(fault, app.database.place) is None:  # of the machine one line is enough
            _log.exception("job %s due %s failed", job, moment)
        status = "interrupted" if is_of_machine(fault) and _is_each(job) else "failed"
        detail = f"{type(fault).__name__}: {_without_data(str(fault))}"
    is_late = now().date() > due_at.astimezone(SHANGHAI).date()
    with app.database.transaction() as tx:
        jobs.finish(tx, job, moment, status, detail, is_often=job in OFTEN)
        if status != "done":
            _tell_of_failure(app, tx, job)
        elif is_late and _is_each(job):
            _tell_of_making_up(app, tx, moment, detail)
    return status != "interrupted"


def _without_data(message: str) -> str:
    """The first line of a fault without what it quotes: drivers quote rows, readers cells."""
    first = message.partition("\n")[0]
    return _QUOTED.sub("…", first)[:500]


def _is_each(job: str) -> bool:
    return MADE_UP.get(job) == "each day"


def _tell_of_failure(app: App, tx: Transaction, job: str) -> None:
    text = Text(
        f"定时任务“{JOB_TITLES[job].zh}”没有成功，原因见定时任务页",
        f"the job {JOB_TITLES[job].en} did not succeed: the page of jobs says why",
    )
    for person in _list_keepers(app, tx):
        tell(tx, to_user=person, kind="job_failed", object=job, text=text, address=_PAGE)


def _tell_of_making_up(app: App, tx: Transaction, due_at: str, detail: str) -> None:
    day = due_at[:10]
    text = Text(
        f"应于 {day} 发布的一期已补发，截止日仍为 {day}（{detail}）",
        f"the edition due on {day} was made up with that day as its cut-off ({detail})",
    )
    publishers = list_nearest(tx, "publisher", app.config.office.district)
    for person in sorted({*publishers, *_list_keepers(app, tx)}):
        tell(tx, to_user=person, kind="made_up", object=day, text=text, address=_PAGE)


def _list_keepers(app: App, tx: Transaction) -> list[int]:
    """The administrators who keep the machine, nearest to the office."""
    district = app.config.office.district
    return sorted({person for role in SYSTEM for person in list_nearest(tx, role, district)})


def stamp(moment: dt.datetime) -> str:
    """A due moment as it is stored, to the second."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _editions(published: list[Published]) -> str:
    made = [
        f"{edition.district}/{edition.document['number']}"
        for edition in published
        if edition.is_new and edition.document
    ]
    return f"editions {len(made)}: {', '.join(made)}" if made else "editions 0"
