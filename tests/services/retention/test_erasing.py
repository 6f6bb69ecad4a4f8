"""What is past its term goes by two people, what is bound stays, and all that is kept holds."""

import dataclasses
import hashlib
from contextlib import contextmanager

import pytest
from sqlalchemy import insert, select, text, update

from feewatch.config import Config, Retention
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ForbiddenError, InvalidInputError, NotFoundError, Refusal
from feewatch.services.audit.verifying import verify
from feewatch.services.backup.restoring import restore
from feewatch.services.backup.taking import back_up
from feewatch.services.intake import rawfiles, recording
from feewatch.services.intake.matching import match_changed
from feewatch.services.retention import erasing, outside
from feewatch.services.retention.planning import plan
from feewatch.store import covering
from feewatch.store.check.checks import list_institutions
from feewatch.store.database import Database
from feewatch.store.retention import TEXTS
from feewatch.store.tables import metadata
from feewatch.store.tables.casework import case_file
from feewatch.store.tables.ledger import entry, match
from feewatch.store.tables.registers import contract, register_change
from tests.services.retention.conftest import NUMBER, OTHER, PAYER, STATEMENT

SHA = hashlib.sha256(STATEMENT.encode()).hexdigest()
WHY = "期限已满"


@contextmanager
def refused(code):
    with pytest.raises(Refusal) as told:
        yield
    assert told.value.code == code


def rows(app):
    with app.database.reading() as tx:
        query = select(entry).order_by(entry.c.seq)
        return [dict(row) for row in tx.execute(query).mappings()]


def matches(app):
    with app.database.reading() as tx:
        return tx.execute(select(match.c.entry_id, match.c.contract_id, match.c.amount_fen)).all()


def tell_of(app, word):
    """Tables in which a word stands, and files of the installation that hold it."""
    with app.database.reading() as tx:
        found = [
            table.name
            for table in metadata.sorted_tables
            if any(word in str(tuple(row)) for row in tx.execute(select(table)))
        ]
    folder = app.config.var
    files = [path.name for path in folder.rglob("*") if path.is_file()
             and word.encode() in path.read_bytes()]  # fmt: skip
    return found, files


def erase(app, word=PAYER, what="payer"):
    told = erasing.propose_person(app, word, what, actor="gu", reason="本人申请")
    return erasing.run(app, told["mark"], actor="he", reason="核对无误", word=word)


def open_case(app):
    with app.database.transaction() as tx:
        tx.execute(
            insert(case_file).values(
                number="370702-2037-0001", institution_id=1, uscc="52370702651728628K",
                district="370702", state="triaged", severity="red", escalated=False,
                deadline_provisional=False, opened_at="2037-01-01T00:00:00+08:00",
            )
        )  # fmt: skip


def test_a_plan_tells_what_is_past_its_term_and_writes_nothing(office):
    before = rows(office)
    told = plan(office, today())
    assert told.counts["payers"] == 2
    assert told.counts["bank_files"] == 1
    assert told.terms.payers == "2027-07-31"
    assert rows(office) == before
    assert rawfiles.paths_of(office, SHA)
    young = dataclasses.replace(office.config, retention=Retention(payers_years=12))
    assert plan(dataclasses.replace(office, config=young), today()).counts["payers"] == 0
    kept = dataclasses.replace(office.config, retention=Retention(payers_years=0))
    assert "payers" not in plan(dataclasses.replace(office, config=kept), today()).counts


def test_two_people_let_go_what_is_past_its_term_and_sums_matches_and_chain_hold(office):
    sums = [(row["booked_on"], row["amount_fen"], row["balance_fen"]) for row in rows(office)]
    matched = matches(office)
    assert matched
    told = erasing.propose_terms(office, today(), actor="gu", reason=WHY)
    with refused("FOUR-EYES"):
        erasing.run(office, told["mark"], actor="gu", reason=WHY)
    with pytest.raises(ForbiddenError):
        erasing.run(office, told["mark"], actor="li", reason=WHY)
    done = erasing.run(office, told["mark"], actor="he", reason=WHY)
    assert (done.counts["entries"], done.counts["files"]) == (2, 1)
    assert [row["counterparty"] for row in rows(office)] == ["***", "***"]
    assert [(r["booked_on"], r["amount_fen"], r["balance_fen"]) for r in rows(office)] == sums
    kinds = [row["kind"] for row in rows(office)]
    with office.database.reading() as tx:
        everybody = list_institutions(tx)
    assert match_changed(office, again=everybody) == len(everybody) > 0
    assert matches(office) == matched
    assert [row["kind"] for row in rows(office)] == kinds
    proof = verify(office)
    assert proof.faults == []
    assert "1 个文件已依规清除" in proof.notes[-1].zh
    assert not rawfiles.paths_of(office, SHA)
    with refused("RAW-FILE-ERASED"):
        rawfiles.load(office, SHA)
    again = recording.ingest_content(
        office, STATEMENT.encode(), "a.csv", actor="cli", channel="cli"
    )
    assert again.status == "duplicate"
    assert not rawfiles.paths_of(office, SHA)
    with refused("ERASURE-OVER"):
        erasing.run(office, told["mark"], actor="he", reason=WHY)
    steps = [(each["step"], each["actor"]) for each in erasing.list_steps(office, "gu")]
    assert steps == [("proposed", "gu"), ("done", "he")]


def test_of_who_has_an_open_case_nothing_goes(office):
    open_case(office)
    told = plan(office, today())
    assert (told.counts["payers"], told.counts["bank_files"]) == (0, 0)
    assert told.stays["payers"] == 2
    assert told.bound == {"case": 1}
    proposed = erasing.propose_terms(office, today(), actor="gu", reason=WHY)
    assert erasing.run(office, proposed["mark"], actor="he", reason=WHY).counts["entries"] == 0
    assert PAYER in str(rows(office))
    with refused("ERASE-BOUND"):
        erase(office)


def test_a_case_that_was_opened_after_the_proposal_binds_it_too(office):
    told = erasing.propose_terms(office, today(), actor="gu", reason=WHY)
    open_case(office)
    assert erasing.run(office, told["mark"], actor="he", reason=WHY).counts["entries"] == 0


def test_of_a_person_who_asks_nothing_is_left_and_of_others_everything(office):
    assert "entry" in tell_of(office, PAYER)[0]
    done = erase(office)
    assert done.left == {}
    assert tell_of(office, PAYER) == ([], [])
    assert done.counts["entries"] == 2  # the second row names the person in its memo
    assert done.counts["files"] == 1  # its term is over, though it told of others too
    own, others = rows(office)
    assert {own[name] for name in TEXTS} == {"***"}
    assert (others["counterparty"], others["memo"]) == (OTHER, "***")
    assert verify(office).faults == []
    with pytest.raises(NotFoundError):
        erase(office)
    assert erase(office, OTHER).counts["entries"] == 1
    assert tell_of(office, OTHER) == ([], [])


def test_a_file_that_tells_of_others_too_stays_until_its_term_is_over_and_that_is_on_record(office):
    young = dataclasses.replace(office.config, retention=Retention(bank_files_years=12))
    office = dataclasses.replace(office, config=young)
    told = erasing.propose_person(office, PAYER, "payer", actor="gu", reason="本人申请")
    assert (told["plan"]["counts"]["bank_files"], told["plan"]["counts"]["files_kept"]) == (0, 1)
    done = erasing.run(office, told["mark"], actor="he", reason="核对无误", word=PAYER)
    assert done.kept == [SHA]
    assert (done.counts["files"], done.counts["files_kept"]) == (0, 1)
    assert rawfiles.load(office, SHA) == STATEMENT.encode()
    assert erasing.list_steps(office, "gu")[-1]["plan"]["kept"] == [SHA]
    assert PAYER not in str(rows(office))
    assert verify(office).faults == []
    # the other one's rows were all that was left in it
    done = erase(office, OTHER)
    assert (done.kept, done.counts["files"]) == ([], 1)
    assert not rawfiles.paths_of(office, SHA)


@pytest.mark.parametrize(
    "part", ["欧阳", "测试人", "欧阳测", "622", "6217", "621700001111222", "217000011112222"]
)
def test_a_part_of_a_name_or_number_is_another_person(office, part):
    before = rows(office)
    with refused("ERASE-NOTHING"):
        erase(office, part)
    assert rows(office) == before


def test_nothing_goes_by_a_day_that_has_not_come(office):
    with refused("ERASE-AHEAD"):
        erasing.propose_terms(office, today() + 1, actor="gu", reason=WHY)
    assert plan(office, today() + 4000).counts["payers"] == 2  # looking ahead is free


def test_who_does_it_tells_the_same_word(office):
    told = erasing.propose_person(office, PAYER, "payer", actor="gu", reason="本人申请")
    assert PAYER not in str(told)
    with refused("ERASE-WORD"):
        erasing.run(office, told["mark"], actor="he", reason="核对", word=OTHER)
    assert PAYER in str(rows(office))
    erasing.drop(office, told["mark"], actor="he", reason="撤回")
    with refused("ERASURE-OVER"):
        erasing.run(office, told["mark"], actor="he", reason="核对", word=PAYER)


def test_a_students_token_goes_from_contract_and_history_and_the_chain_vouches_anew(office):
    token = "st-0123456789"
    with office.database.transaction() as tx:
        tx.execute(update(contract).where(contract.c.contract_no == NUMBER).values(student=token))
    with office.database.transaction() as tx:
        tx.execute(
            insert(register_change).values(
                institution_id=1, kind="contracts", key=NUMBER, at="2026-07-01T00:00:00+08:00",
                actor="cli", file_sha256="0" * 64, before={"student": token, "fee_fen": 1},
                after={"student": token, "fee_fen": 2},
            )
        )  # fmt: skip
    done = erase(office, token, "student")
    assert done.counts["contracts"] == 1
    assert done.left == {}
    assert tell_of(office, token) == ([], [])
    with office.database.reading() as tx:
        (change,) = tx.execute(select(register_change)).all()
        assert change.before["fee_fen"] == 1
        assert change.before["student"].startswith("erased-")
    assert verify(office).faults == []
    with pytest.raises(Exception, match="APPEND-ONLY"), office.database.transaction() as tx:
        tx.execute(update(register_change).values(actor="x"))


def test_an_older_copy_brings_it_back_and_it_is_erased_again(office, tmp_path):
    copy = tmp_path / "copy.zip"
    back_up(office, copy, actor="gu", with_keys=True)
    mark = erase(office).mark
    config = office.config
    told = outside.path_of(config)
    assert PAYER not in told.read_text(encoding="utf-8")
    office.database.dispose()
    restored = restore(config, copy, actor="gu", force=True)
    assert restored.erased_again == [mark]
    assert restored.proof.faults == []
    database = Database(config.database_url)
    app = dataclasses.replace(office, database=database)
    assert "entry" not in tell_of(app, PAYER)[0]
    assert not rawfiles.paths_of(app, SHA)
    database.dispose()


def test_a_run_that_was_killed_before_the_files_went_is_finished(office):
    erase(office)
    rawfiles.keep(office, SHA, STATEMENT.encode())
    assert [fault.kind for fault in verify(office).faults] == ["unerased"]
    assert erasing.is_unfinished(office)
    erasing.let_go_light(office, today())
    assert verify(office).faults == []


def test_the_job_lets_messages_and_log_ins_go_and_no_evidence(office):
    with office.database.transaction() as tx:
        tx.execute(text(
            "INSERT INTO message (at, kind, object, text, address, mail, mail_attempts) VALUES "
            "('2030-01-01T00:00:00+08:00', 'case', '1', '{}', '/', 'none', 0)"
        ))  # fmt: skip
    counts = erasing.let_go_light(office, today())
    assert counts["messages"] == 1
    assert counts["payers"] == 2  # they wait for two people
    assert PAYER in str(rows(office))
    assert plan(office, today()).counts["messages"] == 0


@pytest.mark.parametrize("values", [{"payers_years": -1}, {"sessions_days": 30}])
def test_a_term_that_is_none_is_refused(values):
    with pytest.raises(InvalidInputError):
        Retention(**values)
    assert Config(folder=None).retention.sessions_days >= 183
    assert {"erased", "erasure_event"} <= set(covering.HISTORY)
