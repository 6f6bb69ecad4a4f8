"""An office in full work, made for killing: a few schools with breaches, people, files to come."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from worlds.builder import AS_OF, School, build

from feewatch.bootstrap import App
from feewatch.config import load_config
from feewatch.founding import initialise
from feewatch.kernel.days import format_day, parse_day
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.people import users

DISTRICTS = ("370702", "370703", "370704")
SCHOOLS = 9
PEOPLE = {
    "gu": "administrator", "officer": "officer", "second": "officer", "reviewer": "reviewer",
    "publisher": "publisher",
}  # fmt: skip
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
#: A scheduler whose jobs come every few seconds, and a subscriber that nobody is at home at.
CONFIG = """
[office]
district = "370700"
[database]
url = "{url}"
[web]
port = 0
processes = 1
secure_cookies = false
[inbox]
folder = "inbox"
settle_seconds = 0.05
[scheduler]
check = "*/9 * * * * *"
deadlines = "*/4 * * * * *"
outbox = "*/3 * * * * *"
corrections = "*/5 * * * * *"
inbox = "*/2 * * * * *"
serving = "*/3 * * * * *"
publication = "0 0 1 1 *"
lease_seconds = 2
[[publication.list_basis]]
list = "black"
document = "山东省校外培训机构合规经营指引"
level = "normative"
clause = "黑白名单"
jurisdiction = "370000"
[[publication.authorities]]
name = "示例市教育局"
[[publication.subscribers]]
name = "portal"
url = "http://127.0.0.1:9/feewatch"
secret_file = "portal.secret"
timeout_seconds = 1
"""


def schools() -> list[School]:
    """Schools of three districts, each with contracts that break rules and some that do not."""
    made = []
    for number in range(1, SCHOOLS + 1):
        school = School(number, facts={"district": DISTRICTS[number % len(DISTRICTS)]})
        for n in range(4):
            school.contract(lessons="61" if n % 2 else "40", fee=f"{1000 + 100 * n}.00")
        made.append(school)
    return made


def set_up(folder: Path, url: str) -> tuple[App, str]:
    """The office at work for a month, and the token by which a bank's program hands in."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inbox").mkdir()
    (folder / "portal.secret").write_text("whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0")
    (folder / "feewatch.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    app = initialise(load_config(folder / "feewatch.toml"))
    ensure_signing_key(app)
    made = schools()
    build(app, made, folder / "world")
    with app.database.transaction() as tx:
        for name, role in PEOPLE.items():
            users.add(tx, name, role, "370700", None, "x")
        for school in made:
            key = users.find_institution_id(tx, school.uscc)
            users.add(tx, f"school{school.number}", "institution", None, key, "x")
        users.add(tx, "bank", "api", "370700", None, "x")
    word = issue_token(app, "bank", actor="gu", scopes=["hand-in"])
    rule_book(app)  # known to every child: kills shall fall into work
    check_and_keep(app, parse_day(AS_OF), full=True)
    return app, word


def files_to_come() -> Iterator[tuple[str, bytes]]:
    """Bank files of one account and day each, in the order in which banks send them, for years."""
    balances = {
        school.number: Decimal(school.opening) + sum(Decimal(each[1]) for each in school.entries)
        for school in schools()
    }
    accounts = {school.number: school.account_no for school in schools()}
    for after in itertools.count(1):
        day = format_day(parse_day(AS_OF) + after)
        for number, account in accounts.items():
            lines, opening = [], balances[number]
            for n in range(3):
                amount = Decimal(100 + 10 * n + after % 7)
                balances[number] += amount
                lines.append(
                    f"{account},,CNY,{day},0{n + 8}:00:00,,{amount:.2f},{balances[number]:.2f},"
                    f"王女士,,学费,K{number}d{after}n{n}"
                )
            head = [f"起止日期,{day},{day}", f"期初余额,{opening:.2f}", HEAD]
            yield f"{number}-{day}.csv", "\n".join([*head, *lines, ""]).encode()
