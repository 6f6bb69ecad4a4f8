"""Typed configuration from one TOML file; unknown keys and wrong types are refused, all at once."""

import re
import typing
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import ROLES
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml, refuse_faults

#: 网络安全法第二十一条: logs are kept for not less than six months.
AUDIT_LEAST_DAYS = 183
#: A check holds one for its turn, one to read and one to write.
_LEAST_CONNECTIONS = 4


@dataclass(frozen=True)
class Office:
    """The office that runs this installation."""

    name: str = "示例区教育局"
    district: str = "370702"
    uscc: str = ""  # its own credit code, for 双公示


@dataclass(frozen=True)
class Paths:
    """Where the installation keeps its files; the key of files may lie on another disk."""

    var: str = "var"
    files_key: str = ""  # empty: keys/files.key in the var folder


@dataclass(frozen=True)
class DatabaseConfig:
    """Empty url: SQLite in the var folder."""

    url: str = ""
    cache_mb: int = 256  # pages of SQLite in memory: of all that serve, the scheduler, a command
    connections: int = 16  # that a process opens at most

    def __post_init__(self) -> None:
        """Refuse what no process could work with."""
        if self.cache_mb < 1 or self.connections < _LEAST_CONNECTIONS:
            raise InvalidInputError(
                "CONFIG",
                f"database：cache_mb 至少为 1，connections 至少为 {_LEAST_CONNECTIONS}",
                f"database: cache_mb is 1 at least, connections {_LEAST_CONNECTIONS}",
            )


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
    processes: int = 0  # one a core, at most four
    threads: int = 16
    secure_cookies: bool = True
    trusted_proxies: int = 0
    proxy_address: str = "127.0.0.1"
    hosts: list[str] = field(default_factory=list)
    session_minutes: int = 60
    session_hours: int = 12
    hsts_subdomains: bool = False
    max_upload_mb: int = 50
    metrics_from: list[str] = field(default_factory=lambda: ["127.0.0.1", "::1"])


@dataclass(frozen=True)
class People:
    """How people of which roles log in."""

    second_factor: list[str] = field(default_factory=list)
    password_off: list[str] = field(default_factory=list)
    token_days: int = 180
    token_days_max: int = 365
    unmask_minutes: int = 30  # how long a person sees whole what they asked to see
    #: A second officer confirms what may excuse a breach; also without it once the three
    #: administrators are separate.
    four_eyes_on_approvals: bool = False

    def __post_init__(self) -> None:
        """Refuse a role that there is not before somebody relies on it."""
        for key in ("second_factor", "password_off"):
            unknown = [role for role in getattr(self, key) if role not in ROLES]
            if unknown:
                raise InvalidInputError(
                    "CONFIG",
                    f"people.{key}：没有角色 {'、'.join(unknown)}",
                    f"people.{key}: there is no role {', '.join(unknown)}",
                )


@dataclass(frozen=True)
class Oidc:
    """The identity provider at which people may log in; without an issuer there is none."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    claim: str = "preferred_username"
    timeout_seconds: float = 10.0


@dataclass(frozen=True)
class Limits:
    """How much one person, one institution and one file may ask for; presets of the office."""

    files_a_day: int = 500  # that a person of an institution, or its program, sends
    megabytes_a_day: int = 1000
    office_files_a_day: int = 20_000  # the same for an officer, or a program of the office
    office_megabytes_a_day: int = 20_000
    entries_a_file: int = 200_000
    unregistered_a_day: int = 20  # statements of accounts that are on no register
    account_questions_a_day: int = 20  # "is this the right account?" from a network address
    account_questions_an_institution: int = 1000  # the same, of one institution by everybody
    clues_a_day: int = 5  # that the public hands in from a network address
    public_clues_a_day: int = 500  # the same by everybody
    waiting_writers: int = 8
    wait_seconds: float = 5.0


@dataclass(frozen=True)
class Log:
    """Where processes tell what they do; an empty folder: log in the var folder; ``-``: stderr."""

    folder: str = ""
    max_mb: int = 20
    keep: int = 10


@dataclass(frozen=True)
class Health:
    """Room that has to be free on every disk of the installation."""

    disk_percent: int = 5
    disk_mb: int = 500


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
    longest_seconds: float = 300.0


@dataclass(frozen=True)
class DistrictSource:
    """A district whose editions this office gathers; its keys are given by hand, never by the net.

    ``keys``: the ids of the keys in ``key_file`` that count, as they were told by another way.
    """

    district: str
    url: str  # of its site; the editions lie under /editions/
    key_file: str
    keys: list[str]
    token_file: str = ""  # of a token of its API; empty: requests for correction go as files
    timeout_seconds: float = 60.0  # for the whole of a file
    max_mb: int = 50  # of a file


@dataclass(frozen=True)
class SuperiorOffice:
    """An office above this one that may ask for a correction; its keys are given by hand, too."""

    district: str
    name: str
    key_file: str
    keys: list[str]


@dataclass(frozen=True)
class Gathering:
    """Whose editions are gathered, who may ask this office for corrections."""

    sources: list[DistrictSource] = field(default_factory=list)
    superiors: list[SuperiorOffice] = field(default_factory=list)
    groups: str = ""  # a file of the office's own: which credit code belongs to which group


@dataclass(frozen=True)
class Scheduler:
    """Cron lines in Asia/Shanghai, what a holiday does to a publication, how late a run may be."""

    check: str = "30 1 * * *"
    publication: str = "0 9 1 * *"
    deadlines: str = "0 7 * * *"
    outbox: str = "*/5 * * * *"
    corrections: str = "15 * * * *"
    inbox: str = "* * * * *"
    feeds: str = "20 * * * *"
    gathering: str = "50 */6 * * *"
    mail: str = "* * * * *"
    serving: str = "* * * * *"
    retention: str = "40 3 * * *"
    on_holiday: str = "run"
    misfire_grace_seconds: int = 3600
    lease_seconds: int = 60


#: The lowest priority that there is.
_NICEST = 19


@dataclass(frozen=True)
class Checking:
    """How a check judges: for how long one institution of very many rows, and where.

    ``engine`` judges a full check: ``database``, or ``duckdb`` on a copy held in memory.
    """

    longest_seconds: int = 300
    engine: str = "database"
    threads: int = 2  # of DuckDB
    nice: int = (
        10  # steps by which a full check computes at a lower priority than people's requests
    )

    def __post_init__(self) -> None:
        """Refuse an engine that there is not before a night relies on it."""
        if self.engine not in ("database", "duckdb"):
            raise InvalidInputError(
                "CONFIG",
                f"check.engine：{self.engine} 应为 database 或 duckdb",
                f"check.engine: {self.engine}: database or duckdb",
            )
        if self.threads < 1:
            raise InvalidInputError(
                "CONFIG",
                f"check.threads：{self.threads} 应至少为 1",
                f"check.threads: {self.threads}: 1 at least",
            )
        if not 0 <= self.nice <= _NICEST:
            raise InvalidInputError(
                "CONFIG",
                f"check.nice：{self.nice} 应为 0–{_NICEST}",
                f"check.nice: {self.nice}: 0 to {_NICEST}",
            )


@dataclass(frozen=True)
class Mail:
    """The mail server by which messages go out, too; without a host none do."""

    host: str = ""
    port: int = 587
    starttls: bool = True
    from_: str = ""  # "from" in the file
    user: str = ""
    password_file: str = ""
    site: str = ""
    timeout_seconds: float = 20.0
    max_attempts: int = 12


@dataclass(frozen=True)
class Casework:
    """Spans of cases, in working days: no law fixes them."""

    recheck_days: int = 30
    remind_days: int = 3
    escalate_days: int = 5
    objection_days: int = 10


@dataclass(frozen=True)
class ListBasis:
    """The legal basis on which a list may exist in a place."""

    list: str
    document: str
    level: str
    clause: str
    jurisdiction: str = "000000"


@dataclass(frozen=True)
class Authority:
    """An authority whose decisions the office may enter, and how it numbers them."""

    name: str
    pattern: str = ""  # regular expression of its document numbers; empty: 机关代字〔年〕第N号
    uscc: str = ""  # its own credit code, for 双公示

    def __post_init__(self) -> None:
        """Refuse what is no pattern before a decision is held against it."""
        try:
            re.compile(self.pattern)
        except re.error as fault:
            raise InvalidInputError(
                "CONFIG",
                f"publication.authorities：{self.name} 的 pattern 不是正则表达式：{fault}",
                f"publication.authorities: the pattern of {self.name} is no expression: {fault}",
            ) from None


@dataclass(frozen=True)
class Subscriber:
    """Someone to whom editions are pushed."""

    name: str
    url: str
    secret_file: str
    timeout_seconds: float = 15.0
    max_attempts: int = 16  # about two days: the wait doubles up to six hours
    #: editions, results: nobody is sent results who is not named for them
    takes: list[str] = field(default_factory=lambda: ["editions"])

    def __post_init__(self) -> None:
        """Refuse a word that is neither."""
        unknown = sorted(set(self.takes) - {"editions", "results"})
        if unknown or not self.takes:
            raise InvalidInputError(
                "CONFIG",
                f"subscribers.takes：{'、'.join(unknown) or '空'} 应为 editions 或 results",
                f"subscribers.takes: {', '.join(unknown) or 'empty'}: editions or results",
            )


@dataclass(frozen=True)
class Publication:
    """Gates, list bases, authorities whose decisions may be entered, subscribers."""

    max_added_share: float = 0.20
    max_added_floor: int = 5
    trusted_key: str = ""
    list_basis: list[ListBasis] = field(default_factory=list)
    authorities: list[Authority] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)


@dataclass(frozen=True)
class Credit:
    """信用评价: the scheme of the rule book by which the office grades."""

    scheme: str = "neutral"


@dataclass(frozen=True)
class Papers:
    """Papers of cases: the office's own templates, what law does not tell us, series of numbers."""

    folder: str = ""
    remedies: str = ""  # 救济途径; empty: a place for the office to fill in
    copies: str = ""  # 抄送
    series: dict[str, str] = field(default_factory=dict)  # by kind, with {year} and {n}


@dataclass(frozen=True)
class AuditTrail:
    """The audit trail: where its anchors go outside the database, how long it is kept."""

    anchor_file: str = ""  # empty: audit/anchors.jsonl in the var folder
    keep_days: int = 1095

    def __post_init__(self) -> None:
        """Refuse a span that is shorter than six months."""
        if self.keep_days < AUDIT_LEAST_DAYS:
            raise InvalidInputError(
                "CONFIG",
                f"audit.keep_days：审计记录至少保存 {AUDIT_LEAST_DAYS} 天（六个月），不能是"
                f" {self.keep_days} 天",
                f"audit.keep_days: the audit trail is kept for {AUDIT_LEAST_DAYS} days (six months)"
                f" at least, not {self.keep_days}",
            )


@dataclass(frozen=True)
class Retention:
    """How long is kept what has a term, in years or days; 0: for good.

    Presets: no law that was read for this program tells these terms, an office sets its own.
    """

    payers_years: int = 10  # payers, accounts of the other side and memos of bank rows
    bank_files_years: int = 10  # the bank's files themselves
    vouchers_years: int = 10  # attachments of settled cases, vouchers of proposals
    students_years: int = 10  # tokens of students after their last contract
    rejected_files_days: int = 730  # files that could not be read
    messages_days: int = 730
    sessions_days: int = 183  # sessions and tried log-ins

    def __post_init__(self) -> None:
        """Refuse a term below nothing, and log-ins that go before six months."""
        below = [each.name for each in fields(self) if getattr(self, each.name) < 0]
        if 0 < self.sessions_days < AUDIT_LEAST_DAYS:
            below.append("sessions_days")
        if below:
            names = ", ".join(below)
            raise InvalidInputError(
                "CONFIG",
                f"retention.{names}：期限不能为负，登录记录至少保存 {AUDIT_LEAST_DAYS} 天",
                f"retention.{names}: no term is below 0, and log-ins are kept for "
                f"{AUDIT_LEAST_DAYS} days (six months) at least",
            )


@dataclass(frozen=True)
class Config:
    """The whole configuration; ``folder`` is that of the file, or the current directory."""

    folder: Path
    office: Office = field(default_factory=Office)
    places: dict[str, str] = field(default_factory=dict)  # names of districts by code, for pages
    paths: Paths = field(default_factory=Paths)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    rules: RuleFolders = field(default_factory=RuleFolders)
    check: Checking = field(default_factory=Checking)
    dialects: Folders = field(default_factory=Folders)
    registers: Folders = field(default_factory=Folders)
    matching: Matching = field(default_factory=Matching)
    web: Web = field(default_factory=Web)
    log: Log = field(default_factory=Log)
    health: Health = field(default_factory=Health)
    people: People = field(default_factory=People)
    limits: Limits = field(default_factory=Limits)
    oidc: Oidc = field(default_factory=Oidc)
    inbox: WatchedFolder = field(default_factory=WatchedFolder)
    feeds: list[Feed] = field(default_factory=list)
    gathering: Gathering = field(default_factory=Gathering)
    scheduler: Scheduler = field(default_factory=Scheduler)
    publication: Publication = field(default_factory=Publication)
    credit: Credit = field(default_factory=Credit)
    papers: Papers = field(default_factory=Papers)
    mail: Mail = field(default_factory=Mail)
    casework: Casework = field(default_factory=Casework)
    audit: AuditTrail = field(default_factory=AuditTrail)
    retention: Retention = field(default_factory=Retention)

    def __post_init__(self) -> None:
        """Refuse fewer connections than threads: pages would wait for each other."""
        if self.database.connections < self.web.threads:
            raise InvalidInputError(
                "CONFIG",
                f"database.connections 为 {self.database.connections}，"
                f"少于 web.threads {self.web.threads}",
                f"database.connections, {self.database.connections}, are fewer than web.threads, "
                f"{self.web.threads}",
            )

    @property
    def authorities(self) -> dict[str, str]:
        """Patterns of document numbers by authority, the office itself among them."""
        return {self.office.name: ""} | {
            authority.name: authority.pattern for authority in self.publication.authorities
        }

    @cached_property
    def var(self) -> Path:
        """The var folder, wherever links lead at the first look."""
        return self.resolve(self.paths.var)

    @property
    def files_key(self) -> Path:
        """The file of keys by which kept files are encrypted."""
        return self.resolve(self.paths.files_key or str(self.var / "keys" / "files.key"))

    @property
    def database_url(self) -> str:
        """The database URL in force."""
        return self.database.url or f"sqlite:///{self.var / 'feewatch.db'}"

    def resolve(self, path: str) -> Path:
        """A path of the configuration, relative to its folder."""
        return (self.folder / path).resolve()


#: What is read from the current directory where no file is named.
CONFIG_FILE = "feewatch.toml"


def load_config(path: Path | None) -> Config:
    """The configuration of a file, by default that of the current directory, else the defaults.

    Raises: InvalidInputError naming every unknown key and wrong value.
    """
    if path is None:
        path = Path.cwd() / CONFIG_FILE
        if not path.exists():
            return Config(folder=Path.cwd())
    try:
        content = path.read_bytes()
    except OSError:
        raise InvalidInputError(
            "CONFIG-MISSING", f"找不到配置文件 {path}", f"no configuration file {path}"
        ) from None
    faults: list[Problem] = []
    table = read_toml(content, path.name, faults)
    values = _read(Config, table, skip="folder") if table else {}
    refuse_faults("CONFIG", Text("配置文件有误", "the configuration has faults"), faults)
    return Config(folder=path.resolve().parent, **values)


def key_of(name: str) -> str:
    """The key of a field in the file: a word of Python has an underscore at its end."""
    return name.rstrip("_")


def _read(cls: type, table: Table, skip: str = "") -> dict[str, Any]:
    """The values that a table gives to the fields of a class."""
    types_of = typing.get_type_hints(cls)
    values = {}
    for each in fields(cls):
        if each.name == skip:
            continue
        required = each.default is MISSING and each.default_factory is MISSING
        key = key_of(each.name)
        is_told = table.has(key)
        value = _value(types_of[each.name], table, key, required=required)
        if is_told or required:
            values[each.name] = value
    table.end()
    return values


def _value(kind: Any, table: Table, name: str, *, required: bool) -> Any:
    """What a table says of a field; something of its type where it says nothing or is wrong."""
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return kind(**_read(kind, table.table(name, required=required)))
    if kind is str:
        return table.text(name, required=required)
    if kind is bool:
        return table.flag(name)
    if kind is int:
        return table.whole(name, required=required) or 0
    if kind is float:
        return float(table.number(name, required=required) or 0)
    if kind == list[str]:
        return list(table.words(name))
    if kind == dict[str, str]:
        return table.strings(name)
    (item,) = kind.__args__
    return [item(**_read(item, inner)) for inner in table.tables(name, required=required)]
