"""The page of scheduled jobs: their state for the office, pauses by those who may."""

import datetime as dt

import pytest
from sqlalchemy import insert, select

from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.store.tables.operations import audit, job_run, scheduler_pause

PAGE = "/desk/scheduler/"
AT = "2026-07-15T07:00:00+08:00"


@pytest.fixture(autouse=True)
def _moment():
    with fixed(dt.datetime(2026, 7, 15, 10, tzinfo=SHANGHAI)):
        yield


def pauses(app):
    with app.database.reading() as tx:
        return tx.execute(select(scheduler_pause).order_by(scheduler_pause.c.id)).all()


def test_the_office_reads_last_and_next_runs_and_what_went_wrong(app, as_user):
    row = {"job": "deadlines", "due_at": AT, "started_at": AT, "finished_at": AT}
    with app.database.transaction() as tx:
        tx.execute(insert(job_run).values(**row, status="failed", detail="DISK: 磁盘已满"))
    page = as_user("viewer").get(PAGE).text
    assert "DISK: 磁盘已满" in page
    assert "2026-07-16 07:00" in page  # the next run
    assert 'name="change"' not in page
    assert "Scheduled jobs" in as_user("viewer").get(f"{PAGE}?lang=en").text or "定时任务" in page


def test_an_administrator_pauses_and_resumes_with_a_reason_on_record(app, as_user):
    client = as_user("administrator")
    form = {"job": "all", "change": "pause", "reason": "机房搬迁"}
    assert client.post(PAGE, data=form).status_code == 302
    assert client.post(PAGE, data=form).status_code == 409
    page = client.get(PAGE).text
    assert "机房搬迁" in page
    assert "已暂停" in page
    form |= {"change": "resume", "reason": "已完成"}
    assert client.post(PAGE, data=form).status_code == 302
    (pause,) = pauses(app)
    assert (pause.reason, pause.end_reason) == ("机房搬迁", "已完成")
    with app.database.reading() as tx:
        acts = list(tx.scalars(select(audit.c.action).where(audit.c.action.like("scheduler.%"))))
    assert acts == ["scheduler.pause", "scheduler.resume"]


def test_a_publisher_pauses_publication_alone_and_an_officer_nothing(app, as_user):
    form = {"job": "publication", "change": "pause", "reason": "名单待核"}
    assert as_user("officer").post(PAGE, data=form).status_code == 403
    client = as_user("publisher")
    assert client.post(PAGE, data=form | {"job": "check"}).status_code == 403
    assert client.post(PAGE, data=form | {"reason": ""}).status_code == 400
    assert client.post(PAGE, data=form | {"job": "tea"}).status_code == 400
    assert pauses(app) == []
    assert client.post(PAGE, data=form).status_code == 302
    assert [pause.job for pause in pauses(app)] == ["publication"]
