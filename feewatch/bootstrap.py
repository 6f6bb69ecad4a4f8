"""Puts one installation together: configuration, database, keys. Nothing happens at import."""

import logging
import os
import secrets
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from feewatch.config import Config
from feewatch.engine.holidays import Holidays
from feewatch.engine.loader import load_holidays
from feewatch.kernel.errors import UnavailableError
from feewatch.sealing.keyring import new_key, write_ring
from feewatch.store.database import Database
from feewatch.store.migrations import is_current, upgrade
from feewatch.store.people import second_factors


@dataclass(frozen=True)
class App:
    """What every service is given: where things are and the database."""

    config: Config
    database: Database

    @property
    def keys(self) -> Path:
        """The folder of secret keys, readable by the service alone."""
        return self.config.var / "keys"

    @property
    def files(self) -> Path:
        """The folder of raw files, vouchers and papers under their hash, encrypted."""
        return self.config.var / "files"

    @property
    def editions(self) -> Path:
        """The folder of published editions."""
        return self.config.var / "editions"

    @property
    def holidays(self) -> Holidays:
        """The public holidays on file, the office's own years in place of those shipped.

        Raises: InvalidInputError listing every fault of the files.
        """
        return load_holidays([self.config.resolve(each) for each in self.config.rules.folders])

    def secret(self, name: str) -> bytes:
        """A secret key by name (``session``, ``token``).

        Raises: UnavailableError where ``feewatch init`` has not made it.
        """
        try:
            return (self.keys / f"{name}.key").read_bytes()
        except FileNotFoundError:
            raise UnavailableError(
                "KEY-MISSING",
                f"缺少密钥 {name}，请先运行 feewatch init",
                f"the key {name} is missing: run feewatch init first",
            ) from None


def keep_to_owner() -> None:
    """Let every file and folder that this process makes be its owner's alone."""
    os.umask(0o077)


def open_app(config: Config, *, must_exist: bool = True) -> App:
    """The installation of a configuration.

    Raises: UnavailableError where its database is absent or of another version.
    """
    if config.var.is_dir():
        _close(config.var)
    database = Database(config.database_url)
    if must_exist and not is_current(database):
        database.dispose()
        raise UnavailableError(
            "DATABASE-VERSION",
            "数据库尚未建立或版本不符，请先运行 feewatch init",
            "the database is absent or of another version: run feewatch init first",
        )
    return App(config, database)


class ReaderLog(logging.FileHandler):
    """Where the operator finds, with its trace, what the readers of bank files failed at.

    Only its owner can read the file, which does not exist before there is something to tell.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config.var / "log" / "readers.log", encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)


def initialise(config: Config) -> App:
    """Create or migrate the database and make the keys that are absent."""
    config.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in config.var.rglob("*"):  # what an earlier release left open
        _close(path)
    app = open_app(config, must_exist=False)
    app.keys.mkdir(mode=0o700, exist_ok=True)
    for name in ("session", "token"):
        write_secret(app.keys / f"{name}.key", secrets.token_bytes(32))
    upgrade(app.database)
    _make_files_key(app)
    with app.database.reading() as tx:
        is_in_use = second_factors.exists_any(tx)
    if not is_in_use:  # another key would open none of the secrets
        write_secret(app.keys / "totp.key", secrets.token_bytes(32))
    return app


def _make_files_key(app: App) -> None:
    """Make the key by which files are encrypted, never where another one encrypted some.

    Raises: UnavailableError there.
    """
    path = app.config.files_key
    if path.exists():
        return
    if has_sealed_files(app.files):
        app.database.dispose()
        raise no_files_key(path, has_files=True)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(path, write_ring([new_key()]))


def has_sealed_files(folder: Path) -> bool:
    """Whether any file of a folder of kept files is encrypted."""
    return next(folder.glob("??/*.sealed"), None) is not None


def no_files_key(path: Path, *, has_files: bool) -> UnavailableError:
    """The refusal where the key of files is not where it should be, with what to do."""
    if has_files:
        return UnavailableError(
            "KEY-MISSING",
            f"缺少文件密钥 {path}，已有文件由它加密，不另建；请从另存的副本恢复，或改正 "
            "[paths] files_key",
            f"the key of files {path} is missing, and files are encrypted by it, so that none is "
            "made anew: bring its copy back, or mend [paths] files_key",
        )
    return UnavailableError(
        "KEY-MISSING",
        f"缺少文件密钥 {path}，请先运行 feewatch init",
        f"the key of files {path} is missing: run feewatch init first",
    )


def _close(path: Path) -> None:
    """Take from a file or folder of ours what others may do with it."""
    state = path.lstat()
    if state.st_uid == os.geteuid() and state.st_mode & 0o077 and not path.is_symlink():
        path.chmod(state.st_mode & 0o700)


def write_secret(path: Path, content: bytes) -> bool:
    """Write a file only its owner can read, unless it exists; whether it was written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return True
