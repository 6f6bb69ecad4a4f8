"""Threads of a process share two heaps where the C library is glibc."""

import platform
import subprocess
import sys

import pytest

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


def heaps(*, shares):
    command = [sys.executable, "-c", PROGRAM.format(shares=shares)]
    return int(subprocess.check_output(command, timeout=60))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc alone")
def test_threads_share_two_heaps_instead_of_having_one_each():
    assert heaps(shares=False) > 2
    assert heaps(shares=True) <= 2
