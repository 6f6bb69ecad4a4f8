"""Requests that end in time as a whole, however slowly the other side drips."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class ConnectionCut:
    """Ends the connections of a try when its time is up; a time-out of requests is one a read."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._is_over = threading.Event()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connection: socket.socket) -> None:
        """Let a connection end with the others."""
        self._sockets.append(connection.dup())  # TLS takes the descriptor of the first one over

    def is_set(self) -> bool:
        """Whether time was up."""
        return self._is_over.is_set()

    def _end(self) -> None:
        self._is_over.set()
        for connection in self._sockets:
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop the clock."""
        self._timer.cancel()
        self._timer.join()
        for connection in self._sockets:
            connection.close()


_cut: ContextVar[ConnectionCut] = ContextVar("cut")


@contextmanager
def watched_session(seconds: float) -> Iterator[tuple[requests.Session, ConnectionCut]]:
    """A session all of whose connections end after so many seconds, and what ends them."""
    with requests.Session() as session, watched(session, seconds) as cut:
        yield session, cut


@contextmanager
def watched(session: requests.Session, seconds: float) -> Iterator[ConnectionCut]:
    """Let the connections that a session opens in the block end after so many seconds."""
    cut = ConnectionCut(seconds)
    token = _cut.set(cut)
    try:
        for scheme in ("http://", "https://"):
            session.mount(scheme, _WatchedAdapter())
        yield cut
    finally:
        _cut.reset(token)
        cut.close()


class _WatchedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _cut.get().watch(connection)
        return connection


class _WatchedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _cut.get().watch(connection)
        return connection


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
