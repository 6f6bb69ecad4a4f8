"""Templates: places in split runs, lists, what is left out, what is refused, equal bytes."""

import io
import zipfile

import pytest
from docx import Document

from feewatch.papers.fields import FIELDS, LISTS
from feewatch.papers.filling import Template, TemplateError
from feewatch.papers.layout import SHIPPED, shipped

CORE = {"title": "通知", "author": "示例区教育局", "day": "2026-08-04"}


def made(*blocks: object) -> bytes:
    """A DOCX as Word writes it: a paragraph is a list of runs, a table a list of rows."""
    document = Document()
    for block in blocks:
        if isinstance(block, tuple):
            table = document.add_table(0, len(block[0]))
            for row in block:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            paragraph = document.add_paragraph()
            for run in [block] if isinstance(block, str) else block:
                paragraph.add_run(run)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def filled(content: bytes, fields: dict[str, str], **lists: list[dict[str, str]]) -> object:
    return Document(io.BytesIO(Template("自拟.docx", content).fill(fields, lists, CORE)))


def lines(document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def cells(document) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]


def test_a_place_that_word_cut_into_runs_is_filled():
    document = filled(
        made(["文号：{", "{文", "号", "}}，", "{{office}}"]), {"number": "甲1号", "office": "局"}
    )
    assert lines(document) == ["文号：甲1号，局"]


def test_rows_and_paragraphs_of_a_list_come_for_each_item():
    content = made(
        "{{事项.序号}}．{{ matters.title }}（{{文号}}）",
        (("序号", "名"), ("{{事项.序号}}", "{{事项.名称}}")),
    )
    items = [{"n": "1", "title": "超收"}, {"n": "2", "title": "未入账"}]
    document = filled(content, {"number": "7号"}, matters=items)
    assert lines(document) == ["1．超收（7号）", "2．未入账（7号）"]
    assert cells(document) == [["序号", "名"], ["1", "超收"], ["2", "未入账"]]


def test_what_says_nothing_is_left_out():
    content = made("抄送：{{抄送}}", "始终在", "{{事项.名称}}", (("头",), ("{{事项.名称}}",)))
    document = filled(content, {"copies": ""}, matters=[])
    assert lines(document) == ["始终在"]
    assert document.tables == []


def test_a_value_is_text_whatever_it_holds():
    value = "a<b>&{{文号}}\x00\x0b\ufdd0F号\ufdd1\n第二行"
    document = filled(made("{{事由}}"), {"reason": value, "number": "x"})
    assert lines(document) == ["a<b>&{{文号}}F号\n第二行"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{{电话}}", "电话"),
        ("{{事项.电话}}", "事项.电话"),
        ("{{文号", "{{文号"),
        ("文号}}", "文号}}"),
    ],
)
def test_unknown_places_and_single_braces_are_named(text, word):
    with pytest.raises(TemplateError) as refused:
        Template("自拟.docx", made("{{文号}}", text))
    (problem,) = refused.value.problems
    assert (problem.code, problem.file) == ("PAPER-PLACEHOLDER", "自拟.docx")
    assert word in problem.message.zh


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"\0" * 30_000_000)
    return out.getvalue()


def entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"no zip", shipped("hint_letter")[:900], bomb(), entities()]
)
def test_what_is_no_document_is_refused(content):
    with pytest.raises(TemplateError) as refused:
        Template("自拟.docx", content)
    assert refused.value.problems[0].code == "PAPER-TEMPLATE"


@pytest.mark.parametrize("kind", SHIPPED)
def test_each_shipped_template_is_filled_whole_and_gives_equal_bytes(kind):
    template = Template(kind, shipped(kind))
    assert shipped(kind) == template.content
    fields = {name: f"〔{title}〕" for name, title in FIELDS.items()}
    lists = {
        name: [{column: f"{title}{n}" for column, title in columns.items()} for n in (1, 2)]
        for name, (_, columns) in LISTS.items()
    }
    content = template.fill(fields, lists, CORE)
    assert template.fill(fields, lists, CORE) == content
    document = Document(io.BytesIO(content))
    text = "".join([*lines(document), *("".join(row) for row in cells(document))])
    assert "{{" not in text
    assert "〔文号〕" in text
    assert document.core_properties.title == "通知"


def test_the_page_is_that_of_the_national_standard():
    section = Document(io.BytesIO(shipped("rectification_order"))).sections[0]
    found = [
        round(length.mm)
        for length in (section.page_width, section.page_height, section.top_margin,
                       section.left_margin, section.right_margin, section.bottom_margin)
    ]  # fmt: skip
    assert found == [210, 297, 37, 28, 26, 35]
