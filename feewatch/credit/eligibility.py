"""Who may stand on the white list, explained line by line. Positive proof, never lack of alarm.

Alerts are no input here: what no officer has confirmed changes no list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from feewatch.credit.lists import UNRATED
from feewatch.engine.findings import Outcome
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text

#: How many days statements and registers must cover (office preset).
WINDOW_DAYS = 35
#: How many of the last days may still be on their way from the bank, as the balance rules allow.
LAG_DAYS = 7
#: Receipts that no contract explains may come to so many millionths of a year's (office preset).
UNEXPLAINED_MOST = 10_000
#: Days before its end by which a renewal must be applied for to keep a licence alive.
RENEWAL_DAYS = 30

Verdict = Literal["met", "missing", "failed"]
#: What the rules say of the cover; a shortfall that is a notice alone is slight.
CoverProof = Outcome | Literal["slight"]


class Range(NamedTuple):
    """Days for which something is known, both ends included."""

    first: Day
    last: Day


class AccountsNeeded(NamedTuple):
    """What a custody mode asks for."""

    account_kinds: tuple[str, ...]
    rules: tuple[str, ...]


NEEDS: dict[str, AccountsNeeded] = {
    "bank_custody": AccountsNeeded(("fee",), ("BAL-COVER",)),
    "risk_deposit": AccountsNeeded(("fee", "deposit"), ("DEP-MIN",)),
    "both": AccountsNeeded(("fee", "deposit"), ("BAL-COVER", "DEP-MIN")),
}
#: Before the name of a register: days for which the institution alone says that it is whole.
CLAIMED = "claimed/"
COVER_RULES = ("BAL-COVER", "DEP-MIN")
_KINDS = {
    "fee": Text("收费专用账户", "fee account"),
    "deposit": Text("保证金账户", "deposit account"),
}
_REGISTERS = {
    "contracts": Text("合同登记", "contract register"),
    "lessons": Text("消课登记", "lesson register"),
}
_COVER = {
    "BAL-COVER": Text("专户余额足额", "fee accounts cover the claims on them"),
    "DEP-MIN": Text("保证金足额", "the deposit reaches its minimum"),
}


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A fee or deposit account that is open at the cut-off."""

    account_no: str
    kind: str
    opened_on: Day | None
    covered: tuple[Range, ...]  # by bank or office, or confirmed by the bank
    claimed: tuple[Range, ...] = ()  # by the institution alone: they prove nothing


@dataclass(frozen=True, slots=True)
class WhiteListStanding:
    """What is on file about one institution at a cut-off."""

    institution_id: int
    uscc: str
    name: str
    district: str
    subject: str
    custody: str
    licence_until: Day | None
    renewal_applied_on: Day | None
    accounts: tuple[AccountFacts, ...]
    #: contracts and lessons by the office's word; behind ``CLAIMED`` by the institution's own.
    registers: Mapping[str, tuple[Range, ...]]
    unexplained_fen: int = 0  # received and explained by no contract, up to the cut-off
    receipts_fen: int = 0  # received in the year up to the cut-off
    #: Cases with a 督办单 served at or before the cut-off and not closed by then.
    served_cases: tuple[str, ...] = ()


class Line(NamedTuple):
    """One condition and how it stands."""

    code: str
    verdict: Verdict
    text: Text


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether an institution has a place on the white list, and every reason for the answer."""

    standing: WhiteListStanding
    lines: tuple[Line, ...]

    @property
    def state(self) -> Literal["white", "unrated", "not_listed"]:
        """A failed condition excludes; missing facts leave the institution unrated."""
        verdicts = {line.verdict for line in self.lines}
        if "failed" in verdicts:
            return "not_listed"
        return "unrated" if "missing" in verdicts else "white"

    @property
    def public_reason(self) -> Text:
        """Why there is no place, told without cover figures, alerts or cases."""
        failed = {line.code for line in self.lines if line.verdict == "failed"}
        if "DECISION" in failed:
            return Text("另有生效决定", "a decision in force stands against it")
        if "LICENCE" in failed:
            return Text("办学许可证不在有效期内", "the licence is not valid")
        if failed:
            return Text("不再符合白名单条件", "the conditions of the white list are not all met")
        return UNRATED


def assess(
    standing: WhiteListStanding,
    outcomes: Mapping[str, CoverProof],
    decisions: Collection[str],
    cut_off: Day,
    *,
    window_days: int = WINDOW_DAYS,
    lag_days: int = LAG_DAYS,
) -> Assessment:
    """The white-list conditions of an institution, line by line.

    ``outcomes`` by rule at the cut-off; ``decisions`` are the documents in force that put the
    institution on a black list.
    """
    need = NEEDS[standing.custody]
    window = Range(cut_off - window_days + 1, cut_off - lag_days)
    lines = [
        _licence(standing, cut_off),
        *(_account(kind, standing.accounts) for kind in need.account_kinds),
        *(_statements(account, window) for account in standing.accounts),
        *(_register(name, standing.registers, window) for name in _REGISTERS),
        *(_cover(rule, outcomes.get(rule)) for rule in need.rules),
        _unexplained(standing),
        *(_case(number) for number in standing.served_cases),
        *(_decision(document) for document in sorted(decisions)),
    ]
    return Assessment(standing, tuple(lines))


def is_covered(ranges: Iterable[Range], window: Range) -> bool:
    """Whether ranges, which may touch or overlap, leave no day of the window unknown."""
    next_day = window.first
    for covered in sorted(ranges):
        if covered.first > next_day:
            break
        next_day = max(next_day, covered.last + 1)
    return next_day > window.last


def _licence(standing: WhiteListStanding, cut_off: Day) -> Line:
    until, applied = standing.licence_until, standing.renewal_applied_on
    if until is None:
        return Line(
            "LICENCE", "missing", Text("许可有效期未登记", "no licence date on the register")
        )
    day = format_day(until)
    if until >= cut_off:
        return Line("LICENCE", "met", Text(f"许可有效至 {day}", f"licence valid until {day}"))
    if applied is not None and applied <= until - RENEWAL_DAYS:
        applied_on = format_day(applied)
        return Line(
            "LICENCE",
            "met",
            Text(
                f"许可 {day} 到期，已于 {applied_on} 按期申请延续",
                f"licence ended {day}, renewal applied for in time on {applied_on}",
            ),
        )
    return Line("LICENCE", "failed", Text(f"许可已于 {day} 到期", f"licence ended on {day}"))


def _account(kind: str, accounts: Iterable[AccountFacts]) -> Line:
    name = _KINDS[kind]
    if any(account.kind == kind for account in accounts):
        return Line("ACCOUNT", "met", Text(f"已登记{name.zh}", f"an open {name.en} is on file"))
    return Line("ACCOUNT", "missing", Text(f"未登记{name.zh}", f"no open {name.en} on file"))


def _statements(account: AccountFacts, window: Range) -> Line:
    first = max(window.first, account.opened_on or window.first)
    needed = Range(first, max(first, window.last))
    tail = account.account_no[-4:]
    return _covering(
        "STATEMENTS",
        Text(f"尾号 {tail} 账户对账单", f"statements of account …{tail}"),
        account.covered,
        needed,
        account.claimed,
    )


def _register(name: str, registers: Mapping[str, tuple[Range, ...]], window: Range) -> Line:
    ranges, claimed = registers.get(name, ()), registers.get(CLAIMED + name, ())
    return _covering("REGISTERS", _REGISTERS[name], ranges, window, claimed)


def _covering(
    code: str,
    name: Text,
    ranges: Sequence[Range],
    window: Range,
    claimed: Sequence[Range],
) -> Line:
    first, last = format_day(window.first), format_day(window.last)
    if is_covered(ranges, window):
        return Line(
            code,
            "met",
            Text(f"{name.zh}覆盖 {first} 至 {last}", f"{name.en} cover {first} to {last}"),
        )
    if is_covered([*ranges, *claimed], window):
        return Line(
            code,
            "missing",
            Text(
                f"{name.zh}在 {first} 至 {last} 仅由机构自报，尚未核对",
                f"{name.en} of {first} to {last} are told by the institution alone",
            ),
        )
    return Line(
        code,
        "missing",
        Text(f"{name.zh}未覆盖 {first} 至 {last}", f"{name.en} do not cover {first} to {last}"),
    )


def _unexplained(standing: WhiteListStanding) -> Line:
    """Money of which no contract is reported hides what is owed."""
    share = standing.unexplained_fen * 1_000_000
    if share <= standing.receipts_fen * UNEXPLAINED_MOST:
        text = Text(
            "到账款项均有合同对应或为数甚少", "receipts are explained by contracts, or nearly"
        )
        return Line("UNEXPLAINED", "met", text)
    return Line(
        "UNEXPLAINED",
        "missing",
        Text(
            "到账款项有超过限度的部分对应不到合同",
            "too much of the receipts is explained by no contract",
        ),
    )


def _cover(rule: str, outcome: CoverProof | None) -> Line:
    name = _COVER[rule]
    if outcome == "compliant":
        return Line(rule, "met", Text(f"{name.zh}({rule})", f"{name.en} ({rule})"))
    if outcome == "slight":
        return Line(
            rule, "met", Text(f"缺口轻微，不影响（{rule}）", f"the shortfall is slight ({rule})")
        )
    if outcome == "breach":
        return Line(
            rule, "failed", Text(f"未证明{name.zh}({rule})", f"not proven: {name.en} ({rule})")
        )
    return Line(rule, "missing", Text(f"无法判断{name.zh}({rule})", f"unknown: {name.en} ({rule})"))


def _case(number: str) -> Line:
    return Line(
        "CASE",
        "failed",
        Text(f"案件 {number} 已督办未销号", f"case {number} is served and not closed"),
    )


def _decision(document: str) -> Line:
    return Line("DECISION", "failed", Text(f"生效决定 {document}", f"decision in force {document}"))
