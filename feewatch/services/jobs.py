"""Scheduled jobs: what each does on its due day, and the one run that each due moment gets."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.days import Day, day_of
from feewatch.kernel.errors import ConflictError, Refusal, UnavailableError
from feewatch.services.cases.deadlines import watch_deadlines
from feewatch.services.cases.serving_many import work_on_all
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.intake.reexamination import wake_registered
from feewatch.services.lists.delivery import deliver
from feewatch.services.lists.publication import (
    GATE_CODE,
    Published,
    publish,
    publish_corrections,
    refresh_timestamps,
)
from feewatch.services.mailing import send_mails
from feewatch.services.ways_in.bank_feeds import pull_feeds
from feewatch.services.ways_in.inbox_folder import sweep
from feewatch.store import jobs

ACTOR = "scheduler"
_log = logging.getLogger(__name__)

#: Does the work of one due day and says what came of it.
Job = Callable[[App, Day], str]


def _check(app: App, day: Day) -> str:
    wake_registered(app, ACTOR)
    report = check_and_keep(app, day)
    return f"institutions {report.institutions}, opened {report.opened}"


def _publish(app: App, day: Day) -> str:
    published = publish(app, day, actor=ACTOR)
    held = [f"{each.district}: {text.both()}" for each in published for text in each.held]
    if held:
        raise ConflictError(GATE_CODE, ";".join(held), "; ".join(held))
    return _editions(published)


def _correct(app: App, day: Day) -> str:
    published = publish_corrections(app, day, actor=ACTOR)
    refresh_timestamps(app, day)
    return _editions(published)


def _watch_deadlines(app: App, day: Day) -> str:
    said = asdict(watch_deadlines(app, day))
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
    "mail": _mail,
    "serving": _serve,
}


def list_wanted(config: Config) -> list[str]:
    """The jobs that have something to work on in this configuration."""
    wanted = {
        "inbox": bool(config.inbox.folder),
        "feeds": bool(config.feeds),
        "mail": bool(config.mail.host),
    }
    return [name for name in JOBS if wanted.get(name, True)]


def run_due(app: App, job: str, due_at: dt.datetime, work: Job | None = None) -> bool:
    """Whether this process did the run of a due moment; a second run changes nothing.

    A run that fails is recorded as failed with its reason.
    """
    moment = stamp(due_at)
    with app.database.transaction() as tx:
        if not jobs.begin(tx, job, moment):
            return False
    status, detail = "done", ""
    try:
        detail = (work or JOBS[job])(app, day_of(due_at.astimezone(SHANGHAI).date()))
    except Refusal as refusal:
        status, detail = "failed", f"{refusal.code}: {refusal.text.both()}"
    except Exception as fault:  # noqa: BLE001 - the outermost edge: the run is recorded as failed
        _log.exception("job %s due %s failed", job, moment)
        status, detail = "failed", f"{type(fault).__name__}: {fault}"
    with app.database.transaction() as tx:
        jobs.finish(tx, job, moment, status, detail)
    return True


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
