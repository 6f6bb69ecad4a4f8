"""What became of files and statements, and what to do about those not accepted: in words."""

from feewatch.kernel.text import Text

#: Statuses of files and statements.
FILE_WORDS: dict[str, Text] = {
    "accepted": Text("已接收", "accepted"),
    "duplicate": Text("重复文件", "duplicate"),
    "quarantined": Text("已隔离", "quarantined"),
    "rejected": Text("已拒收", "rejected"),
}
#: Why a statement was set aside.
REASON_WORDS: dict[str, Text] = {
    "truncated": Text("文件不完整", "truncated"),
    "currency": Text("币种不是人民币", "currency other than CNY"),
    "unregistered": Text("账户未备案", "account not on the register"),
    "arithmetic": Text("金额勾稽不平", "the arithmetic does not hold"),
    "days": Text("记账日期不可能", "a day of booking that cannot be"),
    "unreadable": Text("无法读取", "cannot be read"),
}

#: To an officer.
OFFICER = {
    "truncated": Text(
        "请机构从银行重新导出整个期间的文件再交；确认本份确属完整的，可以放行。",
        "Ask for the whole period anew from the bank; release this one only if it is complete.",
    ),
    "currency": Text(
        "不能放行：本系统只核算人民币。请机构改交人民币账户的对账单，本份拒收。",
        "It cannot be released: only yuan are counted. Ask for the yuan account, reject this.",
    ),
    "unregistered": Text(
        "不能放行：不知道这笔钱属于哪家机构。核实后导入该账户的登记，对账单自动重新检查；"
        "与本辖区无关的予以拒收。",
        "It cannot be released: nobody knows whose money this is. Import the account once it "
        "is verified and the statement is examined again by itself; reject what is not yours.",
    ),
    "arithmetic": Text(
        "请与银行原件核对标出的行（明细没有余额的，逐行核对）。"
        "缺行、重行的，请机构重新导出；银行书面说明无误的，可以放行。",
        "Compare the marked rows (all, where they state no balance) with the bank's original. "
        "Where a row is missing or repeated ask for the file anew; release it "
        "where the bank explains in writing.",
    ),
    "days": Text(
        "有明细的记账日期晚于收到文件之日，或早于 2000 年，多为年份笔误。请机构核对后重新导出。",
        "An entry is booked after the day the file came in, or before 2000: mostly a slip of the "
        "year. Ask for the file anew.",
    ),
    "unreadable": Text(
        "本份无法读取，已单独拒收，同一文件中的其他对账单不受影响。请机构重新导出本份。",
        "This one cannot be read and was refused alone, the others of its file are not touched. "
        "Ask for this one anew.",
    ),
}

#: To the one who handed the file in; also by the status of a whole file.
SENDER = {
    "accepted": Text("已计入账目，无需再做什么。", "It is in the ledger; nothing more to do."),
    "rejected": Text(
        "整份文件未被采用。请按说明处理，或从网银重新导出原始文件（不要手工修改）再上传。",
        "Nothing of the file was used. Mend what is said, or export it anew from the bank "
        "(unaltered) and send it again.",
    ),
    "truncated": Text(
        "请从网银重新导出整个期间的完整文件再上传。",
        "Export the whole period anew from the bank and send it again.",
    ),
    "currency": Text(
        "请上传人民币账户的对账单。", "Send the statement of the account kept in yuan."
    ),
    "unregistered": Text(
        "请先办理该账户的备案登记；登记后本对账单自动生效，不必重传。",
        "Have the account put on the register; the statement then counts by itself, without "
        "being sent again.",
    ),
    "arithmetic": Text(
        "请从网银重新导出原始文件（不要手工修改）再上传；仍不平的，请银行书面说明，交主管机关核处。",
        "Export it anew from the bank (unaltered) and send it again; if it still does not add "
        "up, give the office the bank's explanation in writing.",
    ),
    "days": Text(
        "有明细的记账日期不可能，请核对年份，从网银重新导出原始文件再上传。",
        "An entry has a day that cannot be: look at the year, and export the file anew.",
    ),
    "unreadable": Text(
        "本份对账单无法读取，请从网银重新导出本份再上传；其他各份不必重传。",
        "This statement cannot be read: export it anew. The others need not be sent again.",
    ),
}
