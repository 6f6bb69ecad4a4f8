"""wsgi.py serves the installation that FEEWATCH_CONFIG names."""

import runpy
from pathlib import Path

WSGI = Path(__file__).parents[2] / "wsgi.py"


def test_the_configuration_is_read_from_the_environment(app, tmp_path, monkeypatch):
    file = tmp_path / "feewatch.toml"
    file.write_text('[office]\nname = "某区教育局"\n', encoding="utf-8")
    monkeypatch.setenv("FEEWATCH_CONFIG", str(file))
    application = runpy.run_path(str(WSGI))["application"]
    assert "某区教育局" in application.test_client().get("/").text
    application.extensions["feewatch"].database.dispose()
