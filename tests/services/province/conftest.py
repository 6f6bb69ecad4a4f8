"""Small offices of districts with editions of their own, real servers over them, and a province."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.bootstrap import open_app
from feewatch.config import load_config
from feewatch.credit.eligibility import Cover
from feewatch.kernel.clock import today
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import FIRST_DAY, LAST_DAY
from feewatch.publication.keylist import KEYS_FILE
from feewatch.services.lists.covers import CoverFinding
from feewatch.services.lists.keys import ensure_signing_key, get_signing_key
from feewatch.services.lists.publication import publish
from feewatch.store.lists import gathered as stored
from feewatch.store.people import users
from feewatch.store.tables import ledger, registers

PROVINCE = "370000"
#: Of twelve districts, as they lie in one province.
DISTRICTS = [f"3701{number:02d}" for number in range(1, 13)]


def uscc_of(district, number):
    first = f"52{district}{number:09d}"
    return first + check_character(first)


class SmallOffice:
    """The office of one place: its folder, its people, its white-listed institutions."""

    def __init__(self, folder: Path, district: str, more: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.district = folder, district
        self.file = folder / "feewatch.toml"
        self.file.write_text(
            f'{more}\n# below\n[office]\nname = "{district}教育局"\ndistrict = "{district}"\n'
            "[web]\nport = 0\nprocesses = 1\nthreads = 4\nsecure_cookies = false\n"
            '[[publication.list_basis]]\nlist = "black"\ndocument = "山东省条例"\n'
            'level = "local_regulation"\nclause = "第五条"\njurisdiction = "370000"\n',
            encoding="utf-8",
        )
        self.app = initialise(load_config(self.file))
        ensure_signing_key(self.app)
        self.outcomes = {}
        with self.app.database.transaction() as tx:
            for name, role in (("li", "officer"), ("zhao", "reviewer"), ("wang", "publisher")):
                users.add(tx, name, role, district, None, "x")

    def add(self, uscc: str, name: str) -> None:
        """An institution that has everything the white list asks for."""
        with self.app.database.transaction() as tx:
            key = tx.execute(insert(registers.institution).values(uscc=uscc)).inserted_primary_key[
                0
            ]
            tx.execute(
                insert(registers.institution_fact).values(
                    institution_id=key, valid_from=FIRST_DAY, valid_to=LAST_DAY, name=name,
                    district=self.district, subject="arts", nature="for_profit",
                    custody="bank_custody", licence_until=LAST_DAY, legal_representative="赵永胜",
                )
            )  # fmt: skip
            account = tx.execute(
                insert(registers.account).values(
                    account_no=f"6222{key:012d}", institution_id=key, bank="银行", kind="fee",
                    imported_on=today(),
                )
            ).inserted_primary_key[0]  # fmt: skip
            days = {"from_day": today() - 400, "to_day": today() + 400}
            tx.execute(
                insert(ledger.told_days).values(
                    account_id=account, institution_id=key, word="bank", **days
                )
            )
            for register in ("contracts", "lessons"):
                tx.execute(
                    insert(registers.coverage).values(
                        institution_id=key, register=register, declared=True, **days
                    )
                )
        self.outcomes[key] = "compliant"

    def publish(self, as_of: int) -> None:
        """Publish with a cut-off; the rules are said to have found every cover in order."""
        found = [CoverFinding(key, "BAL-COVER", Cover(said)) for key, said in self.outcomes.items()]
        publish(self.app, as_of, actor="wang", findings=lambda *_: found, rule_book=lambda _: "rb1")

    def reconfigure(self, old: str, new: str) -> None:
        """Change its configuration, and open it anew."""
        text = self.file.read_text("utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), "utf-8")
        self.app.database.dispose()
        self.app = open_app(load_config(self.file))

    @property
    def key_id(self) -> str:
        return get_signing_key(self.app).id

    def hand_key(self, to: Path) -> Path:
        """The list of its keys, handed over as a file."""
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.app.keys / KEYS_FILE, to)
        return to

    @contextlib.contextmanager
    def serving(self):
        """The address of a real server process over it."""
        command = [sys.executable, "-m", "feewatch", "--config", str(self.file), "serve"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            try:
                assert server.stderr is not None
                address = server.stderr.readline().strip()
                assert address.startswith("http://127.0.0.1:"), address + server.stderr.read()
                yield address.rstrip("/")
            finally:
                server.terminate()


def source_toml(office: SmallOffice, address: str, keys: Path, more: str = "") -> str:
    """A source of a province's configuration, whose key was handed over as a file."""
    file = office.hand_key(keys / f"{office.district}.json")
    return (
        f'[[gathering.sources]]\ndistrict = "{office.district}"\nurl = "{address}"\n'
        f'key_file = "{file}"\nkeys = ["{office.key_id}"]\n{more}'
    )


def superior_toml(office: SmallOffice, keys: Path) -> str:
    """An office above, as the configuration of a district names it."""
    file = office.hand_key(keys / f"above-{office.district}.json")
    return (
        f'[[gathering.superiors]]\ndistrict = "{office.district}"\nname = "省教育厅"\n'
        f'key_file = "{file}"\nkeys = ["{office.key_id}"]\n'
    )


def make_district(folder: Path, district: str) -> SmallOffice:
    """A district with two institutions and two editions."""
    office = SmallOffice(folder / district, district)
    office.add(uscc_of(district, 1), f"{district}甲培训学校")
    office.publish(today() - 2)
    office.add(uscc_of(district, 2), f"{district}乙培训学校")
    office.publish(today() - 1)
    return office


@pytest.fixture
def close_later():
    """Offices whose databases are given back at the end of a test."""
    offices = []
    yield offices
    for office in offices:
        office.app.database.dispose()


def entry(uscc: str, name: str, document: str = "") -> dict:
    """An entry of a white list, or of a black one by a decision."""
    bare = {"uscc": uscc, "name": name}
    if not document:
        return bare | {"subject": "arts"}
    return bare | {
        "document": document, "decided_on": "2026-06-01", "authority": "某局", "class": "general",
        "basis": {"document": "条例", "level": "local_regulation", "clause": "第五条"},
        "publish_from": "2026-06-08", "last_day": "2027-06-08", "earliest_repair": "2026-12-08",
        "reason": "挪用预收费",
    }  # fmt: skip


def feed(app, district: str, number: int = 1, *, white=(), black=(), unrated=()) -> None:
    """Let an edition stand as gathered and valid, without a site to gather it from."""
    lists = {"white": [*white], "black": [*black], "notice": []}
    document = {
        "district": district, "number": number, "kind": "regular", "office": f"{district}教育局",
        "previous_sha256": None, "rule_book": "rb1", "lists": lists, "unrated": [*unrated],
        "counts": {name: len(entries) for name, entries in lists.items()},
    }  # fmt: skip
    with app.database.transaction() as tx:
        assert stored.add_edition(
            tx, document, cut_off=today() - 3, hashed=f"{number:064d}", key_ids=["0" * 16]
        )
        stored.note_valid(tx, district, today() + 4)


def named_sources(districts) -> str:
    """Sources of a configuration that nobody asks anything."""
    return "".join(
        f'[[gathering.sources]]\ndistrict = "{district}"\nurl = "https://{district}.example.cn"\n'
        f'key_file = "k"\nkeys = ["{"0" * 16}"]\n'
        for district in districts
    )
