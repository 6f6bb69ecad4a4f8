"""The whole configuration."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from feewatch.config.office import (
    AuditTrail,
    Casework,
    Credit,
    Office,
    Papers,
    Publication,
    Retention,
)
from feewatch.config.people import Mail, Oidc, People
from feewatch.config.running import (
    Checking,
    DatabaseConfig,
    Health,
    Limits,
    Log,
    Paths,
    Scheduler,
    Web,
)
from feewatch.config.sources import Feed, Folders, Gathering, Matching, RuleFolders, WatchedFolder
from feewatch.kernel.errors import InvalidInputError


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
