"""Threads of a process share two heaps and give back what they hold without need: glibc alone."""

import platform
import subprocess
import sys

import pytest

from feewatch.kernel.heaps import SpareRoom

PROGRAM = """
import ctypes, re, tempfile, threading
from feewatch.kernel.heaps import share_heaps
if {shares}:
    assert share_heaps()
gate = threading.Barrier(9)
def work():
    held = [bytearray(3000) for _ in range(200)]
    gate.wait()
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for each in threads: each.start()
gate.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    out = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, out)
    libc.fclose(out)
    print(len(re.findall(rb"<heap nr=", told.read())))
gate.wait()
for each in threads: each.join()
"""


#: A server whose page takes two hundred megabytes and keeps one piece in a hundred.
SERVER = """
import socket, threading, time, urllib.request
from flask import Flask
from feewatch.config import Web
from feewatch.kernel.heaps import _resident_bytes, share_heaps
from feewatch.web.server import Server, addresses_of, open_doors
share_heaps()
site, kept, told = Flask(__name__), [], []
@site.route("/")
def page():
    pieces = [bytearray(5_000) for _ in range(40_000)]
    kept.extend(pieces[::100])
    told.append(_resident_bytes())
    return "ok"
doors = open_doors("127.0.0.1", 0)
server = Server(site, Web(threads=2), doors)
def ask():
    before = _resident_bytes()
    urllib.request.urlopen("http://127.0.0.1:%d/" % addresses_of(doors)[0][1]).read()
    until = time.monotonic() + 30
    while _resident_bytes() - before > (told[0] - before) // 4 and time.monotonic() < until:
        time.sleep(0.1)
    print(told[0] - before, _resident_bytes() - before)
    server._is_ending = True
threading.Thread(target=ask).start()
server.run()
"""


def heaps(*, shares):
    command = [sys.executable, "-c", PROGRAM.format(shares=shares)]
    return int(subprocess.check_output(command, timeout=60))


of_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc alone")


@of_glibc
def test_threads_share_two_heaps_instead_of_having_one_each():
    assert heaps(shares=False) > 2
    assert heaps(shares=True) <= 2


@of_glibc
def test_a_server_gives_back_what_a_large_page_left_between_pieces_that_stay():
    told = subprocess.check_output([sys.executable, "-c", SERVER], timeout=120)
    taken, held = map(int, told.split())
    assert taken > 190_000_000
    assert held < taken // 4


@of_glibc
def test_a_process_that_did_not_grow_is_not_looked_through():
    room = SpareRoom(grown=1 << 40)
    assert not room.give_back()
    assert SpareRoom(grown=0).give_back()
