"""Whoever can write the database or the folder rewrites the past: each way is found, and named."""

import pytest
from sqlalchemy import func, insert, select, text, update

from feewatch.services.audit.verifying import verify
from feewatch.services.intake import rawfiles
from feewatch.services.lists.anchors import anchor, anchor_path
from feewatch.store import audit as trail
from feewatch.store import chain, guards
from feewatch.store.tables.operations import audit, audit_head


def sql(command):
    """An attack in the database by somebody who took the triggers off."""

    def attack(app):
        with app.database.engine.begin() as tx:
            guards.remove(tx)
            for part in command.split(";"):
                tx.execute(text(part))
            guards.install(tx)

    return attack


def rewrite_all(app):
    """A row is changed and every hash after it made to fit, the head included."""
    with app.database.engine.begin() as tx:
        guards.remove(tx)
        tx.execute(text("UPDATE audit SET actor = 'wang' WHERE number = 2"))
        previous = chain.GENESIS
        for row in tx.execute(select(audit).order_by(audit.c.number)).mappings().all():
            link = {"previous": previous}
            previous = chain.link_hash({**row, **link})
            values = link | {"hash": previous}
            tx.execute(update(audit).where(audit.c.id == row["id"]).values(values))
        tx.execute(update(audit_head).values(hash=previous))
        guards.install(tx)


def add_behind_the_head(app):
    with app.database.engine.begin() as tx:
        last = tx.execute(select(audit).order_by(audit.c.number.desc()).limit(1)).mappings().one()
        row = {**last, "number": last["number"] + 1, "previous": last["hash"], "actor": "wang"}
        del row["id"]
        tx.execute(insert(audit).values(row | {"hash": chain.link_hash(row)}))


def add_a_case_event(app):
    with app.database.engine.begin() as tx:
        columns = "case_file_id, at, actor, step, from_state, to_state, reason"
        tx.execute(
            text(
                f"INSERT INTO case_event ({columns}) SELECT case_file_id, at, 'wang', 'dismiss', "
                "from_state, to_state, reason FROM case_event WHERE id = 1"
            )
        )


def of_file(table):
    def attack(app):
        with app.database.reading() as tx:
            hashed = tx.execute(text(f"SELECT sha256 FROM {table}")).scalar_one()
        path = rawfiles.path_of(app, hashed)
        path.write_bytes(path.read_bytes() + b" ")

    return attack


def edition_file(app):
    path = app.editions / "370702" / "1" / "白名单.csv"
    path.write_bytes(path.read_bytes() + "甲,\n".encode())


CUT = "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)"
#: Swaps two rows through a number that nobody has.
SWAP = (
    "UPDATE audit SET number = 9999 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3;"
    "UPDATE audit SET number = 3 WHERE number = 9999"
)
HEAD = (
    "UPDATE audit_head SET number = (SELECT max(number) FROM audit), "
    "hash = (SELECT hash FROM audit ORDER BY number DESC LIMIT 1)"
)
INSERTED = (
    "INSERT INTO audit (at, actor, action, object, detail) VALUES "
    "('2026-07-31T09:00:00+08:00', 'wang', 'case.dismiss', 'x', '{}')"
)
ATTACKS = {
    "an actor changed": (
        sql("UPDATE audit SET actor = 'wang' WHERE number = 2"), "altered", "audit 2",
    ),
    "a row deleted in the middle": (
        sql("DELETE FROM audit WHERE number = 2"), "removed", "audit 2",
    ),
    "the tail deleted": (sql(CUT), "cut_off", "audit {last}"),
    "the tail deleted, the head made to fit": (sql(f"{CUT};{HEAD}"), "cut_off", "audit {last}"),
    "a row put in": (sql(INSERTED), "inserted", "audit id"),
    "a row put behind the head": (add_behind_the_head, "inserted", "audit {next}"),
    "two rows exchanged": (sql(SWAP), "moved", "audit 2"),
    "all rewritten with hashes that fit": (rewrite_all, "altered", "audit {last}"),
    "a case event changed": (
        sql("UPDATE case_event SET actor = 'wang' WHERE id = 1"), "altered", "case_event 1",
    ),
    "a case event deleted": (
        sql("DELETE FROM attachment; DELETE FROM case_event WHERE id = 2"),
        "removed", "case_event 2",
    ),
    "a case event put in": (add_a_case_event, "inserted", "case_event"),
    "an alert's figure": (sql("UPDATE alert SET measured = '100'"), "altered", "alert "),
    "an alert's law": (sql("UPDATE alert SET frozen = '{}'"), "altered", "alert "),
    "an entry's amount": (
        sql("UPDATE entry SET amount_fen = 9050000 WHERE amount_fen = 50000"),
        "altered", "statement 1",
    ),
    "an entry taken away": (
        sql("DELETE FROM match; DELETE FROM entry WHERE seq = 1"), "altered", "statement 1",
    ),
    "a bank file": (of_file("source_file"), "altered", "file "),
    "a voucher": (of_file("attachment"), "altered", "file "),
    "an edition's row": (
        sql("UPDATE edition SET document = replace(document, '370702', '370703')"),
        "altered", "edition 370702/1",
    ),
    "an edition's file": (edition_file, "altered", "edition 370702/1"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_each_way_to_rewrite_the_past_is_found(lived, name):
    attack, kind, place = ATTACKS[name]
    anchor(lived)
    with lived.database.reading() as tx:
        last = tx.scalar(select(func.max(audit.c.number)))
    attack(lived)
    proof = verify(lived)
    place = place.format(last=last, next=last + 1)
    assert [each for each in proof.faults if each.kind == kind and each.place.startswith(place)]
    assert all(each.text.zh and each.text.en for each in proof.faults)


def test_what_nobody_touched_is_proven(lived):
    proof = verify(lived)
    assert proof.faults == []
    assert (proof.editions, proof.files, proof.anchors) == (1, 2, 2)
    assert proof.rows == proof.head > 5
    assert proof.covered > 8


def test_rows_of_after_an_anchor_rest_on_the_next_one(lived):
    """What the docs say of the limits: who can write all may rewrite what no anchor holds yet."""
    with lived.database.transaction() as tx:
        trail.record(tx, "li", "test", "of after the last anchor")
    with lived.database.engine.begin() as tx:
        guards.remove(tx)
        for command in (CUT, HEAD):
            tx.execute(text(command))
        guards.install(tx)
    assert verify(lived).faults == []


def test_a_copy_of_the_anchors_taken_elsewhere_is_held_against_the_chain(lived, tmp_path):
    copy = tmp_path / "anchors.jsonl"
    anchor(lived)
    copy.write_bytes(anchor_path(lived.config).read_bytes())
    rewrite_all(lived)
    for path in (anchor_path(lived.config), lived.editions / "370702" / "record.jsonl"):
        path.unlink()
    assert verify(lived).faults == []
    assert {each.kind for each in verify(lived, anchors=copy).faults} == {"altered"}


def test_an_anchor_that_the_office_did_not_sign_is_told(lived):
    path = anchor_path(lived.config)
    path.write_bytes(path.read_bytes().replace(b'"number":', b'"number":1'))
    (fault, *_) = verify(lived).faults
    assert (fault.kind, fault.place) == ("altered", f"{path} 1")
