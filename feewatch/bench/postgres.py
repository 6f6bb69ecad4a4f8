"""A throw-away PostgreSQL of one's own on the loopback address, where the machine has one."""

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feewatch.kernel.extras import library

_NUMBERS = itertools.count(1)
_LISTEN = "-c listen_addresses=127.0.0.1"


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them out of PATH; None where there is none."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class Cluster:
    """A server with databases of its own, in a folder that is thrown away with it."""

    def __init__(self, binaries: Path, folder: Path, settings: str = "") -> None:
        """``settings``: further words of the command line, such as ``-c fsync=off``."""
        # initdb refuses to run as root
        self._prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._binaries, self._folder, self._settings = binaries, folder, settings
        if self._prefix:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "feewatch", "-A", "trust", "-E", "UTF8"
        )
        self.go_on()

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(self._binaries / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)  # noqa: S603 - programs of the server

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def new_database(self, pattern: str = "template1") -> str:
        """The URL of a new database, empty or a copy of another one."""
        name = f"feewatch_{next(_NUMBERS)}"
        # by way of the log: a copy of files waits for all that others have yet to write
        self._tell(f"CREATE DATABASE {name} TEMPLATE {pattern} STRATEGY WAL_LOG")
        return f"postgresql+psycopg://feewatch@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Take away a database."""
        self._tell(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _tell(self, command: str) -> None:
        psycopg = library("psycopg", "postgres")
        server = f"host=127.0.0.1 port={self.port} user=feewatch dbname=postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(command)

    def go_on(self) -> None:
        """Start the server, also after a halt."""
        server = f"-p {self.port} -k {self._folder} {_LISTEN} {self._settings}"
        self._control("start", "-w", "-l", str(self._folder / "log"), "-o", server)

    def halt(self) -> None:
        """Let the server be away, as after a crash, until it goes on."""
        self._control("stop", "-m", "immediate")


@contextmanager
def served_cluster(settings: str = "", below: Path | None = None) -> Iterator[Cluster | None]:
    """A server while the block goes on; None where the machine has no PostgreSQL.

    ``below``: the folder below which its own is made, that of temporary files unless told.
    """
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    # not below a folder of ours, which is closed to others: the server is another user
    folder = Path(tempfile.mkdtemp(prefix="feewatch-postgres-", dir=below))
    folder.chmod(0o755)
    try:
        cluster = Cluster(binaries, folder, settings)
        try:
            yield cluster
        finally:
            cluster.halt()
    finally:
        # hundreds of databases take a minute to delete, for which nobody has to wait
        subprocess.run(["sh", "-c", 'rm -rf "$0" &', str(folder)], check=True)  # noqa: S603, S607
