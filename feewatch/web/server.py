"""The web server that stands alone: waitress, which waits for no slow sender and ends in order.

A person behind a slow line sends a few kilobytes a second; who holds a place with less takes it
from everybody else. On SIGTERM the doors close at once, and what has begun is brought to its end.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from feewatch.config import Web
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.heaps import SpareRoom
from feewatch.web.spread import Spread
from feewatch.web.strict_requests import StrictChannel

#: Open connections; each is a file handle and a few kilobytes.
_CONNECTIONS = 1000
#: Seconds for the head of a request, and before the pace of its body counts.
_PATIENCE = 20.0
#: Bytes a second that a body brings on the average.
_PACE = 1000
#: So often a process looks whether what it serves is still there, and gives back spare memory.
_LOOK_SECONDS = 3.0
#: Seconds that requests in flight have after the word to end.
GRACE_SECONDS = 30.0
#: Seconds that a process with more connections than another leaves a new one to that other.
_COURTESY = 0.01
#: Connections that wait before a door until somebody takes them.
_BACKLOG = 1024


def open_doors(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on each address of a host: a name such as localhost may have several.

    Raises: UnavailableError where an address is taken or not this machine's.
    """
    doors: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        for family, kind, protocol, _, address in dict.fromkeys(found):
            door = socket.socket(family, kind, protocol)
            doors.append(door)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            door.bind(address)
            door.listen(_BACKLOG)
    except OSError as fault:
        for door in doors:
            door.close()
        raise UnavailableError(
            "ADDRESS-TAKEN",
            f"无法监听 {host}:{port}：{fault.strerror}",
            f"cannot listen on {host}:{port}: {fault.strerror}",
        ) from None
    return doors


def addresses_of(doors: Sequence[socket.socket]) -> list[tuple[str, int]]:
    """Host and port of each door."""
    return [door.getsockname()[:2] for door in doors]


class Server:
    """Open doors served until told to end; ``parent``: a process without which this one ends.

    ``is_void``: asked every few seconds whether this process can serve nobody any more; it ends.
    ``spread``: how connections are spread where other processes stand behind the same doors.
    """

    def __init__(
        self,
        site: Flask,
        web: Web,
        doors: Sequence[socket.socket],
        parent: int | None = None,
        is_void: Callable[[], bool] = lambda: False,
        spread: Spread | None = None,
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._begun: dict[HTTPChannel, tuple[int, float]] = {}
        self._is_ending = False
        self._parent, self._is_void, self._spread = parent, is_void, spread
        self._looked_at, self._room = time.monotonic(), SpareRoom()
        self._server = create_server(site, map=self._sockets, sockets=list(doors), **_settings(web))
        for door in self._doors():
            door.channel_class = StrictChannel
            if spread is not None:
                door.handle_accept = _courteous(door.handle_accept, spread)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then end what is in flight and return."""
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._end)
        doors = list(self._doors())
        while not self._is_ending:
            self._turn()
        for door in doors:
            wasyncore.dispatcher.close(door)
        until = time.monotonic() + GRACE_SECONDS
        while any(map(_is_busy, self._channels())) and time.monotonic() < until:
            self._turn()
        doors[0].task_dispatcher.shutdown()

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_ending = True

    def _turn(self) -> None:
        if self._spread is not None:
            self._spread.tell(sum(1 for _ in self._channels()))
        wasyncore.loop(timeout=1.0, map=self._sockets, use_poll=True, count=1)
        self._close_slow()
        if self._parent is not None and os.getppid() != self._parent:
            self._is_ending = True  # nobody is left to pass the word on
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._is_ending = self._is_ending or self._is_void()
            self._room.give_back()

    def _close_slow(self) -> None:
        """Close every connection whose unfinished request comes too slowly."""
        begun = {}
        for channel in self._channels():
            request = channel.request
            if request is None or request.completed:
                continue
            known, since = self._begun.get(channel, (0, 0.0))
            if known != id(request):
                since = time.monotonic()
            begun[channel] = id(request), since
            waited = time.monotonic() - since
            least = _PACE * waited if request.headers_finished else float("inf")
            if waited > _PATIENCE and request.body_bytes_received < least:
                channel.will_close = True
        self._begun = begun

    def _doors(self) -> Iterator[BaseWSGIServer]:
        return (each for each in self._sockets.values() if isinstance(each, BaseWSGIServer))

    def _channels(self) -> Iterator[HTTPChannel]:
        return (each for each in list(self._sockets.values()) if isinstance(each, HTTPChannel))


def _settings(web: Web) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "threads": web.threads,
        "ident": None,
        "connection_limit": _CONNECTIONS,
        "backlog": _BACKLOG,
        "channel_timeout": 60,
        "cleanup_interval": 10,
        # a little above the site's own limit, so that most hear of it in the site's words
        "max_request_body_size": (2 * web.max_upload_mb + 1) * 1024 * 1024,
    }
    if web.trusted_proxies:
        settings |= {
            "trusted_proxy": web.proxy_address,
            "trusted_proxy_count": web.trusted_proxies,
            "trusted_proxy_headers": {
                "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
            },
            "clear_untrusted_proxy_headers": True,
        }  # fmt: skip
    return settings


def _courteous(accept: Callable[[], None], spread: Spread) -> Callable[[], None]:
    """Take a connection at once, or a moment later where others have fewer: they come first."""

    def accept_in_turn() -> None:
        if spread.is_ahead:
            time.sleep(_COURTESY)
        accept()

    return accept_in_turn


def _is_busy(channel: HTTPChannel) -> bool:
    return bool(channel.requests or channel.request is not None or channel.total_outbufs_len)
