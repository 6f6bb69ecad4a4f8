"""Fifty at once with the same bytes: one statement, forty-nine duplicates, no error."""

import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, insert, select

from feewatch.services.intake import recording
from feewatch.services.people import api_tokens, users
from feewatch.services.ways_in import submissions
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, institution, institution_fact

ACCOUNT = "91673975968758554"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
ROW = f"{ACCOUNT},甲,CNY,2026-01-05,09:00:00,,100.00,100.00,张伟,,学费,R1"
FILE = "\n".join(["期初余额,0.00", HEAD, ROW, "期末余额,100.00", ""]).encode()
MANY = 50


def register(app):
    facts = {"name": "甲", "subject": "arts", "district": "370702", "nature": "non_profit"}
    with app.database.transaction() as tx:
        tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
        tx.execute(
            insert(institution_fact).values(
                institution_id=1, valid_from=0, valid_to=99_999, custody="bank_custody", **facts
            )
        )
        tx.execute(
            insert(account).values(
                account_no=ACCOUNT, institution_id=1, bank="农商行", kind="fee", imported_on=20_000
            )
        )


def all_at_once(work):
    ready = threading.Barrier(MANY)

    def run(n):
        ready.wait()
        return work(n)

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(run, range(MANY)))


def count(app, table):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table))


def test_at_the_service_one_is_accepted_and_the_others_are_duplicates(any_app):
    register(any_app)

    def take(n):
        return recording.ingest_content(any_app, FILE, f"{n}.csv", actor="x", channel="api").status

    assert all_at_once(take) == {"accepted": 1, "duplicate": MANY - 1}
    assert [count(any_app, each) for each in (source_file, statement, entry)] == [1, 1, 1]


def test_under_one_key_all_fifty_are_answered_the_same(any_app):
    register(any_app)
    users.add_user(any_app, "erp", "api", password="correct horse", actor="cli")
    program = users.get_user(any_app, "erp")

    def submit(_):
        return json.dumps(submissions.submit(any_app, program, "a.csv", FILE, "k-1"))

    assert list(all_at_once(submit).values()) == [MANY]
    assert count(any_app, statement) == 1


def test_over_http_one_is_accepted_and_the_others_are_duplicates(any_app):
    register(any_app)
    users.add_user(any_app, "erp", "api", password="correct horse", actor="cli")
    token = api_tokens.issue_token(any_app, "erp", actor="cli")
    config = any_app.config.folder / "feewatch.toml"
    config.write_text(f'[database]\nurl = "{any_app.config.database.url}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "feewatch", "--config", str(config), "serve", "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        address = server.stderr.readline().strip()

        def send(_):
            headers = {"Authorization": f"Bearer {token}"}
            asked = urllib.request.Request(address + "api/v1/statements", FILE, headers)
            while True:
                try:
                    with urllib.request.urlopen(asked, timeout=60) as answer:
                        return answer.status, json.load(answer)["status"]
                except urllib.error.HTTPError as refused:  # too many wait: try again, as it says
                    if refused.code != 503:
                        raise
                    time.sleep(float(refused.headers["Retry-After"]) * random.random())

        assert all_at_once(send) == {(201, "accepted"): 1, (200, "duplicate"): MANY - 1}
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()
    assert [count(any_app, each) for each in (source_file, statement, entry)] == [1, 1, 1]
