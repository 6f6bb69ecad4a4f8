"""What the public reads: published editions alone."""

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from feewatch.bootstrap import App
from feewatch.publication.signing import sha256
from feewatch.services.lists import posting
from feewatch.services.lists.examination import list_edition_complaints
from feewatch.store import guards
from feewatch.store.tables import publication
from feewatch.web.site import create_app

LUZHI, WEICHENG, NANJING = "52370702651728628K", "52370703123456789F", "523201041982410526"


def test_the_lists_of_the_latest_edition_are_open_to_all(visitor):
    page = visitor.get("/").text
    assert "鲁智01号培训中心" in page
    assert "2026-06-30" in page
    assert "无证办学点=1+1" in visitor.get("/?list=notice").text


def test_a_search_finds_by_name_and_by_code_and_says_where_one_stands(visitor):
    assert "白名单" in visitor.get("/?text=鲁智").text
    assert "查询结果" in visitor.get("/?text=" + LUZHI.lower()).text
    assert "资料不全，未评定" in visitor.get("/?text=潍城").text
    assert "登记在册，未列入任何名单" in visitor.get("/?text=宁知").text
    for unknown in ("/?text=无此机构", "/?text=91370702MA3ABCDE1X"):
        page = visitor.get(unknown).text
        assert "可能未经许可办学" in page
        assert "12345" in page
        assert "12391" in page
        assert "登记在册" not in page


def test_an_institution_s_public_page_tells_its_place_or_that_it_is_not_rated(visitor):
    assert "白名单" in visitor.get(f"/institutions/{LUZHI}").text
    assert "资料不全，未评定" in visitor.get(f"/institutions/{WEICHENG}").text
    page = visitor.get(f"/institutions/{NANJING}").text
    assert "登记在册，未列入任何名单" in page
    assert "<h1>宁知" in page
    invented = visitor.get("/institutions/52370702000000001R").text
    assert "可能未经许可办学" in invented
    assert "登记在册，" not in invented


def test_nothing_that_is_not_published_reaches_a_public_page(visitor):
    for address in ("/", f"/institutions/{LUZHI}", "/editions", "/editions/370702/2"):
        page = visitor.get(address).text
        for secret in ("资金未入专户", "ACC-OFF", "26601891581262337", "红色", "覆盖率"):
            assert secret not in page


def test_editions_are_kept_with_their_differences(visitor):
    page = visitor.get("/editions").text
    assert page.index("第 2 期") < page.index("第 1 期")
    page = visitor.get("/editions/370702/2").text
    assert "依决定列入" in page
    assert "最新一期" in page
    assert "非最新一期" in visitor.get("/editions/370702/1").text


def test_files_are_handed_out_byte_for_byte_under_the_paths_of_the_folder(app, visitor):
    for address in ("370702/2/edition.json", "370702/latest/edition.json", "370702/1/白名单.csv"):
        answer = visitor.get("/editions/" + address, buffered=True)
        assert answer.data == (app.editions / address).read_bytes()
    page = visitor.get("/editions/370702/2").text
    assert sha256((app.editions / "370702/2/edition.json").read_bytes()) in page


def test_the_timestamp_lies_beside_the_editions(app, visitor):
    answer = visitor.get("/editions/370702/timestamp.json", buffered=True)
    assert answer.data == (app.editions / "370702/timestamp.json").read_bytes()


def test_a_lost_folder_of_files_does_not_take_the_page_down(app, visitor):
    shutil.rmtree(app.editions)
    assert visitor.get("/editions/370702/2").status_code == 200
    assert visitor.get("/editions/370702/2/白名单.csv").status_code == 404


def test_a_district_without_editions_says_so(visitor):
    assert "尚未发布名单" in visitor.get("/?district=110108").text
    assert "尚未发布" in visitor.get("/editions?district=110108").text
    assert visitor.get(f"/institutions/{LUZHI}?district=110108").status_code == 200


def test_an_office_above_districts_shows_the_latest_edition_of_each(app):
    above = replace(app.config, office=replace(app.config.office, district="370700"))
    visitor = create_app(App(above, app.database)).test_client()
    page = visitor.get("/editions").text
    assert "尚未发布" not in page
    assert 'href="/editions?district=370702"' in page
    assert 'href="/editions/370702/2"' in page
    own = visitor.get("/editions?district=370702").text
    assert 'href="/editions/370702/1"' in own
    assert "<title>历次公示 · 370702" in own


@pytest.mark.parametrize("district", ["3707", "潍坊市", "37070２", "370702 "])
def test_a_district_that_is_no_code_is_refused(visitor, district):
    assert visitor.get("/", query_string={"district": district}).status_code == 400


def alter(app, **values):
    with app.database.transaction() as tx, guards.passing(tx, "an attack"):
        tx.execute(update(publication.edition).where(publication.edition.c.number == 2), values)


def altered_document(app):
    with app.database.reading() as tx:
        text = tx.scalar(
            select(publication.edition.c.document).where(publication.edition.c.number == 2)
        )
    return text.replace("鲁智01号培训中心", "另一家培训中心")


@pytest.mark.parametrize("hides_its_trace", [False, True])
def test_an_edition_altered_in_the_database_is_not_shown_and_says_so(app, visitor, hides_its_trace):
    document = altered_document(app)
    hashed = {"sha256": sha256(document.encode())} if hides_its_trace else {}
    alter(app, document=document, **hashed)
    for address in ("/editions/370702/2", "/api/v1/lists?district=370702"):
        answer = visitor.get(address)
        assert answer.status_code == 503
        assert "另一家培训中心" not in answer.text
        assert "签名不符" in answer.text
    # what is posted was written when the edition was signed, and goes by its hash
    lists = visitor.get("/?district=370702")
    assert lists.status_code == (503 if hides_its_trace else 200)
    assert "另一家培训中心" not in lists.text
    assert ("签名不符" in visitor.get("/?district=").text) == hides_its_trace
    assert visitor.get("/editions/370702/1").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"content": '{"name":"另一家培训中心","subject":"academic","uscc":"52370702651728628K"}'},
        {"uscc": NANJING},
        {"list": "black"},
        {"place": 1},
    ],
    ids=["content", "code", "list", "place"],
)
def test_a_posted_row_that_somebody_altered_is_not_shown(app, visitor, values):
    table = publication.posted
    with app.database.transaction() as tx:
        tx.execute(update(table).where(table.c.uscc == LUZHI).values(values))
    shown = f"/institutions/{values.get('uscc', LUZHI)}"
    for address in ("/?district=370702&list=white", shown, "/?text=鲁智"):
        answer = visitor.get(address)
        assert answer.status_code == 503, address
        assert "另一家培训中心" not in answer.text
    assert posting.list_wrong(app) == ["370702"]
    assert any("公开页面" in each.text.zh for each in list_edition_complaints(app))
    posting.fill_anew(app)
    assert visitor.get("/?district=370702&list=white").status_code == 200
    assert posting.list_wrong(app) == []


def test_a_posted_row_that_is_missing_is_missed(app, visitor):
    table = publication.posted
    with app.database.transaction() as tx:
        tx.execute(delete(table).where(table.c.list == "notice"))
    assert visitor.get("/?district=370702&list=notice").status_code == 503
    assert posting.list_wrong(app) == ["370702"]


def test_a_head_that_somebody_altered_is_not_shown(app, visitor):
    table = publication.posted_district
    with app.database.transaction() as tx:
        tx.execute(update(table).values(content=table.c.content + " "))
    assert visitor.get("/?district=370702").status_code == 503
    assert visitor.get(f"/institutions/{LUZHI}").status_code == 503
    assert "签名不符" in visitor.get("/?district=110108").text


def test_a_file_altered_on_disk_is_not_handed_out(app, visitor):
    place = app.editions / "370702" / "2"
    for name in ("index.html", "白名单.csv", "名单.xlsx"):
        (place / name).write_bytes((place / name).read_bytes() + b" ")
        answer = visitor.get(f"/editions/370702/2/{name}")
        assert answer.status_code == 503
        assert "签名不符" in answer.text
    (place / "forged.csv").write_text("forged")
    assert visitor.get("/editions/370702/2/forged.csv").status_code == 503


def test_the_page_of_an_edition_opens_and_files_are_saved_under_names_that_people_understand(
    visitor,
):
    page = visitor.get("/editions/370702/2/index.html")
    assert "attachment" not in page.headers.get("Content-Disposition", "")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    saved = visitor.get("/editions/370702/2/名单.xlsx")
    assert "filename*=UTF-8" in saved.headers["Content-Disposition"]
    shown = visitor.get("/editions/370702/2").text
    for words in ("Excel 下载", "打印版", "订阅（Atom）", "在浏览器里核验", "透明记录"):
        assert words in shown


def test_a_list_says_what_it_means_and_how_old_it_is(visitor):
    page = visitor.get("/").text
    assert "不是荣誉、推荐或者担保" in page
    assert "本期截止日距今" in page
    assert "不是黑名单，也不是失信名单" in visitor.get("/?list=notice").text
