"""The conditions of the white list, one line each: met or not, figure, day and supplier."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from feewatch.credit.eligibility import (
    CLAIMED,
    NEEDS,
    AccountFacts,
    Assessment,
    Cover,
    Covers,
    Line,
    Range,
    Supplier,
    WhiteListStanding,
    count_covered,
    first_gap,
    is_covered,
    words_of,
    worst,
)
from feewatch.credit.white_terms import WhiteTerms
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text

#: What each condition asks, by code, in the order of the pages.
TITLES: dict[str, Text] = {
    "LICENCE": Text("办学许可有效", "valid licence"),
    "ACCOUNT": Text("应有账户已登记", "accounts on the register"),
    "STATEMENTS": Text("对账单覆盖", "statements cover the days"),
    "REGISTERS": Text("登记册覆盖", "registers cover the days"),
    "BAL-COVER": Text("专户余额足额", "fee accounts cover the claims"),
    "DEP-MIN": Text("保证金足额", "deposit reaches its minimum"),
    "UNEXPLAINED": Text("到账均有合同对应", "receipts are explained"),
    "CASE": Text("没有已送达未销号的案件", "no case served and not closed"),
    "DECISION": Text("没有公示中的决定", "no decision that is public"),
}
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
_KEEPERS: tuple[Supplier, ...] = ("office", "institution")
_ALL: tuple[Supplier, ...] = ("bank", "office", "institution")
#: A district has hundreds of institutions that stand alike to a condition.
_LIKE = lru_cache(maxsize=4096)
#: By whose word the days of a statement or register count.
_WORDS: dict[str, Supplier] = {
    "bank": "bank", "confirmed": "bank", "office": "office", "institution": "institution",
}  # fmt: skip


def assess(
    standing: WhiteListStanding,
    covers: Covers,
    decisions: Collection[str],
    cut_off: Day,
    terms: WhiteTerms,
) -> Assessment:
    """The white-list conditions of an institution, line by line.

    ``covers`` by rule at the cut-off; ``decisions`` are the documents that are public and put the
    institution on a black list.
    """
    need = NEEDS[standing.custody]
    window = Range(*terms.window(cut_off))
    lines = [
        _licence(standing.licence_until, standing.renewal_applied_on, cut_off, terms.renewal_days),
        *[
            _account(kind, sum(account.kind == kind for account in standing.accounts))
            for kind in need.account_kinds
        ],
        *[_statements(account, window) for account in standing.accounts],
        *[_register(name, standing.registers, window) for name in _REGISTERS],
        *[
            _cover(rule, worst(covers.get(rule, ()), terms), standing.short_since.get(rule))
            for rule in need.rules
        ],
        _unexplained(standing.unexplained_fen, standing.receipts_fen, terms.unexplained_share),
        *_cases(standing.served_cases),
        *_decisions(sorted(decisions)),
    ]
    return Assessment(standing, tuple(lines))


@_LIKE
def _licence(until: Day | None, applied: Day | None, cut_off: Day, renewal_days: int) -> Line:
    if until is None:
        text = Text("许可有效期未登记", "no licence date on the register")
        return Line("LICENCE", "missing", text, suppliers=_KEEPERS)
    day = format_day(until)
    figure = Text(day, day)
    if until >= cut_off:
        text = Text(f"许可有效至 {day}", f"licence valid until {day}")
        return Line("LICENCE", "met", text, figure=figure, words=("office",))
    if applied is not None and applied <= until - renewal_days:
        applied_on = format_day(applied)
        text = Text(
            f"许可 {day} 到期，已于 {applied_on} 按期申请延续",
            f"licence ended {day}, renewal applied for in time on {applied_on}",
        )
        return Line("LICENCE", "met", text, figure=figure, words=("office",))
    text = Text(f"许可已于 {day} 到期", f"licence ended on {day}")
    return Line(
        "LICENCE", "failed", text, figure=figure, since=until + 1, suppliers=_KEEPERS,
        words=("office",),
    )  # fmt: skip


@_LIKE
def _account(kind: str, count: int) -> Line:
    name = _KINDS[kind]
    figure = Text(f"{count} 个", str(count))
    if count:
        text = Text(f"已登记{name.zh}", f"an open {name.en} is on file")
        return Line("ACCOUNT", "met", text, kind, figure, words=("office",))
    text = Text(f"未登记{name.zh}", f"no open {name.en} on file")
    return Line("ACCOUNT", "missing", text, kind, figure, suppliers=_KEEPERS)


def _statements(account: AccountFacts, window: Range) -> Line:
    first = max(window.first, account.opened_on or window.first)
    needed = Range(first, max(first, window.last))
    tail = account.account_no[-4:]
    name = Text(f"尾号 {tail} 账户对账单", f"statements of account …{tail}")
    days = _known_days(account.covered, account.claimed, account.told, needed)
    return _covering("STATEMENTS", name, account.account_no, days)


def _register(name: str, registers: Mapping[str, tuple[Range, ...]], window: Range) -> Line:
    return _kept_register(name, registers.get(name, ()), registers.get(CLAIMED + name, ()), window)


@_LIKE
def _kept_register(
    name: str, proven: tuple[Range, ...], claimed: tuple[Range, ...], window: Range
) -> Line:
    told = (
        *(("office", each) for each in proven),
        *(("institution", each) for each in claimed),
    )
    days = _known_days(proven, claimed, told, window)
    return _covering("REGISTERS", _REGISTERS[name], name, days)


class _KnownDays(NamedTuple):
    """What is known of a window by which words, whosever account or register it is."""

    text: Text  # behind the name of it
    figure: Text
    gap: Day | None
    is_claimed: bool  # the institution alone says the rest
    words: tuple[Supplier, ...]


@_LIKE
def _known_days(
    proven: tuple[Range, ...],
    claimed: tuple[Range, ...],
    told: tuple[tuple[str, Range], ...],
    window: Range,
) -> _KnownDays:
    first, last = format_day(window.first), format_day(window.last)
    count, days = count_covered(proven, window), window.last - window.first + 1
    figure = Text(f"{count} / {days} 日", f"{count} of {days} days")
    said = {_WORDS[word] for word in words_of(told, window)}
    words = tuple(word for word in _ALL if word in said)
    gap = first_gap(proven, window)
    if gap is None:
        text = Text(f"覆盖 {first} 至 {last}", f"cover {first} to {last}")
        return _KnownDays(text, figure, None, False, words)
    if is_covered([*proven, *claimed], window):
        text = Text(
            f"在 {first} 至 {last} 仅由机构自报，尚未核对",
            f"of {first} to {last} are told by the institution alone",
        )
        return _KnownDays(text, figure, gap, True, words)
    text = Text(f"未覆盖 {first} 至 {last}", f"do not cover {first} to {last}")
    return _KnownDays(text, figure, gap, False, words)


def _covering(code: str, name: Text, datum: str, days: _KnownDays) -> Line:
    """Whether days are known by another word than the institution's own."""
    text = Text(f"{name.zh}{days.text.zh}", f"{name.en} {days.text.en}")
    if days.gap is None:
        proving = tuple(word for word in days.words if word != "institution")
        return Line(code, "met", text, datum, days.figure, words=proving)
    suppliers: tuple[Supplier, ...] = _ALL if code == "STATEMENTS" else _KEEPERS
    if days.is_claimed:
        suppliers = suppliers[:-1]  # what it says it has said; another must stand by it
    return Line(code, "missing", text, datum, days.figure, days.gap, suppliers, days.words)


@_LIKE
def _unexplained(left: int, receipts: int, most_share: int) -> Line:
    """Money of which no contract is reported hides what is owed."""
    figure = Text(
        f"{group_yuan(left)} 元 / 一年到账 {group_yuan(receipts)} 元",
        f"{group_yuan(left)} of {group_yuan(receipts)} yuan received in a year",
    )
    if left * 1_000_000 <= receipts * most_share:
        text = Text(
            "到账款项均有合同对应或为数甚少", "receipts are explained by contracts, or nearly"
        )
        return Line("UNEXPLAINED", "met", text, figure=figure, words=("bank", "office"))
    text = Text(
        "到账款项有超过限度的部分对应不到合同",
        "too much of the receipts is explained by no contract",
    )
    return Line("UNEXPLAINED", "missing", text, figure=figure, suppliers=_KEEPERS)


@_LIKE
def _cover(rule: str, judged: tuple[Cover, bool] | None, since: Day | None) -> Line:
    name = _COVER[rule]
    cover, is_slight = judged or (Cover("undetermined"), False)
    figure = _money(cover)
    words: tuple[Supplier, ...] = ("bank", "office")
    if cover.outcome == "compliant":
        text = Text(f"{name.zh}（{rule}）", f"{name.en} ({rule})")
        return Line(rule, "met", text, rule, figure, words=words)
    if is_slight:
        text = Text(f"缺口轻微，不影响（{rule}）", f"the shortfall is slight ({rule})")
        return Line(rule, "met", text, rule, figure, since, words=words)
    if cover.outcome == "breach":
        text = Text(f"未证明{name.zh}（{rule}）", f"not proven: {name.en} ({rule})")
        return Line(rule, "failed", text, rule, figure, since, ("institution",), words)
    reason = cover.reason or Text("没有结果", "no outcome")
    if cover.only_proven:
        reason = Text(
            f"{reason.zh}；不计机构自报", f"{reason.en}; the institution's own word not counted"
        )
    text = Text(
        f"无法判断{name.zh}（{rule}）：{reason.zh}", f"unknown: {name.en} ({rule}): {reason.en}"
    )
    return Line(rule, "missing", text, rule, None, since, _ALL)


def _money(cover: Cover) -> Text | None:
    if cover.balance_fen is None or cover.needed_fen is None:
        return None
    held, needed = group_yuan(cover.balance_fen), group_yuan(cover.needed_fen)
    return Text(f"{held} 元 / 应有 {needed} 元", f"{held} of {needed} yuan")


def _cases(numbers: Sequence[str]) -> list[Line]:
    if not numbers:
        text = Text("没有已送达未销号的案件", "no case is served and not closed")
        return [Line("CASE", "met", text, words=("office",))]
    return [
        Line(
            "CASE",
            "failed",
            Text(f"案件 {number} 已督办未销号", f"case {number} is served and not closed"),
            number,
            suppliers=_KEEPERS,
            words=("office",),
        )
        for number in numbers
    ]


def _decisions(documents: Sequence[str]) -> list[Line]:
    if not documents:
        text = Text("没有公示中的决定", "no decision is public")
        return [Line("DECISION", "met", text, words=("office",))]
    return [
        Line(
            "DECISION",
            "failed",
            Text(f"公示中的决定 {document}", f"decision that is public: {document}"),
            document,
            suppliers=("office",),
            words=("office",),
        )
        for document in documents
    ]
