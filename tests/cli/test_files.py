"""``feewatch files`` and ``feewatch key rotate --files``: kept files are encrypted, on record."""

import json

from click.testing import CliRunner

from feewatch.cli import main


def run(home, *words):
    return CliRunner().invoke(main, ["--config", str(home / "feewatch.toml"), *words])


def test_clear_files_are_told_of_and_encrypted_and_a_new_key_takes_over(tmp_path):
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")
    assert run(tmp_path, "init").exit_code == 0
    bank = tmp_path / "a.csv"
    bank.write_text("王小明,不是对账单\n", encoding="utf-8")
    assert run(tmp_path, "ingest", str(bank)).exit_code == 1
    content = bank.read_bytes()
    [sealed] = (tmp_path / "var" / "files").glob("??/*")
    clear = sealed.with_suffix("")
    sealed.unlink()
    clear.write_bytes(content)
    assert "FILES-CLEAR" in run(tmp_path, "init").stderr
    assert json.loads(run(tmp_path, "files", "status", "--json").stdout)["clear"] == 1
    assert "encrypted: 1" in run(tmp_path, "files", "seal").stdout
    assert "FILES-CLEAR" not in run(tmp_path, "init").stderr
    new = run(tmp_path, "key", "rotate", "--files", "--suite", "sm4-gcm")
    assert "files.key" in new.stderr
    done = json.loads(run(tmp_path, "files", "seal", "--json").stdout)
    assert done == {"done": 1, "left": 0, "spoilt": []}
    state = json.loads(run(tmp_path, "files", "status", "--json").stdout)
    assert state["keys"][new.stdout.strip()] == 1
    assert run(tmp_path, "key", "rotate", "--files", "--suite", "sm2-sm3").exit_code == 2
    assert content not in sealed.read_bytes()


def test_a_changed_file_ends_the_command_with_its_hash(tmp_path):
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")
    assert run(tmp_path, "init").exit_code == 0
    path = tmp_path / "var" / "files" / "ab" / ("ab" + "0" * 62)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"forged")
    done = run(tmp_path, "files", "seal")
    assert done.exit_code == 1
    assert path.name in done.stderr
