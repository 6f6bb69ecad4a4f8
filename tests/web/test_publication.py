"""The publisher's page: what it shows, who acts on it, and that nobody misreads it."""

import re

import pytest
from sqlalchemy import select, update

from feewatch.config import Config, Publication, Subscriber, Web
from feewatch.services.desk.today import read_today
from feewatch.services.lists import recalls
from feewatch.store.lists import editions
from feewatch.store.people import users
from feewatch.store.tables import publication

DESK = "/desk/publication/"
PLACE = "370702"


def latest(app):
    with app.database.reading() as tx:
        return editions.find_latest(tx, PLACE)


def waiting(app):
    """What Today counts for the publisher."""
    with app.database.reading() as tx:
        person = users.find_by_name(tx, "publisher")
    return read_today(app, person, mine=False).counts


def seen(page):
    """The fingerprint of the district's draft on the page."""
    return re.search(rf'value="({PLACE}:[0-9a-f]{{64}})"', page)[1]


def test_the_page_says_before_after_share_and_why(as_user):
    page = as_user("publisher").get(DESK).text
    for word in ("上一期", "下一期", "移出", "定时发布", "常设发布指令", "各区划最新一期"):
        assert word in page
    assert "发布此区划" in page
    assert "发布此区划" not in as_user("officer").get(DESK).text
    assert "发布此区划" not in as_user("reviewer").get(DESK).text


def test_what_was_seen_is_published_and_nothing_else(app, as_user):
    client = as_user("publisher")
    number = latest(app).number
    form = {"district": PLACE, "seen": f"{PLACE}:{'0' * 64}"}
    refused = client.post(f"{DESK}publish", data=form)
    assert refused.status_code == 409
    assert latest(app).number == number
    form["seen"] = seen(client.get(DESK).text)
    answer = client.post(f"{DESK}publish", data=form, follow_redirects=True)
    assert answer.status_code == 200
    if "SECOND" not in answer.text and latest(app).number > number:
        with app.database.reading() as tx:
            row = tx.execute(
                select(publication.edition.c.published_by).where(
                    publication.edition.c.number == number + 1
                )
            ).scalar_one()
        assert row == "publisher"


@pytest.mark.parametrize("role", ["viewer", "officer", "reviewer", "administrator"])
def test_others_do_not_publish(as_user, role):
    assert as_user(role).post(f"{DESK}publish", data={}).status_code == 403


def test_an_entry_is_recalled_with_a_reason_and_leaves_at_once(app, as_user):
    client = as_user("publisher")
    lists = latest(app).read()["lists"]
    name, entry = next((name, rows[0]) for name, rows in lists.items() if rows)
    form = {
        "district": PLACE, "list": name, "entry": entry["uscc"] or entry["name"],
        "document": entry.get("document", ""),
    }  # fmt: skip
    assert client.post(f"{DESK}recalls", data=form).status_code == 400
    done = client.post(f"{DESK}recalls", data=form | {"reason": "同名误列"}, follow_redirects=True)
    assert done.status_code == 200
    assert "同名误列" in done.text
    after = latest(app).read()
    assert after["kind"] == "correction"
    assert entry not in after["lists"][name]
    missing = client.post(f"{DESK}recalls", data=form | {"reason": "再次"})
    assert missing.status_code == 404


def test_an_overdue_correction_stands_on_today(app, as_user):
    with app.database.transaction() as tx:
        row = {
            "district": PLACE, "edition_number": 1, "list": "black", "uscc": "", "name": "某点",
            "document": "x", "cause": "decision", "reason": "撤销", "actor": "publisher",
            "due_at": "2026-07-14T10:00:00+08:00",
        }  # fmt: skip
        recalls.recalls.add(tx, row)
    counts = waiting(app)
    assert (counts["corrections_due"], counts["corrections_overdue"]) == (1, 1)
    assert "已逾期" in as_user("publisher").get(DESK).text


def test_the_standing_order_shows_who_gave_it(as_user):
    client = as_user("publisher")
    assert "尚无人具名" in client.get(DESK).text
    form = {"order": "give", "reason": "每月一日发布"}
    page = client.post(f"{DESK}order", data=form, follow_redirects=True).text
    assert "由 publisher 于" in page
    page = client.post(
        f"{DESK}order", data=form | {"order": "withdraw"}, follow_redirects=True
    ).text
    assert "定时任务不发布" in page
    assert as_user("officer").post(f"{DESK}order", data=form).status_code == 403


def test_nobody_agrees_where_nothing_waits(as_user):
    form = {"district": PLACE, "reason": "核对"}
    assert as_user("reviewer").post(f"{DESK}second", data=form).status_code == 409


def test_the_preview_of_before_leads_here(as_user):
    answer = as_user("viewer").get("/desk/editions/preview")
    assert answer.location == DESK


def test_subscribers_are_shown_without_their_secrets_and_steered(app, as_user, tmp_path, site):
    secret = tmp_path / "portal.secret"
    secret.write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==")
    portal = Subscriber("portal", "https://portal.example.cn/x?key=geheim", str(secret))
    config = Config(
        folder=tmp_path, web=Web(secure_cookies=False),
        publication=Publication(subscribers=[portal]),
    )  # fmt: skip
    site.extensions["feewatch"] = type(app)(config, app.database)
    client = as_user("publisher")
    page = client.get("/desk/push/").text
    assert "https://portal.example.cn" in page
    assert "geheim" not in page
    assert "c2hhcmVk" not in page
    form = {"name": "portal", "reason": "对方检修"}
    for act, word in (("pause", "已暂停"), ("resume", "恢复"), ("replay", "待推送")):
        done = client.post(
            "/desk/push/", data=form | {"act": act, "first": "1"}, follow_redirects=True
        )
        assert done.status_code == 200
        assert word in done.text
    assert client.post("/desk/push/", data=form | {"act": "resume"}).status_code == 409
    assert client.post("/desk/push/", data=form | {"act": "x"}).status_code == 400
    other = form | {"act": "pause", "name": "nobody"}
    assert client.post("/desk/push/", data=other).status_code == 404
    assert as_user("viewer").post("/desk/push/", data=form).status_code == 403
    with app.database.transaction() as tx:
        tx.execute(update(publication.outbox).values(status="failed", last_error="HTTP 500"))
    assert waiting(app)["pushes_failed"] > 0
    assert "HTTP 500" in client.get("/desk/push/").text
