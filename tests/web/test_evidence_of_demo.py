"""A real case of the demonstration leaves as evidence, verified in a folder without a database."""

import io
import json
import zipfile

from click.testing import CliRunner

from feewatch.cli import main
from feewatch.kernel import clock
from feewatch.kernel.people import NATIONWIDE
from feewatch.publication.signing import sha256
from feewatch.services.demo import shown_at
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.transfers import reading


def verify(folder, *more):
    arguments = ["verify", "evidence.zip", "--key", "office.pem", "--json", *more]
    done = CliRunner().invoke(main, arguments)
    assert not list(folder.rglob("*.db"))
    return done.exit_code, json.loads(done.output)


def test_the_evidence_of_a_case_of_the_demonstration_is_verified_alone(town, tmp_path, monkeypatch):
    app = town.demo.app
    with clock.fixed(shown_at()):
        row = reading.list_transfers(app, NATIONWIDE)[-1]
        _, content = reading.load_bundle(app, NATIONWIDE, row.id)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (elsewhere / "evidence.zip").write_bytes(content)
    (elsewhere / "office.pem").write_bytes(get_signing_key(app).public_pem)
    code, report = verify(elsewhere)
    assert (code, report["good"], report["faults"]) == (0, True, [])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = json.loads(parts["evidence.json"])
    named = [each for each in rows if "file_sha256" in each["source"]]
    assert len(rows) >= len(named) > 0
    for each in named:  # each line is one of a real file of the world, under its own hash
        files = [
            file for file in app.config.folder.rglob("*")
            if file.is_file() and sha256(file.read_bytes()) == each["source"]["file_sha256"]
        ]  # fmt: skip
        assert files, each["source"]
    alerts = json.loads(parts["alerts.json"])
    assert all(alert["calculation"]["zh"] for alert in alerts)
    altered = content.replace(row.case_number.encode(), row.case_number[::-1].encode())
    (elsewhere / "evidence.zip").write_bytes(altered)
    code, report = verify(elsewhere)
    assert (code, report["good"]) == (1, False)
