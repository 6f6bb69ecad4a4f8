"""One at a time: what lies beside a database, and that nothing lies beside one in memory."""

from feewatch.config import Config, DatabaseConfig
from feewatch.founding import initialise
from feewatch.store.alone import alone


def test_nothing_is_written_beside_a_database_in_memory(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    app = initialise(Config(tmp_path / "home", database=DatabaseConfig("sqlite:///:memory:")))
    with alone(app.database, "check"):
        pass
    app.database.dispose()
    assert list(here.iterdir()) == []


def test_beside_a_file_an_empty_one_is_held(tmp_path):
    app = initialise(Config(tmp_path))
    held = app.database.url.database
    with alone(app.database, "check"):
        assert (tmp_path / f"{held}-check").stat().st_size == 0
    app.database.dispose()
