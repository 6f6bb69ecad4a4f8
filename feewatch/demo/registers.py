"""The register files of the made-up district: CSV in two encodings and two languages, one XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from feewatch.demo import places
from feewatch.demo.model import MERGED_ON, School
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.money import format_yuan
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook

Row = Sequence[str]
_SUBJECTS = {"academic": "学科类", "arts": "文化艺术类", "sports": "体育类", "science": "科技类"}
_CUSTODY = {"bank_custody": "银行托管", "risk_deposit": "风险保证金", "both": "两者并行"}
_NATURE = {"non_profit": "非营利性", "for_profit": "营利性"}
_STAGES = {"preschool": "学龄前", "primary": "小学", "junior": "初中", "senior": "高中"}


class RegisterFile(NamedTuple):
    """A written register: its kind and where it lies."""

    kind: str
    path: Path


def write_registers(rng: Random, schools: Sequence[School], folder: Path) -> list[RegisterFile]:
    """Write all registers; the files in an order in which they can be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    half = len(schools) // 2
    halves = (schools[:half], schools[half:])
    return [
        _csv(folder / "01机构.csv", "institutions", "utf-8-sig", _institutions(schools)),
        _csv(folder / "02accounts.csv", "accounts", "gb18030", _accounts(schools)),
        _xlsx(folder / "03课程.xlsx", "courses", _courses(schools)),
        _csv(folder / "04合同-1.csv", "contracts", "gb18030", _contracts(halves[0], chinese=True)),
        _csv(folder / "04contracts-2.csv", "contracts", "utf-8-sig",
             _contracts(halves[1], chinese=False)),
        _csv(folder / "04收费明细.csv", "charges", "utf-8-sig", _charges(schools)),
        _csv(folder / "05消课-1.csv", "lessons", "utf-8-sig", _lessons(halves[0], chinese=True)),
        _csv(folder / "05lessons-2.csv", "lessons", "utf-8", _lessons(halves[1], chinese=False)),
        _csv(folder / "06退费.csv", "refunds", "gb18030", _refunds(schools)),
        _csv(folder / "07approvals.csv", "approvals", "utf-8", _approvals(schools)),
        _csv(folder / "08教学点.csv", "sites", "gb18030", places.sites(rng, schools)),
        _csv(folder / "09premises.csv", "premises", "utf-8", places.premises(rng, schools)),
        _csv(folder / "10线索.csv", "clues", "utf-8-sig", places.clues(rng, schools)),
        _csv(folder / "11承继.csv", "successions", "gb18030", _successions(schools)),
    ]  # fmt: skip


def _csv(path: Path, kind: str, encoding: str, rows: Iterable[Row]) -> RegisterFile:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n" if encoding == "gb18030" else "\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return RegisterFile(kind, path)


def _xlsx(path: Path, kind: str, rows: Iterable[Row]) -> RegisterFile:
    pages = [WorkbookPage("Sheet", [[Cell(text) for text in row] for row in rows])]
    path.write_bytes(write_workbook(pages))
    return RegisterFile(kind, path)


def _day(on: Day | None) -> str:
    return "" if on is None else format_day(on)


def _institutions(schools: Iterable[School]) -> Iterable[Row]:
    yield ("统一社会信用代码", "机构名称", "行政区划代码", "培训类别", "机构性质", "监管方式",
           "办学许可证号", "许可有效期至", "延续申请日期", "法定代表人", "关联方")  # fmt: skip
    for s in schools:
        yield (s.uscc, s.name, s.district, _SUBJECTS[s.subject], _NATURE[s.nature],
               _CUSTODY[s.custody], f"教民{s.district}7{s.n:05d}", _day(s.licence_until),
               _day(s.renewal_applied_on), s.legal_representative, ";".join(s.related))  # fmt: skip


def _accounts(schools: Iterable[School]) -> Iterable[Row]:
    yield ("account_no", "uscc", "bank", "kind", "opened_on", "closed_on", "minimum_balance",
           "statement_cycle")  # fmt: skip
    for s in schools:
        for a in s.accounts:
            minimum = "" if a.minimum_fen is None else format_yuan(a.minimum_fen)
            yield (a.account_no, s.uscc, a.bank, a.kind, _day(a.opened_on), _day(a.closed_on),
                   minimum, a.cycle)  # fmt: skip


def _courses(schools: Iterable[School]) -> Iterable[Row]:
    yield ("课程编号", "统一社会信用代码", "课程名称", "学科", "学段", "授课方式", "班额",
           "课时分钟", "公示课时单价")  # fmt: skip
    for s in schools:
        for c in s.courses:
            yield (c.course_id, s.uscc, c.title, c.discipline, _STAGES[c.stage], "线下",
                   str(c.class_size), str(c.minutes), format_yuan(c.price_fen))  # fmt: skip


_CONTRACT_COLUMNS = (
    ("contract_no", "合同编号"), ("uscc", "统一社会信用代码"), ("course_id", "课程编号"),
    ("student", "学员标识"), ("basis", "收费方式"), ("lessons", "课时数"),
    ("gift_lessons", "赠送课时"), ("starts_on", "开课日期"), ("ends_on", "结课日期"),
    ("fee", "金额"), ("paid_on", "缴费日期"), ("renews", "续费原合同"), ("channel", "支付渠道"),
    ("other_fee", "代收费"), ("ended_on", "终止日期"), ("settlement", "结清方式"),
)  # fmt: skip
_BASES = {"hours": "按课时", "period": "按培训周期", "both": "两者"}
_SETTLEMENTS = {"": "", "agreed": "协议结清"}
_CHANNELS = {"": "", "bank": "银行", "platform": "监管平台"}


def _contracts(schools: Iterable[School], *, chinese: bool) -> Iterable[Row]:
    yield tuple(column[chinese] for column in _CONTRACT_COLUMNS)
    for s in schools:
        for c in s.contracts:
            yield (c.contract_no, s.uscc, c.course.course_id, c.student,
                   _BASES[c.basis] if chinese else c.basis, str(c.lessons), str(c.gift or ""),
                   _day(c.starts_on), _day(c.ends_on), format_yuan(c.fee_fen), _day(c.paid_on),
                   c.renews, _CHANNELS[c.channel] if chinese else c.channel,
                   "" if c.other_fen is None else format_yuan(c.other_fen), _day(c.ended_on),
                   _SETTLEMENTS[c.settlement] if chinese else c.settlement)  # fmt: skip


def _charges(schools: Iterable[School]) -> Iterable[Row]:
    yield "合同编号", "序号", "应缴日期", "金额", "课时数", "缴费日期", "统一社会信用代码"
    for s in schools:
        for c in s.contracts:
            for n, each in enumerate(c.charges, 1):
                yield (c.contract_no, str(n), _day(each.due_on), format_yuan(each.amount_fen),
                       str(each.lessons), _day(each.paid_on), s.uscc)  # fmt: skip


def _successions(schools: Iterable[School]) -> Iterable[Row]:
    yield "原机构", "承继机构", "生效日期", "文号"
    for s in schools:
        if s.successor:
            yield s.uscc, s.successor.uscc, _day(MERGED_ON), f"虚构承〔2026〕{s.n}号"


def _lessons(schools: Iterable[School], *, chinese: bool) -> Iterable[Row]:
    if chinese:
        yield ("合同编号", "上课日期", "课时数", "确认日期", "确认方式", "统一社会信用代码")
    else:
        yield ("contract_no", "held_on", "lessons", "confirmed_on", "confirmed_by", "uscc")
    by = ("家长", "超时") if chinese else ("parent", "silence")
    for s in schools:
        for c in s.contracts:
            for held_on, lessons in c.held.items():
                confirmed_on = _day(c.confirmed.get(held_on, held_on))
                yield (c.contract_no, _day(held_on), str(lessons), confirmed_on,
                       by[held_on in c.silent], s.uscc)  # fmt: skip


def _refunds(schools: Iterable[School]) -> Iterable[Row]:
    yield "退费单号", "合同编号", "申请日期", "应退金额", "退费原因", "统一社会信用代码"
    for s in schools:
        for r in s.refunds:
            yield (r.refund_no, r.contract_no, _day(r.requested_on), format_yuan(r.amount_fen),
                   "学员", s.uscc)  # fmt: skip


def _approvals(schools: Iterable[School]) -> Iterable[Row]:
    yield "uscc", "kind", "document", "amount", "from", "until"
    for s in schools:
        for a in s.approvals:
            amount = "" if a.amount_fen is None else format_yuan(a.amount_fen)
            yield s.uscc, a.kind, a.document, amount, _day(a.from_day), _day(a.until)
