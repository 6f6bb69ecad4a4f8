"""Papers as LibreOffice opens them: each becomes a PDF whose pages hold something."""

import shutil
import subprocess

import pytest

from feewatch.papers.fields import FIELDS, LISTS
from feewatch.papers.filling import Template
from feewatch.papers.layout import SHIPPED, shipped


def test_libreoffice_opens_every_shipped_kind(tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    fields = dict(FIELDS)
    lists = {name: [dict(columns)] for name, (_, columns) in LISTS.items()}
    core = {"title": "文书", "author": "局", "day": "2026-08-04"}
    for kind in SHIPPED:
        content = Template(kind, shipped(kind)).fill(fields, lists, core)
        (tmp_path / f"{kind}.docx").write_bytes(content)
    command = [program, "--headless", f"-env:UserInstallation=file://{tmp_path}/home",
               "--convert-to", "pdf", "--outdir", str(tmp_path)]  # fmt: skip
    files = [str(tmp_path / f"{kind}.docx") for kind in SHIPPED]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=300)
    for kind in SHIPPED:
        content = (tmp_path / f"{kind}.pdf").read_bytes()
        assert content.startswith(b"%PDF-")
        assert len(content) > 5_000
