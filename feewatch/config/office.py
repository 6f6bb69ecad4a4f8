"""What the office decides of its own work: lists, papers, spans, terms of keeping."""

import re
from dataclasses import dataclass, field, fields

from feewatch.kernel.errors import InvalidInputError

#: 网络安全法第二十一条: logs are kept for not less than six months.
AUDIT_LEAST_DAYS = 183


@dataclass(frozen=True)
class Office:
    """The office that runs this installation."""

    name: str = "示例区教育局"
    district: str = "370702"
    uscc: str = ""  # its own credit code, for 双公示


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
