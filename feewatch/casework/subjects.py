"""The subjects of alerts as people name them: the ids of rows, days and files in plain words."""

from collections.abc import Callable, Sequence

from feewatch.kernel.masking import mask_account
from feewatch.kernel.money import format_yuan
from feewatch.kernel.text import Text

#: Kinds of subjects and of records of evidence.
KINDS: dict[str, Text] = {
    "contract": Text("合同", "contract"),
    "charge": Text("收费", "charge"),
    "course": Text("课程", "course"),
    "entry": Text("流水", "entry"),
    "student": Text("学员", "student"),
    "student_day": Text("学员·日", "student and day"),
    "refund": Text("退费", "refund"),
    "account": Text("账户", "account"),
    "account_day": Text("账户·日", "account and day"),
    "account_week": Text("账户·周", "account and week"),
    "account_window": Text("账户·七日", "account and seven days"),
    "institution": Text("机构", "institution"),
    "institution_day": Text("机构·日", "institution and day"),
    "institution_month": Text("机构·月", "institution and month"),
    "statement": Text("对账单", "statement"),
    "case": Text("案件", "case"),
    "lesson": Text("消课", "lesson"),
    "refund_request": Text("退费申请", "refund request"),
    "approval": Text("备案批准", "approval"),
    "visit": Text("走访", "visit"),
    "visit_item": Text("走访·检查项", "visit and item"),
}
#: Kinds whose id begins with an account number.
OF_ACCOUNT = frozenset({"entry", "account", "account_day", "account_week", "account_window"})


def subject_in_words(kind: str, subject: str, *, is_masked: bool = False) -> Text:
    """The subject of an alert as an officer or a bookkeeper names it, beside the word of its kind.

    A statement goes by its place in its file: its days stand in the arithmetic of the alert.
    """
    parts = subject.split("/")
    if is_masked and kind in OF_ACCOUNT:
        parts[0] = mask_account(parts[0])
    write = _WRITERS.get(kind)
    if write is None:
        shown = "/".join(parts)
        return Text(shown, shown)
    return write(parts)


def _entry(parts: Sequence[str]) -> Text:
    if len(parts) != 4 or not parts[2].removeprefix("-").isdecimal():
        return _joined(parts)
    account, day, fen, n = parts
    amount, is_out = format_yuan(abs(int(fen))), fen.startswith("-")
    more = Text(f"，第 {n} 笔", f", no. {n}") if n != "1" else Text("", "")
    return Text(
        f"{account}，{day} {'支出' if is_out else '收入'} {amount} 元{more.zh}",
        f"{account}, {day} {amount} yuan {'out' if is_out else 'in'}{more.en}",
    )


def _charge(parts: Sequence[str]) -> Text:
    if len(parts) == 1:  # the whole price was paid at once
        return Text(f"合同 {parts[0]}", f"contract {parts[0]}")
    contract, charge = "/".join(parts[:-1]), parts[-1]
    return Text(f"合同 {contract} 第 {charge} 次", f"contract {contract}, no. {charge}")


def _joined(parts: Sequence[str]) -> Text:
    return Text("，".join(parts), ", ".join(parts))


def _without_code(parts: Sequence[str]) -> Text:
    """What stands behind the credit code: the institution is named beside it."""
    return _joined(parts[1:] or parts)


def _statement(parts: Sequence[str]) -> Text:
    _, mark, n = parts[0].partition("#")
    return Text(f"文件中第 {n} 份", f"no. {n} of its file") if mark else Text("", "")


_WRITERS: dict[str, Callable[[Sequence[str]], Text]] = {
    "entry": _entry,
    "charge": _charge,
    "account_day": _joined,
    "account_week": _joined,
    "account_window": _joined,
    "institution_day": _without_code,
    "institution_month": _without_code,
    "student": _without_code,
    "student_day": _without_code,
    "statement": _statement,
}
