"""Connections are spread over the processes behind the same doors."""

import contextlib
import json
import os
import signal
import socket

from feewatch.web.spread import Spread
from tests.web.test_server import port_of, serving, wait_for_children

CONNECTIONS = 12


def test_a_process_is_ahead_where_another_has_fewer():
    counts = Spread(3)
    first, second, third = (counts.at(place) for place in range(3))
    first.tell(2)
    assert (first.is_ahead, second.is_ahead, third.is_ahead) == (True, False, False)
    second.tell(2)
    third.tell(2)
    assert not first.is_ahead
    assert counts.at(1).is_ahead is False  # another in its place begins with none
    assert third.is_ahead


def test_a_count_told_by_a_child_is_known_to_its_parent():
    counts = Spread(2)
    own = counts.at(0)
    own.tell(5)
    child = os.fork()
    if not child:
        counts.at(1).tell(7)
        os._exit(0)
    os.waitpid(child, 0)
    assert not own.is_ahead
    own.tell(8)
    assert own.is_ahead


def test_a_process_that_has_more_connections_leaves_new_ones_to_the_other(tmp_path):
    with serving(tmp_path, "processes = 2\n") as (address, server), contextlib.ExitStack() as open_:

        def look():
            """A look over a connection that stays open, as browsers leave theirs."""
            where = "127.0.0.1", port_of(address)
            line = open_.enter_context(socket.create_connection(where, timeout=30))
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"

        resting, busy = wait_for_children(server.pid, 2)
        os.kill(resting, signal.SIGSTOP)
        for _ in range(CONNECTIONS):
            look()
        os.kill(resting, signal.SIGCONT)
        for _ in range(CONNECTIONS):
            look()
        log = (tmp_path / "var" / "log" / "web.log").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in log]
        looks = [each["process"] for each in records if each.get("message") == "GET 200"]
    assert looks[:CONNECTIONS] == [busy] * CONNECTIONS
    # one or two may be taken before it is awake; at random it would have had half of them
    assert looks[CONNECTIONS:].count(resting) >= CONNECTIONS - 3
