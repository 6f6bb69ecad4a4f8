"""Real databases for all tests: SQLite files, and a PostgreSQL that the tests start themselves."""

import gc
import itertools
import os
import shutil
import socket
import subprocess
from pathlib import Path

import psycopg
import pytest
from offices import initialise
from sharing import BySharing
from web.town import build_town

from feewatch.config import Config, DatabaseConfig, Office

_UMASK = os.umask(0o022)
os.umask(_UMASK)
_NUMBERS = itertools.count(1)
# the databases of a test are thrown away with it: nothing of them has to outlive a power cut
_SERVER = (
    "-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
)


def pytest_addoption(parser):
    parser.addoption(
        "--seeds", type=int, help="random worlds and histories, on either database (CI: a few)"
    )


def pytest_configure():
    """Rule books and plans stay in memory, which makes a full collection of garbage slow."""
    gc.set_threshold(100_000, 50, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests that share what is dear to make go to one worker, in front of all others."""
    return BySharing(config, log)


def pytest_generate_tests(metafunc):
    """Random worlds are drawn from seeds: few by default, as many as ``--seeds`` says."""
    asked = metafunc.config.getoption("--seeds")
    for name, few in (("seed", 4), ("postgres_seed", 1)):
        is_drawn = metafunc.module.__name__.split(".")[-2:-1] == ["oracle"]
        if name in metafunc.fixturenames and is_drawn:
            metafunc.parametrize(name, range(asked or few))


def _postgres_bin() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class Cluster:
    """A throw-away PostgreSQL on a free port of the loopback address."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        # initdb refuses to run as root
        self._prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._binaries, self._folder = binaries, folder
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
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def new_database(self, pattern: str = "template1") -> str:
        """The URL of a new database, empty or a copy of another one."""
        name = f"feewatch_{next(_NUMBERS)}"
        # by way of the log: a copy of files waits for all that other tests have yet to write
        self._tell(f"CREATE DATABASE {name} TEMPLATE {pattern} STRATEGY WAL_LOG")
        return f"postgresql+psycopg://feewatch@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Take away a database, which others than the fixtures of tests have made."""
        self._tell(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _tell(self, command: str) -> None:
        server = f"host=127.0.0.1 port={self.port} user=feewatch dbname=postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(command)  # type: ignore[call-overload]

    def go_on(self) -> None:
        """Start the server, also after a halt."""
        server = f"-p {self.port} -k {self._folder} {_SERVER}"
        self._control("start", "-w", "-l", str(self._folder / "log"), "-o", server)

    def halt(self) -> None:
        """Let the server be away, as after a crash, until it goes on."""
        self._control("stop", "-m", "immediate")

    def stop(self) -> None:
        """Stop the server."""
        self.halt()


@pytest.fixture(autouse=True)
def _own_umask():
    """A command sets the umask of its process, which here is that of the tests.

    Also one that a fixture of many tests ran, before the first of them began.
    """
    os.umask(_UMASK)
    yield
    os.umask(_UMASK)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    binaries = _postgres_bin()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    # the base folders of pytest are closed to other users; the server is another user
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    folder.chmod(0o755)
    cluster = Cluster(binaries, folder)
    yield cluster
    cluster.stop()
    # hundreds of databases take a minute to delete, for which nobody has to wait
    subprocess.run(["sh", "-c", 'rm -rf "$0" &', str(folder)], check=True)


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """A whole demonstration and its site; what a test does in it stays."""
    town = build_town(tmp_path_factory.mktemp("town"))
    yield town
    town.demo.app.database.dispose()


@pytest.fixture
def postgres_url(postgres):
    return postgres.new_database()


@pytest.fixture(scope="session")
def postgres_pattern(postgres, tmp_path_factory):
    """The name of a database with all tables: making them takes longer than most tests."""
    url = postgres.new_database()
    folder = tmp_path_factory.mktemp("pattern")
    initialise(Config(folder, database=DatabaseConfig(url))).database.dispose()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgres"])
def any_app(request, tmp_path):
    """An installation on each database in turn; the office is that of the example world."""
    url = ""
    if request.param == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("postgres").new_database(pattern)
    config = Config(tmp_path / "home", Office(district="370702"), database=DatabaseConfig(url))
    app = initialise(config)
    yield app
    app.database.dispose()


@pytest.fixture
def postgres_app(postgres, postgres_pattern, tmp_path):
    """An installation on PostgreSQL; the office is that of the example world."""
    url = postgres.new_database(postgres_pattern)
    config = Config(tmp_path / "home", Office(district="370702"), database=DatabaseConfig(url))
    app = initialise(config)
    yield app
    app.database.dispose()


@pytest.fixture
def shared():
    """The folder of public sample files, where there is one."""
    named = os.environ.get("FEEWATCH_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "samples").is_dir():
        pytest.skip("no folder of shared samples beside the project (FEEWATCH_SHARED)")
    return folder
