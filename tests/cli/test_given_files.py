"""Files that commands read whole: one that never ends, or is nested too deeply, is refused."""

import pytest
from click.testing import CliRunner

from feewatch.cli import main
from feewatch.kernel.toml import parse_toml


@pytest.mark.parametrize(
    "command",
    [
        ("grades", "compute", "--dry-run", "--scheme", "/dev/zero"),
        ("grades", "compare", "/dev/zero"),
        ("dialects", "new", "/dev/zero"),
        ("opening", "add", "91370702TEST000010", "/dev/zero"),
        ("import", "contracts", "/dev/zero"),
    ],
)
def test_a_device_is_no_file_to_read(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, [*command])
    assert refused.exit_code == 2
    assert "is no regular file" in refused.stderr


def test_what_is_nested_too_deeply_is_a_fault_of_the_file():
    faults = []
    assert parse_toml("a = " + "[" * 20_000, "deep.toml", faults) is None
    assert [(fault.code, fault.file) for fault in faults] == [("TOML-SYNTAX", "deep.toml")]
