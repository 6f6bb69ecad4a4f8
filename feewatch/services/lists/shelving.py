"""Editions on record laid on disk: whole or not at all, the last of them vouched for."""

from collections.abc import Iterable, Iterator, Sequence

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError
from feewatch.publication import folder
from feewatch.publication.chain import CHAIN_FILE, ChainEntry, extend_chain
from feewatch.publication.signing import SigningKey
from feewatch.services.lists.keys import get_signing_key
from feewatch.store.database import Transaction
from feewatch.store.lists import editions

#: So many editions of a district are held against their files before another one is made.
LOOKED_BACK = 5


def put_on_disk(app: App, district: str, day: Day, key: SigningKey) -> None:
    """Let every edition of the district lie on disk, switch to the last and vouch for it.

    ``latest`` names a whole edition before its timestamp does: a reader between the two sees an
    edition newer than the one vouched for, never an older one.
    """
    root = app.editions
    with folder.alone(root, district):
        app.database.look_anew()
        with app.database.reading() as tx:
            heads = editions.list_heads(tx, district)
            missing = [
                editions.get_edition(tx, district, head.number)
                for head in heads
                if not (root / district / str(head.number)).exists()
            ]
        for edition in missing:
            folder.write_edition(root, edition.read(), edition.document.encode(), key)
        extend_chain(root / district / CHAIN_FILE, app.config.office.name, heads, key)
        _show(app, heads, max(day, heads[-1].cut_off, today()), key)


def _show(app: App, heads: Sequence[ChainEntry], issued_on: Day, key: SigningKey) -> None:
    """Let ``latest`` go to the last edition, by as many steps as runs before were killed at.

    A step is one edition: who reads between it and its timestamp sees the one after the edition
    vouched for, never one further off.
    """
    root, district = app.editions, heads[-1].district

    def vouch(head: ChainEntry) -> None:
        folder.write_timestamp(root, district, head.number, head.sha256, issued_on, key)

    shown, vouched = folder.find_latest(root, district), folder.find_vouched(root, district, key)
    if not shown:  # nobody reads it yet
        vouch(heads[-1])
        shown = heads[-1].number - 1
    for head in heads[shown - (vouched < shown) :]:
        folder.switch_latest(root, district, head.number)
        vouch(head)
    vouch(heads[-1])


def finish_publication(app: App) -> None:
    """Let the office's transparency file name all editions, beside the page that verifies."""
    key = get_signing_key(app)
    with folder.alone(app.editions, "."):
        app.database.look_anew()
        with app.database.reading() as tx:
            heads = editions.list_heads(tx)
        extend_chain(app.editions / CHAIN_FILE, app.config.office.name, heads, key)
        folder.write_verify_page(app.editions)


def list_other_on_disk(app: App, heads: Iterable[ChainEntry]) -> Iterator[ChainEntry]:
    """The editions on record of which another one lies on disk; one that is not there is none."""
    for head in heads:
        if folder.hash_on_disk(app.editions, head.district, head.number) not in (None, head.sha256):
            yield head


def refuse_other_record(app: App, tx: Transaction, district: str) -> None:
    """Refuse to go on from a record that is not the one of which the editions on disk are.

    The latest few are held against their files; all of them against the transparency file, where
    the edition is laid on disk, and by the doctor.

    Raises: ConflictError.
    """
    heads = editions.list_heads(tx, district)
    number = heads[-1].number if heads else 0
    on_disk = folder.last_on_disk(app.editions, district)
    other = next(list_other_on_disk(app, heads[-LOOKED_BACK:]), None)
    if on_disk > number or other is not None:
        raise ConflictError(
            "EDITION-RECORD",
            f"{district} 磁盘上的版次（至第 {on_disk} 期）与数据库记录（至第 {number} 期）不符："
            "请先恢复数据库，不能另起一套版次",
            f"{district}: the editions on disk (up to {on_disk}) are not those on record "
            f"(up to {number}): restore the database first, no other series is begun",
        )
