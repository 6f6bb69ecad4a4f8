"""What districts published on the pages of an office above them: states, contradictions, groups."""

import csv
import io

import pytest
from lxml import html

from feewatch.kernel.text import Text
from feewatch.services.people import users
from feewatch.store.lists import gathered as stored
from feewatch.web.site import create_app
from tests.services.province.conftest import (
    PROVINCE,
    SmallOffice,
    entry,
    feed,
    named_sources,
    uscc_of,
)
from tests.web.conftest import PASSWORD

A, B, C, D = "370101", "370102", "370103", "370104"
#: Registered in A: black there, white in B.
TORN = uscc_of(A, 1)
#: Registered in B under one name, listed in C under another.
RENAMED = uscc_of(B, 2)
FINE = uscc_of(C, 3)
ABSENT = uscc_of(C, 4)
GROUPS = f"统一社会信用代码,集团\n{TORN},晨光\n{RENAMED},晨光\n{ABSENT},晨光\n{FINE},启明\n"


def build(folder):
    """A province of four districts, one of which was never gathered and one refused since."""
    toml = named_sources([A, B, C, D]) + '[gathering]\ngroups = "groups.csv"\n'
    office = SmallOffice(folder, PROVINCE, toml)
    (folder / "groups.csv").write_text(GROUPS, "utf-8")
    feed(office.app, A, black=[entry(TORN, "晨光培训", "教罚字〔2026〕第1号")])
    feed(office.app, B, white=[entry(TORN, "晨光培训"), entry(RENAMED, "启智学校")])
    feed(office.app, C, white=[entry(RENAMED, "启智培训学校"), entry(FINE, "启明学校")])
    refused = stored.RefusedThing(
        "VERIFY-FORK", "chain.jsonl", Text("同一期号签发了两版", "two under one"), 2, "f" * 64
    )  # fmt: skip
    with office.app.database.transaction() as tx:
        stored.note_failing(tx, C, refused)
    for name, role, district in (
        ("anna", "viewer", PROVINCE), ("bo", "officer", B), ("rule", "rule_editor", PROVINCE),
    ):  # fmt: skip
        users.add_user(office.app, name, role, district=district, password=PASSWORD, actor="test")
    return office


@pytest.fixture
def province(tmp_path):
    office = build(tmp_path)
    yield office
    office.app.database.dispose()


@pytest.fixture
def enter(province):
    site = create_app(province.app)
    site.config["WTF_CSRF_ENABLED"] = False

    def log_in(name):
        client = site.test_client()
        answer = client.post("/account/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    return log_in


def rows(answer, of=0):
    """The cells of the rows of a page's tables, as words."""
    assert answer.status_code == 200, answer.text
    tables = html.document_fromstring(answer.text).findall(".//table")
    return [
        [" ".join(cell.text_content().split()) for cell in row.findall("td")]
        for row in tables[of].findall(".//tbody/tr")
    ]


def test_a_source_that_is_refused_or_was_never_gathered_is_never_shown_as_valid(enter):
    states = {row[0][-6:]: row[1] for row in rows(enter("anna").get("/desk/gathered/"))}
    assert states[A] == "有效"
    assert states[C].startswith("未取得有效内容自 ")
    assert "同一期号签发了两版 VERIFY-FORK" in states[C]
    assert states[D] == "尚未汇集"
    page = enter("anna").get(f"/desk/gathered/of/{C}").text
    assert "自 " in page
    assert "f" * 64 in page


def test_districts_that_contradict_each_other_stand_side_by_side(enter):
    answer = enter("anna").get("/desk/gathered/disagreements")
    told = [[(row[1][-6:], row[2]) for row in rows(answer, n)] for n in range(4)]
    torn = [(A, "黑名单"), (B, "白名单")]
    assert told == [torn, [(B, "白名单"), (C, "白名单")], [(B, "白名单"), (C, "白名单")],
                    [*torn, (B, "白名单"), (C, "白名单")]]  # fmt: skip


def test_who_sees_one_district_sees_no_other(enter):
    bo = enter("bo")
    assert [row[0][-6:] for row in rows(bo.get("/desk/gathered/"))] == [B]
    assert bo.get(f"/desk/gathered/of/{A}").status_code == 404
    assert bo.get(f"/desk/gathered/of/{B}").status_code == 200
    merged = rows(bo.get("/desk/gathered/lists"))
    assert {row[1][-6:] for row in merged} == {B}
    found = rows(bo.get("/desk/gathered/disagreements"))
    assert [(row[1][-6:], row[2]) for row in found] == [(B, "白名单")]  # its own, registered in A
    assert enter("rule").get("/desk/gathered/").status_code == 403


def test_merged_lists_are_by_institution_and_can_be_searched(enter):
    anna = enter("anna")
    merged = rows(anna.get("/desk/gathered/lists"))
    assert [(row[0][-18:], row[1][-6:]) for row in merged] == sorted(
        [(TORN, A), (TORN, B), (RENAMED, B), (RENAMED, C), (FINE, C)]
    )
    assert len(rows(anna.get("/desk/gathered/lists?list=black"))) == 1
    assert len(rows(anna.get(f"/desk/gathered/lists?text={FINE.lower()}"))) == 1
    assert len(rows(anna.get("/desk/gathered/lists?text=启智"))) == 2
    assert anna.get("/desk/gathered/lists?list=x").status_code == 400


def test_merged_lists_are_given_out_whole_and_no_further_than_a_person_sees(enter):
    anna, bo = enter("anna"), enter("bo")
    text = anna.get("/desk/gathered/lists?format=csv").data.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text))
    assert head == ["统一社会信用代码", "机构名称", "区划", "名单", "期号", "依据"]
    assert len(lines) == 5
    assert [TORN, "晨光培训", "黑名单", "1", "教罚字〔2026〕第1号"] in [
        [*line[:2], *line[3:]] for line in lines
    ]
    own = bo.get("/desk/gathered/lists?format=csv").data.decode("utf-8-sig")
    assert {line[2][-6:] for line in list(csv.reader(io.StringIO(own)))[1:]} == {B}
    assert "format=xlsx" in anna.get("/desk/gathered/lists").text


def test_a_group_is_what_the_office_wrote_down_across_districts(enter, province):
    anna = enter("anna")
    assert rows(anna.get("/desk/gathered/groups")) == [["启明", "1"], ["晨光", "3"]]
    members = rows(anna.get("/desk/gathered/groups?group=晨光"))
    assert [(row[1][-6:], row[2]) for row in members] == [
        (A, "黑名单"), (B, "白名单"), (B, "白名单"), (C, "白名单"),
        ("—", "已汇集的版次中没有，不能判断"),
    ]  # fmt: skip
    assert anna.get("/desk/gathered/groups?group=无").status_code == 404
    file = province.folder / "groups.csv"
    file.write_text(GROUPS + f"{FINE},晨光\n12345,启明\n", "utf-8")
    answer = anna.get("/desk/gathered/groups")
    assert answer.status_code == 400
    assert "两个集团" in answer.text
    assert "不是统一社会信用代码" in answer.text
