import csv
import io

import pytest

from feewatch.publication.rendering import render_csv, render_page

ENTRY = {"uscc": "52370702651728628K", "name": "星海", "subject": "arts"}


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_opens_as_chinese_with_titles_in_both_languages():
    content = render_csv("white", [ENTRY])
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows(content) == [
        ["统一社会信用代码 / credit code", "名称 / name", "培训类别 / subject", "备注 / remark"],
        ["52370702651728628K", "星海", "文化艺术类 / arts", ""],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(start):
    name = f"{start}1+1"
    assert rows(render_csv("white", [{**ENTRY, "name": name}]))[1][1] == f"'{name}"


def test_an_empty_list_has_its_titles():
    assert len(rows(render_csv("black", []))) == 1


def test_the_page_stands_alone_and_holds_no_foreign_markup(published):
    page = (published.district / "3" / "index.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "&lt;b&gt;无证办学&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "src=" not in page
    assert "href=" not in page
    assert "http" not in page
    assert "黑名单" in page
    assert "black list" in page


def test_an_empty_list_says_so():
    document = {
        "office": "局", "number": 1, "district": "370702", "cut_off": "2026-07-31",
        "kind": "regular", "rule_book": "rb", "previous_sha256": None,
        "lists": {"notice": []}, "unrated": [], "delta": [],
    }  # fmt: skip
    assert "监管提示" in render_page(document)
    assert "无<br>" in render_page(document)
