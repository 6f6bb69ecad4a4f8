"""Puts one installation together: configuration, database, keys. Nothing happens at import."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from feewatch.config import Config
from feewatch.engine.folders import rule_folders
from feewatch.engine.holidays import Holidays
from feewatch.engine.loader import load_holidays
from feewatch.kernel.errors import UnavailableError
from feewatch.store import migrations
from feewatch.store.connections import place_of
from feewatch.store.database import Database

#: The mark in a var folder that a restore has not finished.
RESTORING = ".restoring"
#: What in a var folder tells that an office has worked there, whatever became of its database.
_TRACES = ("editions", "files")
#: A secret of fewer bytes was not written whole.
_LEAST_KEY = 16


@dataclass(frozen=True)
class App:
    """What every service is given: where things are and the database."""

    config: Config
    database: Database

    @property
    def keys(self) -> Path:
        """The folder of secret keys, readable by the service alone."""
        return self.config.var / "keys"

    @cached_property
    def files(self) -> Path:
        """The folder of raw files, vouchers and papers under their hash, encrypted."""
        return self.config.var / "files"

    @property
    def editions(self) -> Path:
        """The folder of published editions."""
        return self.config.var / "editions"

    @property
    def holidays(self) -> Holidays:
        """The public holidays on file, those of packs and the office's own before those shipped.

        Raises: InvalidInputError listing every fault of the files.
        """
        return load_holidays(rule_folders(self.config))

    def secret(self, name: str) -> bytes:
        """A secret key by name (``session``, ``token``).

        Raises: UnavailableError where ``feewatch init`` has not made it.
        """
        path = self.keys / f"{name}.key"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UnavailableError(
                "KEY-MISSING",
                f"缺少密钥 {path}：请从 var/keys 的备份放回；新装的机构先运行 feewatch init",
                f"the key {path} is missing: put it back from the copy of var/keys; a new office "
                "runs feewatch init first",
            ) from None
        if len(content) < _LEAST_KEY:
            raise UnavailableError(
                "KEY-EMPTY",
                f"密钥 {path} 为空或不完整，请从 var/keys 的备份放回",
                f"the key {path} is empty or cut short: put it back from the copy of var/keys",
            )
        return content


def keep_to_owner() -> None:
    """Let every file and folder that this process makes be its owner's alone."""
    os.umask(0o077)


def open_app(config: Config, *, must_exist: bool = True) -> App:
    """The installation of a configuration.

    Raises: UnavailableError where its database is absent or of another version, or a restore was
    not finished.
    """
    if (config.var / RESTORING).exists():
        raise UnavailableError(
            "RESTORE-UNFINISHED",
            f"{config.var} 的恢复没有完成：请再次运行 feewatch restore 同一文件，或删除该文件夹",
            f"a restore into {config.var} was not finished: run feewatch restore with the same "
            "file again, or remove the folder",
        )
    if config.var.is_dir():
        close_to_others(config.var)
    database = Database(
        config.database_url,
        home=config.var,
        may_create=not must_exist,
        cache_mb=config.database.cache_mb,
        connections=config.database.connections,
    )
    try:
        _refuse_other_version(config, database, must_exist=must_exist)
    except BaseException:
        database.dispose()
        raise
    return App(config, database)


def _refuse_other_version(config: Config, database: Database, *, must_exist: bool) -> None:
    """Nothing for a database of this version, or for one that ``init`` may bring to it."""
    revision, place = migrations.find_revision(database), database.place
    if revision == migrations.newest():
        return
    if revision is not None and not migrations.is_known(revision):
        raise UnavailableError(
            "DATABASE-NEWER",
            f"数据库 {place} 由更新的版本写成（{revision}），请升级 feewatch",
            f"the database {place} was written by a later version ({revision}): upgrade feewatch",
        )
    if not must_exist:
        return
    if revision is not None:
        raise UnavailableError(
            "DATABASE-OLD",
            f"数据库 {place} 属于较早的版本（{revision}）：请先备份，再运行 feewatch init 升级",
            f"the database {place} is of an earlier version ({revision}): make a safety copy, then "
            "run feewatch init",
        )
    refuse_lost(config)
    raise UnavailableError(
        "DATABASE-ABSENT",
        f"{place} 处没有数据库。是否在正确的文件夹、是否漏了 --config？"
        "新装的机构请运行 feewatch init",
        f"there is no database at {place}. Is this the right folder, is --config missing? A new "
        "office runs feewatch init",
    )


def database_place(config: Config) -> str:
    """Where the database of a configuration is, for people."""
    return place_of(config.database_url)


def has_database(config: Config) -> bool:
    """Whether a configuration's database was ever made."""
    database = Database(config.database_url, may_create=False)
    try:
        return migrations.find_revision(database) is not None
    finally:
        database.dispose()


def refuse_lost(config: Config) -> None:
    """Refuse an empty database in the place of one that was lost.

    Raises: UnavailableError where an office has worked here and its database is gone.
    """
    traces = [config.var / name for name in _TRACES]
    worked = [path for path in traces if path.is_dir() and any(path.iterdir())]
    if not worked:
        return
    if not has_database(config):
        place = database_place(config)
        shown = ", ".join(str(path) for path in worked)
        raise UnavailableError(
            "DATABASE-LOST",
            f"{place} 处没有数据库，而 {shown} 仍在：数据库已丢失，"
            "请用 feewatch restore 恢复备份，不要另建",
            f"there is no database at {place}, but {shown} is there: the database is "
            "lost. Bring a safety copy back by feewatch restore; do not make a new one",
        )


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


def close_to_others(path: Path) -> None:
    """Take from a file or folder of ours what others may do with it."""
    state = path.lstat()
    if state.st_uid == os.geteuid() and state.st_mode & 0o077 and not path.is_symlink():
        with suppress(OSError):  # a read-only disk is no reason not to read
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
