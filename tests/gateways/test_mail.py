"""Messages as mail, to a real SMTP server that takes, refuses, drops or is away."""

import datetime as dt
import socket
import threading
import time
from dataclasses import replace
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from offices import initialise
from sqlalchemy import insert, select

from feewatch.bootstrap import App, open_app
from feewatch.config import Config, DatabaseConfig, Mail, Office
from feewatch.gateways.mail import MailServer, hand_over
from feewatch.kernel import clock
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.kernel.text import Text
from feewatch.services import mailing
from feewatch.services.jobs import list_wanted, run_due
from feewatch.services.messages import mark_all_read, tell
from feewatch.services.people.acting import find_person
from feewatch.services.people.users import set_mail
from feewatch.store.jobs import list_runs
from feewatch.store.people import mails, users
from feewatch.store.tables.papers import message
from feewatch.store.tables.registers import institution

NOON = dt.datetime(2026, 9, 21, 12, 0, tzinfo=clock.SHANGHAI)
SECRET = "案件 370702-2026-0001 已送达"


class Post:
    """What the server does with each command, and what it took."""

    def __init__(self):
        self.answers = {}  # command -> answers to give in turn
        self.taken = []  # (recipients, message)

    def _answer(self, command):
        waiting = self.answers.get(command, [])
        return waiting.pop(0) if waiting else None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802, ARG002
        refusal = self._answer("RCPT")
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002
        refusal = self._answer("DATA")
        if refusal is None or refusal == "hang up":
            self.taken.append((envelope.rcpt_tos, envelope.content.decode()))
        if refusal == "hang up":
            server.transport.abort()
        return refusal or "250 OK"


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def port(post):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=number)
    controller.start()
    yield number
    controller.stop()


def settings(port, **more):
    values = {
        "host": "127.0.0.1", "port": port, "starttls": False, "from_": "jian@example.cn",
        "site": "https://feewatch.example.cn/", "timeout_seconds": 2.0, "max_attempts": 3,
    }  # fmt: skip
    return Mail(**values | more)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    if request.param == "sqlite":
        return ""
    pattern = request.getfixturevalue("postgres_pattern")
    return request.getfixturevalue("new_database")(pattern)


@pytest.fixture
def office(tmp_path, database_url, port):
    """An office in which an institution with two addresses was told something at noon."""
    config = Config(
        tmp_path, Office("潍城区教育局"), database=DatabaseConfig(database_url), mail=settings(port)
    )
    app = initialise(config)
    with app.database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": "U1"}])
        for name in ("school", "deputy", "silent"):
            users.add(tx, name, "institution", None, 1, "x")
            # by a service they would be told of the change, which is a message too
            users.set_mail(tx, name, None if name == "silent" else f"{name}@school.example")
    with clock.fixed(NOON):
        tell_it(app)
        yield app
    app.database.dispose()


def tell_it(app, **to):
    with app.database.transaction() as tx:
        tell(
            tx, **to or {"to_institution": 1}, kind="case_notified", object="370702-2026-0001",
            text=Text(SECRET, "served"), address="/own/",
        )  # fmt: skip


def state(app):
    with app.database.reading() as tx:
        return tx.execute(select(message.c.mail, message.c.mail_attempts)).all()


def after(minutes):
    return clock.fixed(NOON + dt.timedelta(minutes=minutes))


def test_a_message_goes_out_once_to_all_who_have_an_address(office, post):
    assert mailing.send_mails(office) == (1, 0, 0)
    with after(600):
        assert mailing.send_mails(office) == (0, 0, 0)
    [(recipients, _)] = post.taken
    assert recipients == ["deputy@school.example", "school@school.example"]


def test_a_mail_holds_subject_office_and_link_and_nothing_of_the_case(office, post):
    with office.database.reading() as tx:
        key = mails.list_due(tx, clock.timestamp())[0]
    with office.database.transaction() as tx:
        letter = mails.claim(tx, key, clock.timestamp(), clock.timestamp())
    mail = mailing.compose(office, letter)
    body = mail.get_content()
    assert mail["Subject"] == "收到督办 / A case was served on you"
    assert mail["To"] == "undisclosed-recipients:;"
    assert "https://feewatch.example.cn/messages/" in body
    assert "潍城区教育局" in body
    assert "370702-2026-0001" not in mail.as_string() + body
    assert SECRET not in body


def test_a_refusal_for_now_is_tried_again_later_and_later(office, post):
    post.answers = {"DATA": ["451 busy", "421 busy"]}
    assert mailing.send_mails(office) == (0, 1, 0)
    assert mailing.send_mails(office) == (0, 0, 0)  # a minute has not passed
    with after(1):
        assert mailing.send_mails(office) == (0, 1, 0)
    with after(2):
        assert mailing.send_mails(office) == (0, 0, 0)  # now it waits two
    with after(3):
        assert mailing.send_mails(office) == (1, 0, 0)
    assert len(post.taken) == 1


def test_a_refusal_for_good_is_not_tried_again(office, post):
    post.answers = {"RCPT": ["550 unknown", "550 unknown"]}
    assert mailing.send_mails(office) == (0, 0, 1)
    assert state(office) == [("failed", 1)]


def test_one_refused_address_does_not_keep_it_from_the_other(office, post):
    post.answers = {"RCPT": ["550 unknown"]}
    assert mailing.send_mails(office) == (1, 0, 0)
    assert [recipients for recipients, _ in post.taken] == [["school@school.example"]]


def test_a_server_that_hangs_up_after_the_message_is_not_given_it_twice(office, post):
    post.answers = {"DATA": ["hang up"]}
    assert mailing.send_mails(office) == (0, 0, 1)
    with after(600):
        assert mailing.send_mails(office) == (0, 0, 0)
    assert len(post.taken) == 1


def test_a_server_that_is_away_is_waited_for_and_given_up_in_the_end(office):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = free.getsockname()[1]
    away = App(replace(office.config, mail=settings(nowhere)), office.database)
    ends = []
    for minutes in (0, 1, 3):
        with after(minutes):
            ends.append(mailing.send_mails(away))
    assert ends == [(0, 1, 0), (0, 1, 0), (0, 0, 1)]
    assert state(office) == [("failed", 3)]


def test_what_a_dead_sender_had_claimed_is_given_up_not_sent_again(office, post):
    now = clock.timestamp()
    with office.database.transaction() as tx:
        (key,) = mails.list_due(tx, now)
        mails.claim(tx, key, now, now)
    with after(20):
        assert mailing.send_mails(office) == (0, 0, 1)
    assert post.taken == []


def test_two_senders_at_once_send_it_once(office, post):
    apps = [open_app(office.config) for _ in range(2)]
    start = threading.Barrier(2)

    def send(app):
        start.wait()
        with clock.fixed(NOON):
            mailing.send_mails(app)

    threads = [threading.Thread(target=send, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for app in apps:
        app.database.dispose()
    assert len(post.taken) == 1


def test_what_is_read_or_old_or_of_nobody_with_an_address_is_not_sent(office, post):
    tell_it(office, to_user=find_person(office, "silent").id)
    mark_all_read(office, find_person(office, "school"))
    assert mailing.send_mails(office) == (0, 0, 0)
    assert {mail for mail, _ in state(office)} == {"none"}
    tell_it(office, to_user=find_person(office, "school").id)
    with after(4 * 24 * 60):
        assert mailing.send_mails(office) == (0, 0, 0)
    assert post.taken == []


def test_the_job_runs_where_a_server_is_named_and_says_what_it_did(office, tmp_path):
    assert "mail" in list_wanted(office.config)
    assert "mail" not in list_wanted(Config(tmp_path))
    run_due(office, "mail", NOON)
    assert list_runs_of(office) == [("done", "sent 1, waiting 0, failed 0")]


def list_runs_of(app):
    with app.database.reading() as tx:
        return [(run.status, run.detail) for run in list_runs(tx)]


@pytest.mark.parametrize("missing", [{"site": ""}, {"from_": "nobody"}])
def test_without_what_a_mail_needs_none_is_claimed(office, port, missing):
    config = replace(office.config, mail=settings(port, **missing))
    with pytest.raises(InvalidInputError):
        mailing.send_mails(App(config, office.database))
    assert state(office) == [("waiting", 0)]


def test_a_password_that_cannot_be_read_is_said_and_not_shown(office, port):
    mail = settings(port, user="jian", password_file="absent")
    with pytest.raises(UnavailableError, match="FileNotFoundError"):
        mailing.send_mails(App(replace(office.config, mail=mail), office.database))


@pytest.mark.parametrize(("word", "ends"), [("right", (1, 0, 0)), ("wrong", (0, 1, 0))])
def test_the_server_is_logged_in_at_with_the_password_of_the_file(office, post, word, ends):
    def check(*call):
        data = call[-1]
        return AuthResult(success=(data.login, data.password) == (b"jian", b"right"))

    controller = Controller(
        post, hostname="127.0.0.1", port=0, authenticator=check, auth_require_tls=False
    )  # fmt: skip
    (office.config.folder / "word").write_text(f"{word}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    mail = settings(controller.port, user="jian", password_file="word")
    try:
        app = App(replace(office.config, mail=mail), office.database)
        assert mailing.send_mails(app) == ends
    finally:
        controller.stop()


@pytest.mark.parametrize("address", ["a@b", "a b@c.cn", "x@y.cn\nBcc: z@y.cn", "甲@y.cn"])
def test_what_is_no_address_is_refused(office, address):
    with pytest.raises(InvalidInputError):
        set_mail(office, "school", address, actor="school")


def drip_on(door):
    """Greet as slowly as a server can that is never silent for long."""
    try:
        connection, _ = door.accept()
        with connection:
            for _ in range(200):
                connection.sendall(b"220-wait\r\n")
                time.sleep(0.05)
    except OSError:
        return


def test_a_server_that_drips_is_left_as_a_whole():
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=drip_on, args=(door,), daemon=True).start()
        server = MailServer("127.0.0.1", door.getsockname()[1], False, "", "", 0.1)
        begun = time.monotonic()
        handed = hand_over(server, "a@example.cn", ["b@example.cn"], EmailMessage())
    assert handed.fate == "later"
    assert time.monotonic() - begun < 5
