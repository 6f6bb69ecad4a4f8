"""A campus is a site: its district's officers look, and do not decide; a move has a day."""

import pytest

from feewatch.services.registers.importing import import_registers
from tests.web.conftest import LUZHI, WEICHENG

HEAD = "uscc,site_no,district,name,address,opened_on,closed_on\n"


def take(app, folder, kind, text):
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    report = import_registers(app, kind, path, actor="officer").as_json()
    assert report["bad"] == 0, report["problems"]
    return report


def open_site(app, folder, opened="2026-01-01", closed=""):
    """A site of an institution of 370702 in a district of Nanjing, and one in its own."""
    rows = f"{LUZHI},JXD01,320104,秦淮教学点,秦淮路1号,{opened},{closed}\n"
    take(app, folder, "sites", HEAD + rows + f"{LUZHI},JXD02,370702,东校区,东风街2号,,\n")


def test_an_officer_of_the_site_s_district_sees_institution_alerts_and_site(app, tmp_path, as_user):
    nanjing = as_user("nanjing")
    assert LUZHI not in nanjing.get("/desk/institutions").text
    assert nanjing.get(f"/desk/institutions/{LUZHI}").status_code == 404
    open_site(app, tmp_path)
    assert LUZHI in nanjing.get("/desk/institutions").text
    text = nanjing.get(f"/desk/institutions/{LUZHI}").text
    assert "秦淮教学点" in text
    assert "东校区" not in text  # a site of another district
    assert "因在您的辖区设有教学点而列出" in text
    assert nanjing.get("/desk/matters/1").status_code == 200
    assert nanjing.get("/desk/alerts/A0red").status_code == 200
    assert WEICHENG not in nanjing.get("/desk/institutions").text
    assert nanjing.get("/desk/matters/3").status_code == 404
    home = as_user("officer").get(f"/desk/institutions/{LUZHI}").text
    assert "秦淮教学点" in home
    assert "东校区" in home


def test_who_looks_by_a_site_decides_nothing(app, tmp_path, as_user):
    open_site(app, tmp_path)
    nanjing = as_user("nanjing")
    form = {"step": "triage", "reason": "x"}
    assert "/desk/matters/1/case" not in nanjing.get("/desk/matters/1").text
    assert nanjing.post("/desk/matters/1/case", data=form).status_code == 404
    assert nanjing.get(f"/desk/institutions/{LUZHI}/ledger").status_code == 404
    assert f"{LUZHI}/ledger" not in nanjing.get(f"/desk/institutions/{LUZHI}").text
    assert as_user("officer").post("/desk/matters/1/case", data=form).status_code == 302


@pytest.mark.parametrize(
    ("opened", "closed", "status"),
    [
        ("2026-07-15", "", 200),  # the day of the test
        ("2026-07-16", "", 404),
        ("2026-01-01", "2026-07-16", 200),
        ("2026-01-01", "2026-07-15", 404),
    ],
)
def test_a_site_counts_while_it_is_open(app, tmp_path, as_user, opened, closed, status):
    open_site(app, tmp_path, opened, closed)
    assert as_user("nanjing").get(f"/desk/institutions/{LUZHI}").status_code == status


def test_a_move_has_a_day_and_every_change_is_told(app, tmp_path, as_user):
    head = "uscc,name,district,subject,nature,custody,legal_representative,valid_from\n"
    row = f"{LUZHI},鲁智01号培训中心,370702,academic,non_profit,bank_custody,"
    take(app, tmp_path, "institutions", f"{head}{row}赵校长,\n")
    moved = row.replace(",370702,", ",370703,")
    told = take(app, tmp_path, "institutions", f"{head}{moved}钱校长,2026-07-01\n")
    assert "370702 → 370703" in str(told["problems"])
    text = as_user("viewer").get(f"/desk/institutions/{LUZHI}").text
    assert "自 2026-07-01 起" in text
    assert "370702 → 370703" in text
    assert "赵校长 → 钱校长" in text
    assert "（空） → 赵校长" in text  # the row of the beginning was overwritten
