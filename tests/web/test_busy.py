"""Somebody keeps the write lock: who waits is answered soon, and who reads notices nothing."""

import io
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from feewatch.config import Config, DatabaseConfig, Limits, Office, Web
from feewatch.founding import initialise
from feewatch.services.people import users
from feewatch.web.server import Server, open_doors
from feewatch.web.site import create_app
from tests.web.test_institution import ACCOUNT, statement
from tests.web.test_server import PASSWORD, log_in

UPLOADS, READERS = 12, 6
LIMITS = Limits(waiting_writers=4, wait_seconds=3.0)


class Lock:
    """The write lock of a database, kept by another process."""

    def __init__(self, app):
        url = app.database.url
        if app.database.is_sqlite:
            self._line = sqlite3.connect(url.database, isolation_level=None, timeout=30)
            self._line.execute("BEGIN IMMEDIATE")
        else:
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._line = psycopg.connect(plain)
            self._line.execute("LOCK TABLE quota_use IN EXCLUSIVE MODE")

    def release(self):
        self._line.rollback()
        self._line.close()


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, tmp_path):
    """The address of a real server with eight threads, and the installation behind it."""
    url = ""
    if request.param == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("new_database")(pattern)
    app = initialise(
        Config(
            tmp_path / "home", Office(district="370702"), database=DatabaseConfig(url),
            web=Web(port=0, threads=8, secure_cookies=False), limits=LIMITS,
        )
    )  # fmt: skip
    users.add_user(app, "officer", "officer", password=PASSWORD, actor="test")
    doors = open_doors("127.0.0.1", 0)
    server = Server(create_app(app), app.config.web, doors)
    ended = threading.Event()

    def serve():
        while not ended.is_set():
            server._turn()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{doors[0].getsockname()[1]}", app
    ended.set()
    thread.join()
    server._server.task_dispatcher.shutdown()
    for each in list(server._sockets.values()):
        each.close()
    app.database.dispose()


def test_readers_do_not_wait_for_writers_that_wait(office):
    address, app = office
    with requests.Session() as officer:
        officer.trust_env = False
        assert log_in(officer, address, PASSWORD).status_code == 302
        page = officer.get(f"{address}/desk/upload/", timeout=30).text
        form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
        cookies = officer.cookies.get_dict()

    def send(number):
        files = {"files": (f"{number}.csv", io.BytesIO(statement(ACCOUNT, f"36{number:02}.00")))}
        return requests.post(
            f"{address}/desk/upload/", data=form, files=files, cookies=cookies, timeout=60
        )

    def read(_):
        answer = requests.get(f"{address}/desk/today", cookies=cookies, timeout=60)
        return answer.status_code, lock_is_held.is_set()

    lock, lock_is_held = Lock(app), threading.Event()
    lock_is_held.set()
    try:
        with ThreadPoolExecutor(UPLOADS + READERS) as people:
            sent = [people.submit(send, number) for number in range(UPLOADS)]
            reading = [people.submit(read, number) for number in range(READERS)]
            assert [each.result() for each in reading] == [(200, True)] * READERS
            answers = [each.result() for each in sent]
            assert lock_is_held.is_set()
    finally:
        lock.release()
        lock_is_held.clear()
    assert {each.status_code for each in answers} == {503}
    assert all(each.headers["Retry-After"] == "3" for each in answers)
    assert "OFFICE-BUSY" in answers[0].text or "正忙于写入" in answers[0].text
    # at once: no more than four at a time waited three seconds
    waits = sorted(each.elapsed.total_seconds() for each in answers)
    assert waits[UPLOADS // 2 - 1] < 3
    assert send(50).status_code == 200
