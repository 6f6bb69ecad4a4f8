"""A province that signs packs and a county that installs them."""

import pytest
from offices import initialise

from feewatch.config import Config, Office
from feewatch.publication.rule_pack import PackHead, build_pack
from feewatch.publication.signing import SigningKey, new_private_pem
from feewatch.services.check.rulebook import shipped_book
from feewatch.services.packs.trust import GivenKeys
from feewatch.services.people import users

EARLY = """
[early_months_max]
title = {{ zh = "新课开始前可收费的月数", en = "Months before the first lesson" }}
unit = "months"
[[early_months_max.values]]
jurisdiction = "000000"
from = 2021-10-29
value = 1
preset = true
checked = 2026-11-23
[[early_months_max.values]]
jurisdiction = "370000"
from = 2026-01-01
value = {months}
preset = true
checked = 2026-11-23
"""


class Province:
    """An office that signs packs of one figure: months before a course in which fees are taken."""

    def __init__(self):
        self.key = SigningKey(new_private_pem())
        self.given = GivenKeys(self.key.public_pem)
        self.book = shipped_book().version

    def pack(self, version, months=2, *, name="shandong", district="370000", files=None, **rest):
        head = PackHead(name, version, "省教育厅", district, "2026-11-01", self.book)
        files = files or {"parameters/early.toml": EARLY.format(months=months).encode()}
        return build_pack(head, files, rest.pop("key", self.key), **rest)


@pytest.fixture(scope="session")
def province():
    return Province()


def staff(app):
    for name, role in (
        ("gu", "administrator"),
        ("fa", "rule_editor"),
        ("gui", "rule_editor"),
        ("li", "officer"),
    ):
        users.add_user(app, name, role, password="a long and unusual word 77", actor="cli")


@pytest.fixture
def county(tmp_path):
    """An office in Weifang whose rules ``fa`` and ``gui`` keep."""
    app = initialise(Config(tmp_path / "county", Office(district="370702")))
    staff(app)
    yield app
    app.database.dispose()
