import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from feewatch.publication.columns import list_table, list_tables
from feewatch.publication.page import render_page
from feewatch.publication.rendering import render, render_csv

ENTRY = {"uscc": "52370702651728628K", "name": "星海", "subject": "arts"}


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_opens_as_chinese_with_titles_in_both_languages():
    content = render_csv(list_table("white", [ENTRY]))
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows(content) == [
        ["统一社会信用代码 / credit code", "名称 / name", "培训类别 / subject", "备注 / remark"],
        ["52370702651728628K", "星海", "文化艺术类 / arts", ""],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(start):
    name = f"{start}1+1"
    assert rows(render_csv(list_table("white", [{**ENTRY, "name": name}])))[1][1] == f"'{name}"


def test_an_empty_list_has_its_titles():
    assert len(rows(render_csv(list_table("black", [])))) == 1


def test_the_page_stands_alone_and_holds_no_foreign_markup(published):
    page = (published.district / "3" / "index.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "&lt;b&gt;无证办学&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "src=" not in page
    assert "http" not in page
    assert "<script" not in page
    links = re.findall(r'href="([^"]+)"', page)
    assert links
    assert all(re.match(r"#|\.\./|[^/:]+$", link) for link in links)
    assert "黑名单" in page
    assert "black list" in page


EMPTY = {
    "office": "局", "number": 1, "district": "370702", "cut_off": "2026-07-31",
    "kind": "regular", "rule_book": "rb", "previous_sha256": None,
    "lists": {"notice": []}, "counts": {"notice": 0}, "unrated": [], "delta": [],
}  # fmt: skip


def page_of(document):
    return render_page(document, list_tables(document)).decode()


def test_an_empty_list_says_so():
    page = page_of(EMPTY)
    assert "监管提示" in page
    assert "无<br>" in page


def test_each_list_says_what_it_means_what_it_does_not_and_what_follows(published):
    page = (published.district / "3" / "index.html").read_text()
    assert "不是荣誉、推荐或者担保" in page
    assert "本机关不附加任何后果" in page
    assert "《信用修复管理办法》国家发展改革委令第36号 第三条，已读官方文本或逐字转载" in page
    assert "截止日 2026-08-31" in page


def test_a_consequence_that_the_office_set_itself_says_so():
    says = {"zh": "增加检查", "en": "more checks"}
    words = {"zh": "指", "en": "means"}
    meaning = {"means": words, "means_not": words, "consequence": {"says": says, "basis": None}}
    assert "增加检查（本机关自定）" in page_of(EMPTY | {"meanings": {"notice": meaning}})


def test_an_edition_of_the_first_format_is_still_rendered():
    content = Path("tests/data/editions-1/370702/3/edition.json").read_bytes()
    files = render(json.loads(content), content)
    assert "本机关不附加任何后果" not in files["index.html"].decode()
    assert len(files) == 7


def test_the_workbook_holds_the_cells_of_every_list_as_texts_and_no_moment_of_making(published):
    path = published.district / "3" / "名单.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "说明",
        "白名单",
        "黑名单",
        "监管提示",
        "未评定",
        "与上一期相比",
    ]
    rows = list(book["白名单"].iter_rows(values_only=True))
    assert rows[0][:2] == ("统一社会信用代码 / credit code", "名称 / name")
    assert [row[1] for row in rows[1:]] == ["机构0", "机构1", "机构2"]
    assert book["黑名单"]["B2"].value == "=HYPERLINK(某小区无证点)"
    assert book["黑名单"]["B2"].data_type == "s"
    assert str(book.properties.created) == "2026-08-31 00:00:00"
    document = json.loads((path.parent / "edition.json").read_bytes())
    again = render(document, b"")
    assert again["名单.xlsx"] == path.read_bytes()


def test_the_feed_is_atom_that_a_reader_follows_from_edition_to_edition(published):
    names = {"atom": "http://www.w3.org/2005/Atom"}
    feeds = [
        etree.parse(published.district / str(number) / "feed.atom").getroot() for number in (2, 3)
    ]
    ids = [feed.xpath("atom:entry/atom:id/text()", namespaces=names) for feed in feeds]
    assert len({*ids[0], *ids[1]}) == len(ids[0]) + len(ids[1])
    assert len({feed.findtext("atom:id", namespaces=names) for feed in feeds}) == 1
    newest = feeds[1]
    assert newest.findtext("atom:updated", namespaces=names) == "2026-08-31T00:00:00+08:00"
    titles = newest.xpath("atom:entry/atom:title/text()", namespaces=names)
    assert titles == ["第 3 期（截止 2026-08-31）", "列入白名单：机构2"]
    for feed in feeds:
        for entry in feed.findall("atom:entry", namespaces=names):
            for tag in ("id", "title", "updated", "link", "summary"):
                assert entry.find(f"atom:{tag}", namespaces=names) is not None


def test_a_feed_of_very_many_changes_says_how_many_it_leaves_out():
    reason = {"zh": "因", "en": "because"}
    delta = [
        {"list": "notice", "change": "added", "uscc": "", "name": f"甲{n}\x01", "reason": reason}
        for n in range(501)
    ]
    feed = render(EMPTY | {"delta": delta}, b"")["feed.atom"]
    assert len(etree.fromstring(feed).findall("{http://www.w3.org/2005/Atom}entry")) == 501
    assert "变动 501 项（此处列前 500 项）" in feed.decode()
