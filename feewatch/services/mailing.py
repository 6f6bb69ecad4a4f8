"""Messages go out as mail where the office has a mail server; each once.

A mail says what it is about, by which office, and where to read on. What happened stands on the
site alone, behind the log-in: no names, no sums, no numbers.
"""

import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import KINDS
from feewatch.config import Mail
from feewatch.gateways.mail import Handed, MailServer, hand_over
from feewatch.kernel.clock import now
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.services.waiting import wait_after
from feewatch.store.people import mails
from feewatch.store.people.mails import ClaimedMail

#: Beyond the server's time-out, how long a claim holds; a server answers several commands.
_CLAIM = dt.timedelta(minutes=10)
#: What was told longer ago is no news: after an outage, or where mail was switched on later.
_STALE = dt.timedelta(days=3)


class Mailed(NamedTuple):
    """What one round came to."""

    sent: int
    waiting: int
    failed: int


def send_mails(app: App) -> Mailed:
    """Send what is due; what fails waits longer each time.

    Raises: InvalidInputError where the configuration lacks what a mail needs; UnavailableError
    where the password cannot be read.
    """
    mail = app.config.mail
    if not mail.site or "@" not in mail.from_:
        raise InvalidInputError(
            "MAIL-CONFIG",
            "配置 mail 须填写 from（发件地址）与 site（本站网址）",
            "mail.from (an address) and mail.site (the address of this site) are required",
        )
    server = _server_of(app, mail)
    with app.database.transaction() as tx:
        lost = mails.give_up_lost(tx, _text(now()))
        due = mails.list_due(tx, _text(now()))
    ends = [_send_one(app, server, key) for key in due]
    return Mailed(ends.count("sent"), ends.count("waiting"), ends.count("failed") + lost)


def _send_one(app: App, server: MailServer, key: int) -> str | None:
    mail, moment = app.config.mail, now()
    with app.database.transaction() as tx:
        letter = mails.claim(tx, key, _text(moment), _text(moment + _CLAIM))
    if letter is None:
        return None
    told_at = dt.datetime.fromisoformat(letter.at)
    if letter.is_read or not letter.addresses or told_at < moment - _STALE:
        handed, state = Handed("never", None), "none"
    else:
        message = compose(app, letter)
        handed = hand_over(server, mail.from_, letter.addresses, message)
        state = _state_after(handed, is_last=letter.attempts >= mail.max_attempts)
    next_at = _text(now() + wait_after(letter.attempts)) if state == "waiting" else None
    with app.database.transaction() as tx:
        mails.settle(tx, letter, state, fault=handed.fault, next_at=next_at)
    return state


def _state_after(handed: Handed, *, is_last: bool) -> str:
    if handed.fate == "sent":
        return "sent"
    return "waiting" if handed.fate == "later" and not is_last else "failed"


def compose(app: App, letter: ClaimedMail) -> EmailMessage:
    """The mail of a message: subject, office and link, in both languages."""
    mail, office, title = app.config.mail, app.config.office.name, KINDS[letter.kind]
    link = f"{mail.site.rstrip('/')}/messages/"
    message = EmailMessage()
    message["Subject"] = f"{title.zh} / {title.en[:1].upper()}{title.en[1:]}"
    message["From"] = Address(office, addr_spec=mail.from_)
    is_one = len(letter.addresses) == 1
    message["To"] = letter.addresses[0] if is_one else "undisclosed-recipients:;"
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<feewatch-{letter.id}@{mail.from_.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{office}预收费监管系统有一条给您的新消息：{title.zh}。\n请登录查看：{link}\n\n"
        f"A message for you: {title.en}.\nLog in to read it: {link}\n\n"
        f"{office}\n本邮件由系统自动发送，请勿回复。 / Sent automatically: do not reply.\n"
    )
    return message


def _server_of(app: App, mail: Mail) -> MailServer:
    password = ""
    if mail.user:
        try:
            password = app.config.resolve(mail.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise UnavailableError(
                "MAIL-PASSWORD",
                f"无法读取 mail.password_file：{type(fault).__name__}",
                f"mail.password_file cannot be read: {type(fault).__name__}",
            ) from None
    return MailServer(
        mail.host, mail.port, mail.starttls, mail.user, password, mail.timeout_seconds
    )


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
