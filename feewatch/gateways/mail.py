"""Mail by SMTP: one message to its recipients, and what the server said of it."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any, Literal, NamedTuple

from feewatch.gateways.deadlines import ConnectionCut

#: A whole message has so many times as long as the server may be silent.
WHOLE = 5
#: ``later``: try again. ``never``: refused for good. ``unsure``: handed over, no answer came.
Fate = Literal["sent", "later", "never", "unsure"]


class MailServer(NamedTuple):
    """Where mail is handed over; without a user nobody logs in."""

    host: str
    port: int
    starttls: bool
    user: str
    password: str
    timeout_seconds: float


class Handed(NamedTuple):
    """What became of a message; ``fault`` holds no address of a person."""

    fate: Fate
    fault: str | None


class _WatchedSMTP(smtplib.SMTP):
    """A connection to a server that is cut when its time is up."""

    def __init__(self, server: MailServer, cut: ConnectionCut) -> None:
        self._cut = cut
        super().__init__(server.host, server.port, timeout=server.timeout_seconds)

    def _get_socket(self, *where: Any) -> socket.socket:  # smtplib's own place for other sockets
        connection: socket.socket = super()._get_socket(*where)  # type: ignore[misc]
        self._cut.watch(connection)
        return connection


class _RefusedError(Exception):
    """The server's refusal, for now or for good."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"{command} {code}")
        self.fate: Fate = "later" if code < 500 else "never"


def hand_over(
    server: MailServer, sender: str, recipients: Sequence[str], message: EmailMessage
) -> Handed:
    """Whether the server took a message for at least one of its recipients.

    Past the point at which it may have taken it, nothing counts as a failure that may be tried
    again: a message is rather lost than sent twice. However slowly the server drips, it has
    ``WHOLE`` times as long as it may be silent.
    """
    cut = ConnectionCut(WHOLE * server.timeout_seconds)
    try:
        return _hand_over(server, cut, sender, recipients, message)
    finally:
        cut.close()


def _hand_over(
    server: MailServer,
    cut: ConnectionCut,
    sender: str,
    recipients: Sequence[str],
    message: EmailMessage,
) -> Handed:
    try:
        smtp = _WatchedSMTP(server, cut)
    except (OSError, smtplib.SMTPException) as fault:
        return Handed("later", type(fault).__name__)
    is_given = False
    try:
        _greet(smtp, server)
        refused = _address(smtp, sender, recipients)
        is_given = True
        code, _ = smtp.data(message.as_bytes())
        if code != 250:
            raise _RefusedError("DATA", code)
        # how the server takes the farewell changes nothing of what it has taken
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        return Handed("sent", f"refused for {refused}" if refused else None)
    except _RefusedError as refusal:
        return Handed(refusal.fate, str(refusal))
    except smtplib.SMTPDataError as fault:  # before the first byte of the message
        return Handed("later" if fault.smtp_code < 500 else "never", f"DATA {fault.smtp_code}")
    except (OSError, smtplib.SMTPException) as fault:
        return Handed("unsure" if is_given else "later", type(fault).__name__)
    finally:
        smtp.close()


def _greet(smtp: smtplib.SMTP, server: MailServer) -> None:
    if server.starttls:
        smtp.starttls(context=ssl.create_default_context())
    if server.user:
        smtp.login(server.user, server.password)
    smtp.ehlo_or_helo_if_needed()


def _address(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> int:
    """How many of the recipients the server refuses; all of them is a refusal."""
    code, _ = smtp.mail(sender)
    if code != 250:
        raise _RefusedError("MAIL", code)
    codes = [smtp.rcpt(recipient)[0] for recipient in recipients]
    refused = [code for code in codes if code not in (250, 251)]
    if len(refused) == len(codes):
        raise _RefusedError("RCPT", min(refused))
    return len(refused)
