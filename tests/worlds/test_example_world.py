"""The example world, from files to alerts, on both databases and in any order of arrival."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config, Office
from feewatch.kernel.days import format_day, parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from feewatch.store.check.checks import list_institutions
from feewatch.store.tables.ledger import entry, match, statement

WORLD = Path(__file__).parents[1] / "data" / "example-world"
EXPECTED = json.loads((WORLD / "expected.json").read_text(encoding="utf-8"))
AS_OF = parse_day(EXPECTED["as_of"])
COVERS = tuple(parse_day(day) for day in EXPECTED["covers"].split(".."))
NAMED = {each["rule"] for each in EXPECTED["breaches"]} | set(EXPECTED["undetermined_by_rule"])


KINDS = (
    "institutions", "accounts", "courses", "contracts", "charges", "lessons", "refunds",
    "successions",
)  # fmt: skip


def import_all(app):
    for kind in KINDS:
        covers = COVERS if kind in ("contracts", "lessons") else None
        path = WORLD / "registers" / f"{kind}.csv"
        report = import_registers(app, kind, path, actor="test", covers=covers)
        assert report.as_json()["bad"] == 0


def breach_key(identity):
    return (*identity[:4], format_day(identity.on))


def ledger(app):
    """What an order of arrival must not change: entries with their kinds and matched money."""
    columns = (
        entry.c.booked_on, entry.c.amount_fen, entry.c.counterparty, entry.c.memo, entry.c.n,
        entry.c.reference, entry.c.kind, entry.c.matched_fen, statement.c.account_no,
    )  # fmt: skip
    query = select(*columns).join(statement, statement.c.id == entry.c.statement_id)
    with app.database.reading() as tx:
        rows = tx.execute(query.where(entry.c.merged_into.is_(None))).all()
    return sorted(map(repr, rows))


def stored(app):
    """Every row of the ledger and every match."""
    with app.database.reading() as tx:
        return [tx.execute(select(table).order_by(table.c.id)).all() for table in (entry, match)]


def alerts_of(app):
    shown = list_alerts(app, status=None, rule=None, uscc=None)
    return sorted(
        json.dumps(each | {"opened_at": ""}, sort_keys=True, ensure_ascii=False) for each in shown
    )


def test_every_file_and_finding_comes_out_as_expected(any_app):
    import_all(any_app)
    outcomes = [each.as_json() for each in ingest(any_app, [WORLD / "statements"], actor="test")]
    assert [{k: each[k] for k in EXPECTED["files"][0]} for each in outcomes] == EXPECTED["files"]
    first = stored(any_app)
    with any_app.database.reading() as tx:
        everybody = list_institutions(tx)
    match_changed(any_app, again=everybody)
    assert stored(any_app) == first, "what first rows come to is what matching them later would"

    report = run_check(any_app, AS_OF, full=True)
    findings = list_findings(any_app, AS_OF, rules=sorted(NAMED))
    found = {breach_key(each.identity) for each in findings if each.outcome == "breach"}
    expected = {
        (b["rule"], b["uscc"], b["subject"]["kind"], b["subject"]["id"], b["on"])
        for b in EXPECTED["breaches"]
    }
    assert found == expected
    assert len(expected) == 39
    unknown = Counter(each.identity.rule for each in findings if each.outcome == "undetermined")
    assert unknown == EXPECTED["undetermined_by_rule"]
    assert report.opened == report.breaches >= len(expected)


def test_a_second_run_opens_nothing_and_duplicates_nothing(any_app):
    import_all(any_app)
    list(ingest(any_app, [WORLD / "statements"], actor="test"))
    run_check(any_app, AS_OF, full=True)
    before = ledger(any_app), alerts_of(any_app)
    again = [each.as_json() for each in ingest(any_app, [WORLD / "statements"], actor="test")]
    assert {each["status"] for each in again} == {"duplicate"}
    second = run_check(any_app, AS_OF, full=True)
    assert (second.opened, second.withdrawn, second.recovered) == (0, 0, 0)
    assert (ledger(any_app), alerts_of(any_app)) == before


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_files_gives_the_same_ledger_and_alerts(tmp_path, any_app, seed):
    """One by one in a random order with checks between, against all at once."""
    files = sorted(path for path in (WORLD / "statements").rglob("*") if path.is_file())
    random.Random(seed).shuffle(files)
    half = len(files) // 2
    list(ingest(any_app, files[:half], actor="test"))
    import_all(any_app)
    run_check(any_app, AS_OF)
    for path in files[half:]:
        list(ingest(any_app, [path], actor="test"))
    run_check(any_app, AS_OF)
    # alerts opened on half the data and then disproved are withdrawn, or by money of a later file
    # ended: both are kept, and no matter here
    stand = [each for each in alerts_of(any_app) if stands(json.loads(each))]

    any_app.database.dispose()
    reference = _reference(tmp_path / "reference")
    assert ledger(any_app) == ledger(reference)
    assert _identities(stand) == _identities(alerts_of(reference))
    reference.database.dispose()


def stands(alert):
    return alert["status"] != "withdrawn" and alert["recovered_on"] is None


def _identities(lines):
    alerts = [json.loads(line) for line in lines]
    return [_identity(alert) for alert in alerts]


def _identity(shown):
    return tuple(
        str(shown[key]) for key in ("rule", "uscc", "subject", "on", "measured", "evidence")
    )


def _reference(folder):
    app = initialise(Config(folder, Office(district="370702")))
    import_all(app)
    list(ingest(app, [WORLD / "statements"], actor="test"))
    run_check(app, AS_OF, full=True)
    return app
