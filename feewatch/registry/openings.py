"""The columns of an opening statement's file; whether its rows are true is not looked at here."""

from feewatch.registry import cells
from feewatch.registry.cells import text, yuan
from feewatch.registry.columns import Column, Kind
from feewatch.registry.records import OpeningRow

#: A row names a fee account, with its balance, or an old contract, with its unconsumed value.
OPENING = Kind(
    "opening",
    "期初",
    OpeningRow._make,
    ("account_no", "contract_no"),
    (
        Column("uscc", "统一社会信用代码", cells.uscc, must_stand=True, must_be_filled=True),
        Column("account_no", "账号", cells.account_no, must_stand=True),
        Column("contract_no", "合同编号", text(60), must_stand=True),
        Column("amount", "金额", yuan, "amount_fen", must_stand=True, must_be_filled=True),
    ),
)
