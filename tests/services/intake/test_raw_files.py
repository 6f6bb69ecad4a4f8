"""A raw file that is no longer what was received is refused each time it would be read."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import bankfiles
import pytest
from services.ledgers import office
from sqlalchemy import delete, func, select

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.people import Scope
from feewatch.sealing.container import SealedFile, seal
from feewatch.services.intake import quarantine, rawfiles, recording, reexamination
from feewatch.services.intake.file_keys import get_ring
from feewatch.store.people import users
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.operations import audit
from feewatch.store.tables.registers import account

BROKEN = """期初余额,0.00
账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号
6222000011112222,甲,CNY,2026-01-05,,,500.00,,张伟,,学费,R1
期末余额,700.00
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = office(tmp_path / "home")
    with app.database.transaction() as tx:
        for name in ("lin", "gao"):
            users.add(tx, name, "officer", "370702", None, "-")
    yield app
    app.database.dispose()


def take(app: App) -> str:
    content = BROKEN.encode()
    outcome = recording.ingest_content(app, content, "a.csv", actor="cli", channel="cli")
    assert outcome.status == "quarantined"
    assert outcome.sha256
    return outcome.sha256


def tamper(app: App, sha256: str) -> None:
    """Put other bytes in its place, as one could who has the key of files, too."""
    forged = rawfiles.load_bytes(app, sha256).replace(b"500.00", b"90500.00")
    with rawfiles.path_of(app, sha256).open("wb") as file:
        seal(io.BytesIO(forged), file, get_ring(app).current, sha256)


def release(app: App, sha256: str) -> None:
    quarantine.release(app, sha256, 1, actor="gao", reason="already proposed by lin")


WAYS: list[Callable[[App, str], object]] = [
    release,
    lambda app, sha256: quarantine.show(app, sha256, 1),
    lambda app, sha256: quarantine.examine(app, Scope(), sha256, 1, None),
    lambda app, sha256: reexamination.read_again(app, sha256),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_raw_file_is_refused_whoever_would_read_it(
    app: App, way: Callable[[App, str], object]
) -> None:
    sha256 = take(app)
    quarantine.release(app, sha256, 1, actor="lin", reason="the bank explained it")
    tamper(app, sha256)
    for _ in range(2):
        with pytest.raises(UnavailableError) as refusal:
            way(app, sha256)
        assert refusal.value.code == "RAW-FILE-CHANGED"
    with app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(entry)) == 0
        assert tx.scalar(select(statement.c.status)) == "quarantined"
        problems = tx.scalar(select(source_file.c.problems))
        acts = tx.execute(select(audit).where(audit.c.action == "rawfile.refused")).all()
    assert [each["code"] for each in problems] == ["RAW-FILE-CHANGED"]
    assert [each.object for each in acts] == [sha256]


def test_a_long_raw_file_is_hashed_too(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = take(app)
    monkeypatch.setattr(rawfiles, "SHORT_BYTES", 10)
    kept = rawfiles.load(app, sha256)
    assert isinstance(kept, SealedFile)
    assert kept.read_bytes() == BROKEN.encode()
    tamper(app, sha256)
    with pytest.raises(UnavailableError, match="no longer what was received"):
        rawfiles.load(app, sha256)


@pytest.mark.parametrize("spoil", [tamper, lambda app, key: rawfiles.path_of(app, key).unlink()])
def test_one_such_file_does_not_keep_the_others_from_being_examined(
    app: App, spoil: Callable[[App, str], object]
) -> None:
    with app.database.transaction() as tx:
        known = tx.execute(select(account)).one()
        tx.execute(delete(account))
    whole = BROKEN.replace("700.00", "500.00")
    contents = [whole.replace("R1", f"R{n}").encode() for n in (1, 2)]
    outcomes = [
        recording.ingest_content(app, each, "a.csv", actor="cli", channel="cli")
        for each in contents
    ]
    assert {each.statements[0].reason for each in outcomes} == {"unregistered"}
    assert outcomes[0].sha256
    spoil(app, outcomes[0].sha256)
    with app.database.transaction() as tx:
        tx.execute(account.insert().values(known._mapping))
    assert reexamination.re_examine(app, [bankfiles.ACCOUNT], "cli") == 1


def test_a_name_that_deceives_is_kept_without_what_turns_or_hides_its_letters(app: App) -> None:
    name = "对账单\u202efdp\u200b.csv"
    recording.ingest_content(app, BROKEN.encode(), name, actor="cli", channel="cli")
    with app.database.reading() as tx:
        assert tx.scalar(select(source_file.c.name)) == "对账单fdp.csv"
