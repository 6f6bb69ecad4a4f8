"""Real databases for all tests: SQLite files, and a PostgreSQL that the tests start themselves."""

import gc
import os
import shutil
from pathlib import Path

import pytest
from offices import initialise
from sharing import BySharing
from web.town import build_town

from feewatch.bench.postgres import served_cluster
from feewatch.bootstrap import open_app
from feewatch.config import Config, DatabaseConfig, Office

_UMASK = os.umask(0o022)
os.umask(_UMASK)
# the databases of a test are thrown away with it: nothing of them has to outlive a power cut
_SERVER = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
)
#: What the databases of one worker may need, in bytes.
_ROOM = 2 * 1024**3


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


@pytest.fixture(autouse=True)
def _own_umask():
    """A command sets the umask of its process, which here is that of the tests.

    Also one that a fixture of many tests ran, before the first of them began.
    """
    os.umask(_UMASK)
    yield
    os.umask(_UMASK)


@pytest.fixture(scope="session")
def postgres():
    with served_cluster(_SERVER, below=_memory()) as cluster:
        if cluster is None:
            pytest.skip("PostgreSQL is not installed")
        yield cluster


def _memory():
    """Where files lie in memory, if there is room.

    A check makes and drops hundreds of tables, which are files: on ext4 without a journal the
    server is at work for longer on finding numbers for them than on all else.
    """
    place = Path("/dev/shm")
    is_roomy = place.is_dir() and shutil.disk_usage(place).free > _ROOM
    return place if is_roomy and os.access(place, os.W_OK) else None


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """A whole demonstration and its site; what a test does in it stays."""
    town = build_town(tmp_path_factory.mktemp("town"))
    yield town
    town.demo.app.database.dispose()


@pytest.fixture
def new_database(postgres):
    """Makes databases of a test, which go with it: memory has no room for those of all."""
    urls = []

    def make(*pattern):
        urls.append(postgres.new_database(*pattern))
        return urls[-1]

    yield make
    for url in urls:
        postgres.drop(url)


@pytest.fixture
def postgres_url(new_database):
    return new_database()


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
        url = request.getfixturevalue("new_database")(pattern)
    config = Config(tmp_path / "home", Office(district="370702"), database=DatabaseConfig(url))
    app = initialise(config)
    yield app
    app.database.dispose()


@pytest.fixture(scope="session")
def _prepared():
    """By function and database what it made: folder, name of the database, what it told."""
    return {}


@pytest.fixture(params=["sqlite", "postgres"])
def prepared(request, tmp_path, tmp_path_factory, _prepared):
    """Gives a copy, on each database in turn, of what ``make(app, folder)`` makes but once.

    The copy and what the function told; its office is that of the example world.
    """
    kind, apps = request.param, []

    def copy_of(make):
        if (make, kind) not in _prepared:
            folder = tmp_path_factory.mktemp("prepared")
            _prepared[make, kind] = _prepare(request, kind, make, folder)
        folder, name, told = _prepared[make, kind]
        url = request.getfixturevalue("new_database")(name) if name else ""
        home = shutil.copytree(folder, tmp_path / "home", symlinks=True)
        config = Config(home, Office(district="370702"), database=DatabaseConfig(url))
        apps.append(open_app(config))
        return apps[-1], told

    yield copy_of
    for app in apps:
        app.database.dispose()


def _prepare(request, kind, make, folder):
    url = ""
    if kind == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("postgres").new_database(pattern)
    home = folder / "home"
    app = initialise(Config(home, Office(district="370702"), database=DatabaseConfig(url)))
    told = make(app, folder)
    app.database.dispose()
    return home, url.rpartition("/")[2], told


@pytest.fixture
def homes(tmp_path, request):
    """Makes installations of their own, each on SQLite or on PostgreSQL."""
    apps = []

    def make(database):
        url = request.getfixturevalue("new_database")() if database == "postgres" else ""
        settings = {"database": DatabaseConfig(url)} if url else {}
        folder = tmp_path / f"home{len(apps)}"
        apps.append(initialise(Config(folder, Office(district="370702"), **settings)))
        return apps[-1]

    yield make
    for app in apps:
        app.database.dispose()


@pytest.fixture
def postgres_app(new_database, postgres_pattern, tmp_path):
    """An installation on PostgreSQL; the office is that of the example world."""
    url = new_database(postgres_pattern)
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
