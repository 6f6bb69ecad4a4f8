"""Where files come from: folders, banks, other districts."""

from dataclasses import dataclass, field


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
