"""Typed configuration from one TOML file; unknown keys and wrong types are refused, all at once."""

import tomllib
import types
import typing
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from feewatch.kernel.errors import InvalidInputError


@dataclass(frozen=True)
class Office:
    """The office that runs this installation."""

    name: str = "示例区教育局"
    district: str = "370702"


@dataclass(frozen=True)
class Paths:
    """Where the installation keeps its files."""

    var: str = "var"


@dataclass(frozen=True)
class DatabaseConfig:
    """Empty url: SQLite in the var folder."""

    url: str = ""


@dataclass(frozen=True)
class Folders:
    """Further folders of declarative files beside those shipped."""

    folders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RuleFolders(Folders):
    """Folders laid over the shipped rule book, and drafts that run beside it without effect."""

    shadow: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Matching:
    """The file of payment channels; empty: the one shipped."""

    channels: str = ""


@dataclass(frozen=True)
class Web:
    """The web service."""

    host: str = "127.0.0.1"
    port: int = 8080
    threads: int = 8
    secure_cookies: bool = True
    trusted_proxies: int = 0
    session_minutes: int = 60
    max_upload_mb: int = 50


@dataclass(frozen=True)
class WatchedFolder:
    """A watched folder for bank files; done and refused lie beside it unless named."""

    folder: str = ""
    done: str = ""
    refused: str = ""
    settle_seconds: float = 5.0
    max_mb: int = 50


@dataclass(frozen=True)
class Feed:
    """A bank's feed of statement files."""

    name: str
    url: str
    secret_file: str
    page_size: int = 100
    timeout_seconds: float = 30.0
    max_attempts: int = 4
    wait_seconds: float = 1.0
    max_mb: int = 50


@dataclass(frozen=True)
class Scheduler:
    """Cron lines in Asia/Shanghai and how late a run may be."""

    check: str = "30 1 * * *"
    publication: str = "0 9 1 * *"
    deadlines: str = "0 7 * * *"
    outbox: str = "*/5 * * * *"
    corrections: str = "15 * * * *"
    inbox: str = "* * * * *"
    feeds: str = "20 * * * *"
    misfire_grace_seconds: int = 3600
    lease_seconds: int = 60


@dataclass(frozen=True)
class ListBasis:
    """The legal basis on which a list may exist in a place."""

    list: str
    document: str
    level: str
    clause: str
    jurisdiction: str = "000000"


@dataclass(frozen=True)
class Subscriber:
    """Someone to whom editions are pushed."""

    name: str
    url: str
    secret_file: str
    timeout_seconds: float = 10.0
    max_attempts: int = 8


@dataclass(frozen=True)
class Publication:
    """Gates, list bases and subscribers."""

    max_added_share: float = 0.20
    max_added_floor: int = 5
    trusted_key: str = ""
    list_basis: list[ListBasis] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)


@dataclass(frozen=True)
class Config:
    """The whole configuration; ``folder`` is that of the file, or the current directory."""

    folder: Path
    office: Office = field(default_factory=Office)
    places: dict[str, str] = field(default_factory=dict)  # names of districts by code, for pages
    paths: Paths = field(default_factory=Paths)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    rules: RuleFolders = field(default_factory=RuleFolders)
    dialects: Folders = field(default_factory=Folders)
    registers: Folders = field(default_factory=Folders)
    matching: Matching = field(default_factory=Matching)
    web: Web = field(default_factory=Web)
    inbox: WatchedFolder = field(default_factory=WatchedFolder)
    feeds: list[Feed] = field(default_factory=list)
    scheduler: Scheduler = field(default_factory=Scheduler)
    publication: Publication = field(default_factory=Publication)

    @property
    def var(self) -> Path:
        """The var folder."""
        return self.resolve(self.paths.var)

    @property
    def database_url(self) -> str:
        """The database URL in force."""
        return self.database.url or f"sqlite:///{self.var / 'feewatch.db'}"

    def resolve(self, path: str) -> Path:
        """A path of the configuration, relative to its folder."""
        return (self.folder / path).resolve()


def load_config(path: Path | None) -> Config:
    """The configuration of a file, or the defaults where none is given.

    Raises: InvalidInputError naming every unknown key and wrong value.
    """
    if path is None:
        return Config(folder=Path.cwd())
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInputError(
            "CONFIG-MISSING", f"找不到配置文件 {path}", f"no configuration file {path}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InvalidInputError(
            "CONFIG-SYNTAX", f"配置文件无法读取:{fault}", f"cannot read the configuration: {fault}"
        ) from None
    faults: list[str] = []
    values = _read(Config, raw, "", faults, skip={"folder"})
    if faults:
        listed = "; ".join(faults)
        raise InvalidInputError(
            "CONFIG-KEYS", f"{path.name} 有误:{listed}", f"{path.name}: {listed}"
        )
    return Config(folder=path.resolve().parent, **values)


def _read(
    cls: type, raw: dict[str, Any], at: str, faults: list[str], skip: set[str] | None = None
) -> dict[str, Any]:
    known = {f.name: f for f in fields(cls) if f.name not in (skip or set())}
    types_of = typing.get_type_hints(cls)
    faults += [f"unknown key {at}{name}" for name in raw if name not in known]
    values = {
        name: _value(types_of[name], raw[name], f"{at}{name}", faults)
        for name in known
        if name in raw
    }
    faults += [
        f"missing key {at}{name}"
        for name, f in known.items()
        if name not in raw and f.default is MISSING and f.default_factory is MISSING
    ]
    return values


def _value(kind: Any, value: Any, at: str, faults: list[str]) -> Any:
    if isinstance(kind, types.GenericAlias) and kind.__origin__ is dict:
        return _texts(value, at, faults)
    if isinstance(kind, types.GenericAlias):
        (item,) = kind.__args__
        if not isinstance(value, list):
            faults.append(f"{at} must be a list")
            return []
        return [_value(item, each, f"{at}[{n}]", faults) for n, each in enumerate(value, 1)]
    if is_dataclass(kind):
        if not isinstance(value, dict):
            faults.append(f"{at} must be a table")
            return None
        assert isinstance(kind, type)
        before = len(faults)
        inner = _read(kind, value, f"{at}.", faults)
        return kind(**inner) if len(faults) == before else None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        faults.append(f"{at} must be {kind.__name__}, not {value!r}")
    return value


def _texts(value: Any, at: str, faults: list[str]) -> dict[str, str]:
    """A table whose keys are free and whose values are text."""
    if not isinstance(value, dict):
        faults.append(f"{at} must be a table")
        return {}
    faults += [
        f"{at}.{name} must be str, not {each!r}"
        for name, each in value.items()
        if not isinstance(each, str)
    ]
    return value
