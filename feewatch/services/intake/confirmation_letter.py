"""The letter to the bank (对账函) as a document the office can edit, print and seal."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan

_HEADS = ("序号", "账号", "起止日期", "期初余额（元）", "期末余额（元）", "笔数", "收入合计（元）",
          "支出合计（元）", "银行核对（相符／不符及说明）")  # fmt: skip


class Letter(NamedTuple):
    """What stands in a letter; ``items`` are its statements in order."""

    office: str
    number: str
    bank: str
    institution: str
    on: str  # ISO
    items: Sequence[Any]


def render(letter: Letter) -> bytes:
    """The letter as DOCX; account numbers are whole, for the bank is to find the account."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    style = document.styles["Normal"]
    style.font.name, style.font.size = "SimSun", Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run("银行对账函")
    run.bold, run.font.size = True, Pt(16)
    document.add_paragraph(f"编号：{letter.number}").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph(f"{letter.bank}：")
    document.add_paragraph(
        f"为核实{letter.institution}在贵行所开账户的资金情况，现将该机构自行报送的对账单数据列示如下，"
        "请与贵行账面记录逐项核对，在表内注明相符或不符；不符的，请写明贵行记录的余额、笔数和金额；"
        "仅部分日期相符的，请写明相符的起止日期。"
        "请加盖印章后直接寄回我单位，不要交由该机构转送。"
    )
    _add_table(document, letter.items)
    document.add_paragraph()
    document.add_paragraph("银行意见：□ 全部相符　　□ 部分不符（见上表）　　□ 其他：")
    document.add_paragraph("经办人：　　　　　　复核人：　　　　　　日期：　　　年　　月　　日")
    document.add_paragraph("（银行盖章）").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph(letter.office).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph(letter.on).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_table(document: Any, items: Sequence[Any]) -> None:
    table = document.add_table(rows=1, cols=len(_HEADS))
    table.style = "Table Grid"
    for cell, head in zip(table.rows[0].cells, _HEADS, strict=True):
        cell.text = head
    for place, item in enumerate(items, 1):
        told = (
            str(place), item.account_no,
            f"{format_day(item.from_day)} 至 {format_day(item.to_day)}",
            _yuan(item.opening_fen), _yuan(item.closing_fen), str(item.entries),
            _yuan(item.in_fen), _yuan(item.out_fen), "",
        )  # fmt: skip
        for cell, text in zip(table.add_row().cells, told, strict=True):
            cell.text = text


def _yuan(fen: int | None) -> str:
    return "未载明" if fen is None else format_yuan(fen)
