"""Papers on the site: made, read, served, void; what the institution sees; many in one act."""

import io
import re

import pytest
from docx import Document
from sqlalchemy import select

from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.services.cases import steps
from feewatch.store.tables.casework import case_event, matter
from feewatch.store.tables.papers import paper, paper_service


@pytest.fixture
def number(site):
    """A case of the institution that may log in, opened over its open matters."""
    app = site.extensions["feewatch"]
    with app.database.reading() as tx:
        wanted = matter.c.status == "open", matter.c.institution_id == 1
        keys = list(tx.scalars(select(matter.c.id).where(*wanted)))
    return steps.open_case(app, keys, actor="officer", reason="核实", then="triage")


def rows(site, query):
    with site.extensions["feewatch"].database.reading() as tx:
        return tx.execute(query).all()


def make(client, number, **data):
    answer = client.post(f"/desk/papers/cases/{number}", data=data)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_a_paper_is_made_on_its_case_read_and_taken_as_docx(as_user, number):
    client = as_user("officer")
    assert "制作文书" in client.get(f"/desk/cases/{number}").text
    page = make(client, number, kind="supervision_order", unit="职成科", reason="核实")
    text = client.get(page).text
    assert [part for part in ("职成科", "督 办 单", "登记送达", "核实") if part not in text] == []
    document = client.get(f"{page}/document.docx")
    assert document.headers["Content-Disposition"].startswith("attachment")
    assert "职成科：" in [line.text for line in Document(io.BytesIO(document.data)).paragraphs]
    assert "督办单" in client.get(f"/desk/cases/{number}").text


def test_the_institution_reads_a_paper_from_its_service_on(as_user, site, number):
    client, school = as_user("officer"), as_user("luzhi")
    kind = re.search(
        r'<option value="(\w+_(?:order|letter))"', client.get(f"/desk/cases/{number}").text
    )
    page = make(client, number, kind=kind[1], reason="限期整改")
    own = page.replace("/desk/", "/own/")
    assert school.get(own).status_code == 404
    on = format_day(today())
    answer = client.post(f"{page}/service", data={"way": "direct", "on": on, "recipient": "王某"})
    assert answer.status_code == 302, answer.text
    text = school.get(own).text
    assert [part for part in ("王某", "直接送达", "案件编号") if part not in text] == []
    assert school.get(f"{own}/document.docx").data.startswith(b"PK")
    assert "送达的文书" in school.get(f"/own/cases/{number}").text
    assert [row.step for row in rows(site, select(case_event.c.step).order_by(case_event.c.id))][
        -2:
    ] == ["serve", "notify"]


def test_an_institution_sees_neither_unserved_papers_nor_those_of_the_office(as_user, number):
    client, school = as_user("officer"), as_user("luzhi")
    page = make(client, number, kind="supervision_order", unit="职成科")
    data = {"way": "direct", "on": format_day(today())}
    assert client.post(f"{page}/service", data=data).status_code == 302
    assert school.get(page.replace("/desk/", "/own/")).status_code == 404
    assert school.get(page).status_code == 403
    assert "职成科" not in school.get(f"/own/cases/{number}").text


def test_a_refused_form_says_why_and_keeps_the_words(as_user, number):
    client = as_user("officer")
    answer = client.post(
        f"/desk/papers/cases/{number}", data={"kind": "supervision_order", "reason": "写过的话"}
    )
    assert answer.status_code == 400
    assert "PAPER-UNIT" in answer.text
    page = make(client, number, kind="supervision_order", unit="职成科")
    for data in ({"way": "direct", "on": "2099-01-01"}, {"way": "x", "on": "x"}, {}):
        assert client.post(f"{page}/service", data=data).status_code == 400
    assert client.post(f"{page}/void", data={"reason": "写错"}).status_code == 302
    assert "写错" in client.get(page).text
    assert client.post(f"{page}/void", data={"reason": "写错"}).status_code == 409


@pytest.mark.parametrize("key", ["999", "99999999999999999999"])
def test_no_such_paper_is_an_answer(as_user, key):
    client = as_user("officer")
    for path in (
        f"/desk/papers/{key}",
        f"/desk/papers/{key}/document.docx",
        f"/desk/papers/many/{key}",
    ):
        assert client.get(path).status_code == 404


def test_the_register_is_filtered_and_handed_out(as_user, number):
    client = as_user("officer")
    make(client, number, kind="supervision_order", unit="职成科")
    assert (
        "校外培训督办〔2026〕1号"
        in client.get("/desk/papers/?kind=supervision_order&year=2026").text
    )
    assert "没有这样的文书" in client.get("/desk/papers/?state=served").text
    assert "校外培训督办〔2026〕1号" in client.get("/desk/papers/register.csv").data.decode(
        "utf-8-sig"
    )
    assert client.get("/desk/papers/register.xlsx").data.startswith(b"PK")
    assert client.get("/desk/papers/?year=26").status_code == 400


def test_many_are_told_in_one_act_whose_page_goes_on_with_it(as_user, site):
    client = as_user("officer")
    wanted = matter.c.status == "open", matter.c.district == "370702"
    keys = [row.id for row in rows(site, select(matter.c.id).where(*wanted))]
    assert keys
    answer = client.post("/desk/papers/many", data={"matter": keys, "reason": "批量核实"})
    page = answer.headers["Location"]
    assert "继续办理" in client.get(page).text
    assert rows(site, select(paper.c.id)) == []
    assert client.post(page).headers["Location"] == page
    text = client.get(page).text
    assert "已完成" in text
    assert len(rows(site, select(paper_service.c.id))) == len(rows(site, select(paper.c.id))) > 0
    assert as_user("reviewer").get(page).status_code == 404  # whoever began it
    refused = client.post("/desk/papers/many", data={"reason": "批量核实"})
    assert refused.status_code == 400
