"""The trail given out to others, kept as long as the office says, and proven after that, too."""

import datetime as dt
import json
import re

import pytest
from sqlalchemy import text

from feewatch.config import AuditTrail
from feewatch.kernel.clock import fixed
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.services.audit.exporting import export, wanted_days
from feewatch.services.audit.retention import prune
from feewatch.services.audit.verifying import verify
from feewatch.services.lists.anchors import anchor
from feewatch.store import audit as trail
from feewatch.store import chain, guards

from .conftest import AS_OF, MORNING

LATER = MORNING + dt.timedelta(days=1096)
#: PRI, version, moment, host, program, process, message id, data, text.
SYSLOG = re.compile(
    r"<(\d+)>1 \S+T\S+ - feewatch - ([\w.\-]{1,32}) \[feewatch@32473 (.*?)\] \ufeff(\{.*\})"
)


def test_rows_older_than_the_span_go_and_what_stays_is_proven(lived):
    before = verify(lived)
    with fixed(LATER):
        with lived.database.transaction() as tx:
            trail.record(tx, "gu", "test", "kept")
        assert prune(lived, actor="gu", reason="逾期") == before.rows
        assert prune(lived, actor="gu", reason="逾期") == 0
        anchor(lived)
        proof = verify(lived)
    assert proof.faults == []
    assert proof.covered == before.covered
    with lived.database.engine.begin() as tx:
        guards.remove(tx)
        tx.execute(text("UPDATE case_event SET actor = 'wang' WHERE id = 1"))
    assert [fault.place for fault in verify(lived).faults] == ["case_event 1"]


def test_a_chain_that_is_not_whole_loses_no_row(lived):
    with lived.database.engine.begin() as tx:
        guards.remove(tx)
        tx.execute(text("DELETE FROM audit WHERE number = 2"))
    with fixed(LATER):
        with lived.database.transaction() as tx:
            trail.record(tx, "gu", "test", "kept")
        with pytest.raises(ConflictError, match="缺少第 2"):
            prune(lived, actor="gu", reason="逾期")


@pytest.mark.parametrize("days", [0, 30, 182])
def test_less_than_six_months_are_refused(days):
    with pytest.raises(InvalidInputError, match="183"):
        AuditTrail(keep_days=days)
    assert AuditTrail(keep_days=183).keep_days == 183


def test_json_lines_hold_all_that_the_hashes_are_made_of(lived):
    rows = [
        json.loads(line) for line in export(lived, wanted_days(None, None), "jsonl", actor="gu")
    ]
    previous = chain.GENESIS
    for row in rows:
        assert (row["previous"], chain.link_hash(row)) == (previous, row["hash"])
        previous = row["hash"]
    assert rows[-1]["action"] == "audit.export"
    assert list(export(lived, wanted_days(AS_OF + 1, None), "jsonl", actor="gu")) == []


def test_syslog_messages_are_of_rfc_5424(lived):
    with lived.database.transaction() as tx:
        trail.record(tx, "gu", "log_in.failed", 'a "quoted] \\ name', reason="密码\n错误")
    lines = list(export(lived, wanted_days(None, None), "syslog", actor="gu"))
    told = [SYSLOG.fullmatch(line) for line in lines]
    assert all(told)
    (failed,) = [each for each in told if each[2] == "log_in.failed"]
    assert failed[1] == "108"
    assert 'object="a \\"quoted\\] \\\\ name"' in failed[3]
    assert json.loads(failed[4])["reason"] == "密码\n错误"
    assert {each[1] for each in told} == {"108", "109"}
