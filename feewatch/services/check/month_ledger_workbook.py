"""A month of an institution as a workbook: balance table, accounts, three columns.

Amounts are numbers in yuan, everything else is text; what is unknown says so.
"""

from feewatch.kernel.days import format_day
from feewatch.kernel.masking import mask_account
from feewatch.kernel.money import format_yuan
from feewatch.kernel.text import Text
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.services.check.month_accounts import AccountMonth, Days
from feewatch.services.check.month_ledger import ContractMonth, MonthLedger

UNKNOWN = Text("未知", "unknown")
#: Headers of amounts, by figure.
TITLES: dict[str, Text] = {
    "opening_fen": Text("期初余额", "opening"),
    "charged_fen": Text("本期收取", "charged"),
    "moved_fen": Text("承继转入（转出为负）", "taken over (handed over below zero)"),
    "received_fen": Text("本期增加", "received"),
    "consumed_fen": Text("其中消课", "of which consumed"),
    "settled_fen": Text("其中结清、冲回", "of which settled or taken back"),
    "recognised_fen": Text("本期确认", "recognised"),
    "refunded_fen": Text("本期退费", "refunded"),
    "closing_fen": Text("期末余额", "closing"),
    "outside_fen": Text("未进收费专用账户", "outside the fee accounts"),
}
ACCOUNT_KINDS = {
    "fee": Text("收费专用账户", "fee account"),
    "deposit": Text("风险保证金账户", "deposit account"),
    "settlement": Text("结算账户", "settlement account"),
}
_ACCOUNT_TITLES = {
    "opening_fen": Text("期初余额", "opening"),
    "in_fen": Text("收入", "in"),
    "out_fen": Text("支出", "out"),
    "closing_fen": Text("期末余额", "closing"),
    "difference_fen": Text("差额", "difference"),
}


def ledger_workbook(ledger: MonthLedger, *, sees_accounts: bool) -> bytes:
    """The workbook; account numbers are masked for those who may not read them."""
    return write_workbook(
        [
            WorkbookPage("科目余额表 ledger", _balance_table(ledger)),
            WorkbookPage("账户 accounts", _accounts(ledger, sees_accounts=sees_accounts)),
            WorkbookPage("三栏对账 three columns", _three_columns(ledger)),
        ]
    )


def ledger_name(ledger: MonthLedger) -> str:
    """The name under which the workbook is handed out."""
    return f"ledger-{ledger.facts.uscc}-{ledger.month}.xlsx"


def _balance_table(ledger: MonthLedger) -> list[list[Cell]]:
    heads = [Text("合同编号", "contract"), Text("缴费日期", "paid on"), *TITLES.values()]
    heads.append(Text("备注", "remark"))
    total = [Cell(Text("合计", "total").both()), Cell("")]
    total += [_sum(ledger, name) for name in TITLES]
    subject = [Cell(Text("预收款（未消课负债）", "prepaid fees (liability)").both())]
    subject += [Cell(ledger.facts.name), Cell(ledger.facts.uscc)]
    subject.append(Cell(f"{format_day(ledger.first)}..{format_day(ledger.last)}"))
    rows = [_contract(contract) for contract in ledger.contracts]
    return [_heads(heads), *rows, total, [], subject]


def _contract(contract: ContractMonth) -> list[Cell]:
    remarks = []
    if contract.consumed_fen is None:
        text = "消课金额未知，按未消课计", "consumption unknown, counted as not consumed"
        remarks.append(Text(*text).both())
    if contract.is_estimated:
        remarks.append(Text("按日历估算", "estimated by the calendar").both())
    return [
        Cell(contract.contract_no),
        Cell(format_day(contract.paid_on)),
        *(_amount(getattr(contract, name)) for name in TITLES),
        Cell("; ".join(remarks)),
    ]


def _sum(ledger: MonthLedger, name: str) -> Cell:
    if name == "outside_fen":
        return _amount(ledger.outside_fen)
    if name in ("consumed_fen", "settled_fen") and ledger.unknown:
        return _amount(None)
    return _amount(ledger.sum_of(name))


def _accounts(ledger: MonthLedger, *, sees_accounts: bool) -> list[list[Cell]]:
    heads = [Text("账户类型", "kind"), Text("账号", "account"), Text("开户行", "bank")]
    heads += [*_ACCOUNT_TITLES.values(), Text("未覆盖的日期", "days not covered")]
    rows = []
    for account in ledger.accounts:
        number = account.account_no if sees_accounts else mask_account(account.account_no)
        rows.append(
            [
                Cell(ACCOUNT_KINDS[account.kind].both()),
                Cell(number),
                Cell(account.bank),
                *(_amount(getattr(account, name)) for name in _ACCOUNT_TITLES),
                Cell(_missing(account)),
            ]
        )
    return [_heads(heads), *rows]


def _missing(account: AccountMonth) -> str:
    seen = account.seen_in_fen or account.seen_out_fen
    days = days_in_words(account.missing)
    if account.is_covered or not seen:
        return days
    sums = f"{format_yuan(account.seen_in_fen)}, {format_yuan(account.seen_out_fen)}"
    return f"{days} ({Text('已见收入、支出', 'seen in, out').both()}: {sums})"


def _three_columns(ledger: MonthLedger) -> list[list[Cell]]:
    bank = [
        (Text("银行：到账", "bank: received"), ledger.flow_of("receipt", inward=True)),
        (Text("银行：其中对应不到合同", "bank: of which unmatched"), ledger.unmatched_fen),
        (Text("银行：划出", "bank: released"), ledger.flow_of("release", inward=False)),
        (
            Text("银行：退回、内部转入", "bank: returned"),
            ledger.flow_of("own", "returned", inward=True),
        ),
        (Text("银行：退费", "bank: refunded"), ledger.refunded_by_bank_fen),
    ]
    lines: list[tuple[Text, int | None]] = [
        (Text("合同：本月收取", "contracts: charged"), ledger.charged_fen),
        *((title, fen if ledger.is_bank_known else None) for title, fen in bank),
        (Text("消课：本月消课金额", "lessons: consumed"), ledger.consumed_fen),
        (Text("预收待核：月初", "unexplained receipts: opening"), ledger.unexplained_opening_fen),
        (Text("预收待核：月末", "unexplained receipts: closing"), ledger.unexplained_closing_fen),
        (Text("未进收费专用账户", "outside the fee accounts"), ledger.outside_fen),
    ]
    share = ledger.outside_share or UNKNOWN.both()
    return [
        _heads([Text("项目", "item"), Text("金额（元）", "yuan")]),
        *([Cell(title.both()), _amount(fen)] for title, fen in lines),
        [Cell(Text("未进账户占比", "share outside").both()), Cell(share)],
    ]


def days_in_words(ranges: tuple[Days, ...]) -> str:
    """Ranges of days on one line."""
    return ", ".join(f"{format_day(first)}..{format_day(last)}" for first, last in ranges)


def _heads(titles: list[Text]) -> list[Cell]:
    return [Cell(title.both()) for title in titles]


def _amount(fen: int | None) -> Cell:
    return Cell(UNKNOWN.both()) if fen is None else Cell("", fen=fen)
