"""An institution is told of the fate of its statements, and of what banks confirmed."""

from feewatch.casework.messages import OWN_FILES
from feewatch.kernel.days import format_day
from feewatch.kernel.masking import mask_account
from feewatch.kernel.text import Text
from feewatch.services.intake.acceptance import JudgedStatement
from feewatch.services.messages import tell
from feewatch.store.database import Record, Transaction

_FATES: dict[str, Text] = {
    "statement_quarantined": Text(
        "账户 {account} 的对账单（{days}）被隔离，原因与办法见文件记录",
        "the statement of account {account} ({days}) is in quarantine: see why and what to do",
    ),
    "statement_released": Text(
        "账户 {account} 的对账单（{days}）已放行入账",
        "the statement of account {account} ({days}) was released and is booked",
    ),
    "statement_rejected": Text(
        "账户 {account} 的对账单（{days}）被拒收，请重新提交正确的文件",
        "the statement of account {account} ({days}) was rejected: hand in a correct one",
    ),
}
_CONFIRMED: dict[str, Text] = {
    "agrees": Text(
        "对账函 {number}：银行核对相符，所涉日期已获证实",
        "letter {number}: the bank agrees, the days it is about are proven",
    ),
    "differs": Text(
        "对账函 {number}：银行回函与您提交的对账单不符，请核对",
        "letter {number}: the bank’s answer differs from what you handed in",
    ),
}


def tell_of_quarantine(tx: Transaction, sha256: str, judged: JudgedStatement) -> None:
    """Tell the institution of an account, if it is on the register, that a statement was held."""
    if judged.account is None or judged.status != "quarantined":
        return
    statement = judged.statement
    _tell(
        tx, judged.account.institution_id, "statement_quarantined", f"{sha256[:12]}#{statement.n}",
        statement.account_no, *judged.covered,
    )  # fmt: skip


def tell_of_decision(tx: Transaction, stored: Record, kind: str) -> None:
    """Tell the institution that officers released or rejected a statement."""
    if stored["institution_id"] is None:
        return
    _tell(
        tx, stored["institution_id"], kind, f"{stored['file_sha256'][:12]}#{stored['n']}",
        stored["account_no"], stored["from_day"], stored["to_day"],
    )  # fmt: skip


def tell_of_confirmation(tx: Transaction, institution_id: int, number: str, outcome: str) -> None:
    """Tell the institution what its bank answered: agrees, differs."""
    tell(
        tx,
        to_institution=institution_id,
        kind="days_confirmed",
        object=number,
        text=_CONFIRMED[outcome].fill(number=number),
        address=OWN_FILES,
    )


def _tell(
    tx: Transaction,
    institution_id: int,
    kind: str,
    about: str,
    account_no: str,
    from_day: int | None,
    to_day: int | None,
) -> None:
    days = " … ".join(format_day(each) for each in (from_day, to_day) if each is not None) or "—"
    text = _FATES[kind].fill(account=mask_account(account_no), days=days)
    tell(tx, to_institution=institution_id, kind=kind, object=about, text=text, address=OWN_FILES)
