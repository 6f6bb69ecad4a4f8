"""Names, phones and accounts planted everywhere stand in no log, record, metric or terminal."""

import io
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from feewatch.cli import main
from feewatch.config import Log
from feewatch.kernel.clock import now
from feewatch.logs import logging_to
from feewatch.services.jobs import run_due
from feewatch.store.tables.operations import audit, job_run
from feewatch.web.site import create_app
from tests.web.conftest import PASSWORD

NAME, PHONE, ACCOUNT, PERSON = (
    "欧阳测试人",
    "13912345678",
    "6217009988776655443",
    "11010519491231002X",
)
PLANTED = (NAME, PHONE, ACCOUNT, PERSON)
ALL = f"{NAME} {PHONE} {ACCOUNT} {PERSON}"
BANK_FILE = (
    f"账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
    f"26601891581262337,{NAME},{ALL},{ALL},{PHONE},{NAME},{ACCOUNT},{PERSON},{NAME},{ACCOUNT},{ALL},{PHONE}\n"
)
REGISTER = (
    "机构统一社会信用代码,合同编号,学员标识,课程编号,收费方式,课时数,收费金额,收费日期\n"
    + "".join(
        ",".join(ALL if at == place else cell for at, cell in enumerate(row)) + "\n"
        for row in [
            ("52370702651728628K", "HT9", "S1", "KC1", "按课时", "40", "4000", "2026-05-10")
        ]
        for place in range(8)
    )
)


def drive_site(site):
    """Everything a person can get wrong, with planted words in it."""

    @site.get("/desk/planted/<word>")
    def planted(word):
        raise ValueError(f"{word} {ALL}")

    planted.may_enter = frozenset({"anyone"})
    site.view_functions["planted"].may_enter = frozenset({"anyone"})

    @site.get("/desk/away/<word>")
    def away(word):
        raise OSError(28, f"{word} {ALL}", f"/srv/{ALL}")

    away.may_enter = frozenset({"anyone"})
    client = site.test_client()
    for word in PLANTED:
        client.get(f"/{word}")
        client.get(f"/desk/cases/{word}?q={word}")
        client.post("/account/login", data={"name": word, "password": word})
        assert client.get(f"/desk/planted/{word}").status_code == 500
        assert client.get(f"/desk/away/{word}").status_code in (500, 503)
        client.get("/api/v1/alerts", headers={"Authorization": f"Bearer {word}"})
    client.post("/account/login", data={"name": "officer", "password": PASSWORD})
    for word in PLANTED:
        for address in ("/desk/", "/desk/institutions", "/desk/statements", "/desk/alerts"):
            client.get(address, query_string={"text": word, "institution": word, word: word})
        for address in (f"/desk/cases/{word}", f"/desk/alerts/{word}", f"/api/v1/alerts/{word}"):
            client.get(address)
        client.post("/desk/unmasking/", data={"kind": "case", "ground": word, "reason": word})
        client.post("/desk/cases/", data={"step": word, "reason": word})
    for name, content in (("a.csv", BANK_FILE), (f"{NAME}{PHONE}.csv", BANK_FILE + ALL)):
        files = {"files": [(io.BytesIO(content.encode()), name)]}
        client.post("/desk/upload/", data=files, content_type="multipart/form-data")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_planted_everywhere_is_told_nowhere(app, tmp_path, capfd, monkeypatch):
    site = create_app(app)
    site.testing, site.config["WTF_CSRF_ENABLED"] = False, False
    with logging_to(app.config, "web"):
        drive_site(site)

        def broken(*_):
            raise ValueError(f"row '{ALL}' of {NAME}")

        run_due(app, "deadlines", now(), broken)
        metrics = site.test_client().get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    monkeypatch.chdir(app.config.folder)
    contracts = tmp_path / "contracts.csv"
    contracts.write_text(REGISTER, encoding="utf-8")
    bank = tmp_path / "bank.csv"
    bank.write_text(BANK_FILE, encoding="utf-8")
    told = [metrics.text]
    for command in (
        ["import", "contracts", str(contracts)],
        ["ingest", str(bank)],
        ["--as", NAME, "case", "list"],
        ["--as", "officer", "explain", PHONE],
        ["--as", "officer", "unmask", "ask", "case", ACCOUNT, "--field", "payers", "--reason", "x"],
    ):
        CliRunner().invoke(main, command)
    told += [path.read_text(encoding="utf-8") for path in (app.config.var / "log").rglob("*")
             if path.is_file()]  # fmt: skip
    told.append(capfd.readouterr().err)
    with app.database.reading() as tx:
        for table in (audit, job_run):
            told += [
                json.dumps(dict(row), ensure_ascii=False, default=str)
                for row in tx.execute(select(table)).mappings()
            ]
    assert len(told) > 20
    assert any("builtins.ValueError" in text for text in told)
    for word in PLANTED:
        lines = [line for text in told for line in text.splitlines()]
        assert [line for line in lines if word in line][:3] == []
    assert app.config.log == Log()
