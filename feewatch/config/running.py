"""How the processes of an installation run, and what room they have."""

from dataclasses import dataclass, field

from feewatch.kernel.errors import InvalidInputError


@dataclass(frozen=True)
class Paths:
    """Where the installation keeps its files; the key of files may lie on another disk."""

    var: str = "var"
    files_key: str = ""  # empty: keys/files.key in the var folder


#: A check holds one for its turn, one to read and one to write.
_LEAST_CONNECTIONS = 4


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
#: A check that rests for longer than this would not be over in a night.
_LONGEST_REST = 9


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
    rest: int = 6  # on PostgreSQL: seconds of rest, at the most, for each second of statements

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
        if not 0 <= self.rest <= _LONGEST_REST:
            raise InvalidInputError(
                "CONFIG",
                f"check.rest：{self.rest} 应为 0–{_LONGEST_REST}",
                f"check.rest: {self.rest}: 0 to {_LONGEST_REST}",
            )
