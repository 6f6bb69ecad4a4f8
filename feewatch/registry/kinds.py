"""The seven kinds of register as tables of columns: the whole of what a file may say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from feewatch.kernel.days import FIRST_DAY
from feewatch.kernel.text import Text
from feewatch.registry import cells
from feewatch.registry.cells import Reader, Whole, WordChoice, day, names, text, yuan
from feewatch.registry.records import (
    Approval,
    BankAccount,
    Contract,
    Course,
    Institution,
    Lesson,
    Record,
    Refund,
)


@dataclass(frozen=True)
class Column:
    """A column under its English id or Chinese header, and the record's field it fills."""

    name: str
    zh: str
    read: Reader
    field: str = ""  # where the record calls it otherwise
    must_stand: bool = False
    must_be_filled: bool = False
    when_empty: Any = None
    also: tuple[str, ...] = ()  # further headers

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the column may stand."""
        return (self.name, self.zh, *self.also)

    @property
    def words(self) -> Mapping[str, str]:
        """English value -> Chinese word, where the column is an enumeration."""
        return self.read.words if isinstance(self.read, WordChoice) else {}

    @property
    def fills(self) -> str:
        """The field of the record."""
        return self.field or self.name


@dataclass(frozen=True)
class Kind:
    """One kind of register; its columns stand in the order of the record's fields."""

    name: str
    zh: str
    make: Callable[[Iterable[Any]], Record]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    #: Pairs of day fields of which the second may not lie before the first. Kinds without such
    #: pairs have no rule between the cells of a row.
    ordered: tuple[tuple[str, str], ...] = ()
    rows_add_up: bool = False

    @property
    def day_fields(self) -> frozenset[str]:
        """Fields of the record that hold days."""
        return frozenset(column.fills for column in self.columns if column.read is day)

    @cached_property
    def key_of(self) -> Callable[[Record], Any]:
        """Gives what makes two records the same."""
        return attrgetter(*self.key)

    def column_of(self, field: str) -> Column:
        """The column that fills a field."""
        return next(column for column in self.columns if column.fills == field)


def _must(name: str, zh: str, read: Reader, field: str = "", *also: str) -> Column:
    return Column(name, zh, read, field, must_stand=True, must_be_filled=True, also=also)


def _stands(name: str, zh: str, read: Reader) -> Column:
    return Column(name, zh, read, must_stand=True)


def _may(name: str, zh: str, read: Reader, field: str = "", when_empty: Any = None) -> Column:
    return Column(name, zh, read, field, when_empty=when_empty)


_USCC = _must("uscc", "统一社会信用代码", cells.uscc)
_OPTIONAL_USCC = _may("uscc", "统一社会信用代码", cells.uscc)
_CONTRACT_NO = _must("contract_no", "合同编号", text(60))

_KINDS = (
    Kind(
        "institutions",
        "机构",
        Institution._make,
        ("uscc", "valid_from"),
        (
            _USCC,
            _must("name", "机构名称", text(200)),
            _must("district", "行政区划代码", cells.district),
            _must(
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
            _must(
                "nature", "机构性质", WordChoice({"non_profit": "非营利性", "for_profit": "营利性"})
            ),
            _must(
                "custody",
                "监管方式",
                WordChoice(
                    {"bank_custody": "银行托管", "risk_deposit": "风险保证金", "both": "两者并行"}
                ),
            ),
            _may("licence_no", "办学许可证号", text(80)),
            _may("licence_until", "许可有效期至", day),
            _may("renewal_applied_on", "延续申请日期", day),
            _may("legal_representative", "法定代表人", text(80)),
            _may("related_parties", "关联方", names(4_000)),
            _may("supervised_from", "起算日", day),
            _may("valid_from", "生效日期", day, when_empty=FIRST_DAY),
        ),
    ),
    Kind(
        "accounts",
        "账户",
        BankAccount._make,
        ("account_no",),
        (
            _USCC,
            _must("account_no", "账号", cells.account_no),
            _must("bank", "开户行", text(120)),
            _must(
                "kind",
                "账户类型",
                WordChoice(
                    {"fee": "收费专用账户", "deposit": "风险保证金账户", "settlement": "结算账户"}
                ),
            ),
            _may("opened_on", "开户日期", day),
            _may("closed_on", "销户日期", day),
            _may("minimum_balance", "最低余额", yuan, "minimum_balance_fen"),
            _may(
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
            _must("course_id", "课程编号", text(60)),
            _USCC,
            _must("title", "课程名称", text(200)),
            _must("discipline", "学科", text(40)),
            _must(
                "stage",
                "学段",
                WordChoice(
                    {"preschool": "学龄前", "primary": "小学", "junior": "初中", "senior": "高中"}
                ),
            ),
            _must("mode", "授课方式", WordChoice({"offline": "线下", "online": "线上"})),
            _stands("class_size", "班额", Whole(1)),
            _must("lesson_minutes", "课时分钟", Whole(1)),
            _may("lessons", "总课时", Whole(0)),
            _must("price_per_lesson", "公示课时单价", yuan, "price_per_lesson_fen"),
            _may("starts_on", "开课日期", day),
            _may("ends_on", "结课日期", day),
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
            _must("course_id", "课程编号", text(60)),
            _must("student", "学员标识", cells.student),
            _must(
                "basis",
                "收费方式",
                WordChoice({"hours": "按课时", "period": "按培训周期", "both": "两者"}),
            ),
            _stands("lessons", "课时数", Whole(0)),
            _may("gift_lessons", "赠送课时", Whole(0), when_empty=0),
            _stands("starts_on", "开课日期", day),
            _stands("ends_on", "结课日期", day),
            _must("fee", "金额", yuan, "fee_fen"),
            _stands("paid_on", "缴费日期", day),
            _may("other_fee", "代收费", yuan, "other_fee_fen"),
            _may("renews", "续费原合同", text(60)),
            _may(
                "channel",
                "支付渠道",
                WordChoice(
                    {
                        "bank": "银行",
                        "platform": "监管平台",
                        "wechat": "微信",
                        "alipay": "支付宝",
                        "unionpay": "银联",
                        "cash": "现金",
                    }
                ),
            ),
            _may(
                "payment",
                "付费模式",
                WordChoice({"prepaid": "预付", "pay_after": "先学后付"}),
                when_empty="prepaid",
            ),
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
            _must("held_on", "上课日期", day),
            _must("lessons", "课时数", Whole(0)),
            _may("confirmed_on", "确认日期", day),
            _may(
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
            _must("refund_no", "退费单号", text(60)),
            _CONTRACT_NO,
            _must("requested_on", "申请日期", day),
            _may("amount", "应退金额", yuan, "amount_fen"),
            _may("cause", "退费原因", WordChoice({"institution": "机构", "consumer": "学员"})),
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
            _must(
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
            _must("document", "文号", text(120)),
            _may("amount", "金额", yuan, "amount_fen"),
            _must("from", "起", day, "from_day"),
            _may("until", "止", day, "to_day"),
        ),
        ordered=(("from_day", "to_day"),),
    ),
)
#: The kinds by name, in the order in which a fresh installation imports them.
KINDS = {kind.name: kind for kind in _KINDS}


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
