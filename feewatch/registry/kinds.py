"""The kinds of register as tables of columns: the whole of what a file may say."""

from collections.abc import Iterable

from feewatch.kernel.days import FIRST_DAY
from feewatch.kernel.text import Text
from feewatch.registry import cells
from feewatch.registry.cells import Whole, WordChoice, day, names, yuan
from feewatch.registry.columns import Column, Kind, may, must, stands
from feewatch.registry.further_kinds import FURTHER_KINDS
from feewatch.registry.records import (
    Approval,
    BankAccount,
    Contract,
    Course,
    Institution,
    Lesson,
    Premises,
    Record,
    Refund,
    Succession,
)

_USCC = must("uscc", "统一社会信用代码", cells.uscc)
_OPTIONAL_USCC = may("uscc", "统一社会信用代码", cells.uscc)
_CONTRACT_NO = must("contract_no", "合同编号", cells.number(60))

#: How what was left of a contract was settled when it ended before its time.
SETTLEMENTS = {
    "refunded": "已退清",
    "agreed": "协议结清",
    "court": "裁判",
    "transferred": "转出",
    "lapsed": "期满",
}

_KINDS = (
    Kind(
        "institutions",
        "机构",
        Institution._make,
        ("uscc", "valid_from"),
        (
            _USCC,
            must("name", "机构名称", cells.untraceable(200)),
            must("district", "行政区划代码", cells.district),
            must(
                "subject",
                "培训类别",
                WordChoice(
                    {
                        "academic": "学科类",
                        "arts": "文化艺术类",
                        "sports": "体育类",
                        "science": "科技类",
                        "other": "其他",
                    }
                ),
            ),
            must(
                "nature", "机构性质", WordChoice({"non_profit": "非营利性", "for_profit": "营利性"})
            ),
            must(
                "custody",
                "监管方式",
                WordChoice(
                    {"bank_custody": "银行托管", "risk_deposit": "风险保证金", "both": "两者并行"}
                ),
            ),
            may("licence_no", "办学许可证号", cells.untraceable(80)),
            may("licence_until", "许可有效期至", day),
            may("renewal_applied_on", "延续申请日期", day),
            may("legal_representative", "法定代表人", cells.untraceable(80)),
            may("related_parties", "关联方", names(4_000)),
            may("supervised_from", "起算日", day),
            may("valid_from", "生效日期", day, when_empty=FIRST_DAY),
        ),
    ),
    Kind(
        "accounts",
        "账户",
        BankAccount._make,
        ("account_no",),
        (
            _USCC,
            must("account_no", "账号", cells.account_no),
            must("bank", "开户行", cells.untraceable(120)),
            must(
                "kind",
                "账户类型",
                WordChoice(
                    {"fee": "收费专用账户", "deposit": "风险保证金账户", "settlement": "结算账户"}
                ),
            ),
            may("opened_on", "开户日期", day),
            may("closed_on", "销户日期", day),
            may("minimum_balance", "最低余额", yuan, "minimum_balance_fen"),
            may(
                "statement_cycle",
                "对账周期",
                WordChoice({"daily": "日", "weekly": "周", "monthly": "月"}),
            ),
        ),
        ordered=(("opened_on", "closed_on"),),
    ),
    Kind(
        "courses",
        "课程",
        Course._make,
        ("uscc", "course_id"),
        (
            must("course_id", "课程编号", cells.number(60)),
            _USCC,
            must("title", "课程名称", cells.untraceable(200)),
            must("discipline", "学科", cells.untraceable(40)),
            must(
                "stage",
                "学段",
                WordChoice(
                    {"preschool": "学龄前", "primary": "小学", "junior": "初中", "senior": "高中"}
                ),
            ),
            must("mode", "授课方式", WordChoice({"offline": "线下", "online": "线上"})),
            stands("class_size", "班额", Whole(1)),
            must("lesson_minutes", "课时分钟", Whole(1)),
            may("lessons", "总课时", Whole(0)),
            must("price_per_lesson", "公示课时单价", yuan, "price_per_lesson_fen"),
            may("starts_on", "开课日期", day),
            may("ends_on", "结课日期", day),
        ),
        ordered=(("starts_on", "ends_on"),),
    ),
    Kind(
        "contracts",
        "合同",
        Contract._make,
        ("uscc", "contract_no"),
        (
            _CONTRACT_NO,
            _USCC,
            must("course_id", "课程编号", cells.number(60)),
            must("student", "学员标识", cells.student),
            must(
                "basis",
                "收费方式",
                WordChoice({"hours": "按课时", "period": "按培训周期", "both": "两者"}),
            ),
            stands("lessons", "课时数", Whole(0)),
            may("gift_lessons", "赠送课时", Whole(0), when_empty=0),
            stands("starts_on", "开课日期", day),
            stands("ends_on", "结课日期", day),
            must("fee", "金额", yuan, "fee_fen"),
            stands("paid_on", "缴费日期", day),
            may("other_fee", "代收费", yuan, "other_fee_fen"),
            may("renews", "续费原合同", cells.number(60)),
            may(
                "channel",
                "支付渠道",
                WordChoice(
                    {
                        "bank": "银行",
                        "platform": "监管平台",
                        "wechat": "微信",
                        "alipay": "支付宝",
                        "unionpay": "银联",
                        "ecny": "数字人民币",
                        "cash": "现金",
                    }
                ),
            ),
            may(
                "payment",
                "付费模式",
                WordChoice({"prepaid": "预付", "pay_after": "先学后付"}),
                when_empty="prepaid",
            ),
            may("site_no", "教学点", cells.number(40)),
            may("ended_on", "终止日期", day),
            may("settlement", "结清方式", WordChoice(SETTLEMENTS)),
        ),
        ordered=(("starts_on", "ends_on"),),
    ),
    Kind(
        "lessons",
        "消课",
        Lesson._make,
        ("uscc", "contract_no", "held_on"),
        (
            _CONTRACT_NO,
            must("held_on", "上课日期", day),
            must("lessons", "课时数", Whole(0)),
            may("confirmed_on", "确认日期", day),
            may(
                "confirmed_by",
                "确认方式",
                WordChoice({"parent": "家长", "silence": "超时", "institution": "机构"}),
            ),
            _OPTIONAL_USCC,
        ),
        rows_add_up=True,
    ),
    Kind(
        "refunds",
        "退费",
        Refund._make,
        ("refund_no",),
        (
            must("refund_no", "退费单号", cells.number(60)),
            _CONTRACT_NO,
            must("requested_on", "申请日期", day),
            may("amount", "应退金额", yuan, "amount_fen"),
            may("cause", "退费原因", WordChoice({"institution": "机构", "consumer": "学员"})),
            _OPTIONAL_USCC,
        ),
    ),
    Kind(
        "approvals",
        "备案批准",
        Approval._make,
        ("uscc", "document"),
        (
            _USCC,
            must(
                "kind",
                "批准事项",
                WordChoice(
                    {
                        "deposit_use": "保证金动用",
                        "deposit_cut": "保证金调减",
                        "bank_change": "换行",
                        "early_release": "提前支取",
                        "closure": "停业",
                    }
                ),
                "",
                "事项",
                "类型",
                "备案事项",
            ),
            must("document", "文号", cells.untraceable(120)),
            may("amount", "金额", yuan, "amount_fen"),
            must("from", "起", day, "from_day"),
            may("until", "止", day, "to_day"),
        ),
        ordered=(("from_day", "to_day"),),
    ),
)
#: The kinds by name, in the order in which a fresh installation imports them.
KINDS = {kind.name: kind for kind in (*_KINDS, *FURTHER_KINDS)}


def faults_of(kind: Kind, record: Record) -> Iterable[tuple[Column, cells.CellFault]]:
    """What is wrong between the cells of a row."""
    for earlier, later in kind.ordered:
        first, last = getattr(record, earlier), getattr(record, later)
        if first is not None and last is not None and last < first:
            name = kind.column_of(earlier)
            yield (
                kind.column_of(later),
                cells.CellFault(
                    "DAYS-REVERSED", Text(f"早于{name.zh}", f"lies before {name.name}")
                ),
            )
    if isinstance(record, Contract) and record.paid_on is None and record.payment == "prepaid":
        yield (
            kind.column_of("paid_on"),
            cells.CellFault(
                "CELL-EMPTY", Text("不能为空（先学后付除外）", "is empty (only pay_after may)")
            ),
        )
    if isinstance(record, Contract) and record.settlement and record.ended_on is None:
        message = Text("已填结清方式，须填写终止日期", "a settlement needs the day of the end")
        yield kind.column_of("ended_on"), cells.CellFault("CELL-EMPTY", message)
    if isinstance(record, Premises) and (record.disposal != "open") != bool(record.disposed_on):
        message = Text("处置与处置日期须同时填写", "a disposal and its day stand together")
        yield kind.column_of("disposed_on"), cells.CellFault("DISPOSAL-DAY", message)
    if isinstance(record, Succession) and record.uscc == record.to_uscc:
        message = Text("承继机构与原机构相同", "an institution does not succeed itself")
        yield kind.column_of("to_uscc"), cells.CellFault("SUCCESSION-SELF", message)
