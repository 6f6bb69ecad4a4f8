"""Instalments on the page of an institution and its own: what is due, paid, late or to come."""

import re

import pytest
from sqlalchemy import insert, update

from feewatch.kernel.days import FIRST_DAY, LAST_DAY
from feewatch.store.tables import places, registers
from tests.web.conftest import LUZHI, WEICHENG, day
from tests.web.test_sites import open_site

#: number, due, paid (today is 2026-07-15); amounts are 1,000.01, 1,000.02 … yuan
CHARGES = [
    ("1", "2026-05-10", "2026-05-10"),
    ("2", "2026-06-10", "2026-07-11"),
    ("3", "2026-07-14", None),
    ("4", "2026-07-15", None),
    ("5", "2026-07-16", None),
    ("6", "2026-07-10", "2026-07-16"),  # a day that has not come
]


def charge(contract_id, number, due, paid, fen, institution_id=1):
    row = {"contract_id": contract_id, "institution_id": institution_id, "charge_no": number}
    row |= {"due_on": day(due), "amount_fen": fen, "lessons": 8, "turn": int(number)}
    return row | {"paid_on": None if paid is None else day(paid)}


def put(app, table, rows):
    with app.database.transaction() as tx:
        tx.execute(insert(table), rows)


@pytest.fixture
def charged(app):
    rows = [charge(3, number, due, paid, 100_000 + int(number)) for number, due, paid in CHARGES]
    put(app, places.charge, rows)


def states(text):
    """number -> (amount, state) as the rows of the table say."""
    cells = re.findall(
        r'data-label="序号">(\d+)<.*?data-label="金额（元）">([\d,.]+)<'
        r'.*?<span class="mark[^>]*>([^<]+)<',
        text,
        re.DOTALL,
    )
    return {number: (amount, state) for number, amount, state in cells}


SAID = {
    "1": ("1,000.01", "已缴"),
    "2": ("1,000.02", "已缴"),
    "3": ("1,000.03", "逾期未缴"),
    "4": ("1,000.04", "今日应缴"),
    "5": ("1,000.05", "未到期"),
    "6": ("1,000.06", "逾期未缴"),
}


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("viewer", f"/desk/institutions/{LUZHI}"),
        ("viewer", f"/desk/institutions/{LUZHI}/charges"),
        ("luzhi", "/own/"),
        ("luzhi", "/own/charges"),
    ],
)
@pytest.mark.usefixtures("charged")
def test_each_charge_stands_with_its_days_amount_and_state(as_user, name, address):
    text = as_user(name).get(address).text
    assert states(text) == SAID
    assert "HT3" in text
    assert "晚 31 天" in text
    # in sum: two paid, two overdue
    assert re.search(r"已缴</span> 2 笔 <span class=\"number\">2,000.03 元", text)
    assert re.search(r"逾期未缴</span> 2 笔 <span class=\"number\">2,000.09 元", text)


@pytest.mark.usefixtures("charged")
def test_charges_can_be_read_in_english_and_by_state(as_user):
    own = as_user("luzhi")
    assert states(own.get("/own/charges?state=due").text) == {"4": SAID["4"]}
    assert own.get("/own/charges?state=lost").status_code == 400
    own.get("/account/language/en")
    text = own.get("/own/charges").text
    for word in ("31 days late", "not yet due", "overdue", "due today"):
        assert word in text


def test_what_falls_due_after_a_contract_ended_is_not_asked_for(app, as_user):
    with app.database.transaction() as tx:
        ended = {"ended_on": day("2026-07-01"), "settlement": "refunded"}
        tx.execute(update(registers.contract).where(registers.contract.c.id == 3).values(ended))
    rows = [("1", "2026-06-30", None), ("2", "2026-07-01", None), ("3", "2026-07-20", None)]
    put(app, places.charge, [charge(3, *row, 100) for row in rows])
    said = states(as_user("luzhi").get("/own/charges").text)
    assert [said[number][1] for number in "123"] == ["逾期未缴", "合同已终止", "合同已终止"]


def test_a_long_plan_is_bounded_on_the_page_and_paged_on_its_own(app, as_user):
    rows = [charge(3, str(n), "2026-08-01", None, 100 + n) for n in range(1, 121)]
    put(app, places.charge, rows)
    own = as_user("luzhi")
    assert len(states(own.get("/own/").text)) == 10
    pages = [states(own.get(f"/own/charges?page={n}").text) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert "共 120 笔" in own.get("/own/").text


@pytest.mark.usefixtures("charged")
def test_who_looks_by_a_site_is_told_sums_alone(app, tmp_path, as_user):
    open_site(app, tmp_path)
    nanjing = as_user("nanjing")
    text = nanjing.get(f"/desk/institutions/{LUZHI}").text
    assert "逾期未缴</span> 2 笔" in text
    assert states(text) == {}
    assert "HT3" not in text
    assert nanjing.get(f"/desk/institutions/{LUZHI}/charges").status_code == 404


@pytest.mark.usefixtures("charged")
def test_charges_of_another_institution_are_not_shown(as_user):
    assert "分期收费" not in as_user("weicheng").get("/own/").text
    assert as_user("officer").get(f"/desk/institutions/{WEICHENG}/charges").status_code == 404


@pytest.mark.usefixtures("charged")
def test_who_took_the_contracts_over_shows_their_charges(app, as_user):
    since = day("2026-07-01")
    held = {"institution_id": 1, "holder_id": 1, "from_day": FIRST_DAY, "to_day": since - 1}
    put(app, places.holding, [held, held | {"holder_id": 2, "from_day": since, "to_day": LAST_DAY}])
    assert states(as_user("weicheng").get("/own/charges").text) == SAID
    assert states(as_user("luzhi").get("/own/charges").text) == {}
