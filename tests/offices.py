"""Installations for tests: the empty database is made once and copied, as making it takes time."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from feewatch import founding
from feewatch.bootstrap import App
from feewatch.config import Config


def initialise(config: Config) -> App:
    """What ``founding.initialise`` gives; a database of its own in SQLite begins as a copy."""
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not (path := Path(url.database or "")).exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_database(Path(_folder().name)), path)
    return founding.initialise(config)


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory()


@cache
def _database(folder: Path) -> Path:
    config = Config(folder=folder)
    founding.initialise(config).database.dispose()
    return Path(make_url(config.database_url).database or "")
