"""Where the database is away or another one, pages say so and come back by themselves."""

import pytest
from offices import initialise

from feewatch.config import Config, DatabaseConfig, Web
from feewatch.web.site import create_app


def open_site(folder, url=""):
    app = initialise(Config(folder, web=Web(secure_cookies=False), database=DatabaseConfig(url)))
    return app, create_app(app)


def told(response):
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    return response.get_data(as_text=True)


def test_a_database_that_was_taken_away_is_503_and_comes_back(tmp_path):
    app, site = open_site(tmp_path)
    client = site.test_client()
    assert client.get("/").status_code == 200
    app.config.var.rename(tmp_path / "elsewhere")
    page = told(client.get("/"))
    assert "DATABASE-REPLACED" in page
    assert str(tmp_path) not in page  # paths of the machine are for its log
    answer = client.get("/api/v1/lists")
    assert (answer.status_code, answer.json["code"]) == (503, "DATABASE-REPLACED")
    (tmp_path / "elsewhere").rename(app.config.var)
    assert client.get("/").status_code == 200
    app.database.dispose()


def test_a_postgres_that_stops_is_503_and_pages_recover_by_themselves(postgres, tmp_path, capfd):
    app, site = open_site(tmp_path, postgres.new_database())
    client = site.test_client()
    assert client.get("/").status_code == 200
    postgres.halt()
    try:
        assert "DATABASE-AWAY" in told(client.get("/"))
        assert client.get("/api/v1/lists").status_code == 503
    finally:
        postgres.go_on()
    assert client.get("/").status_code == 200
    assert "Traceback" not in capfd.readouterr().err
    app.database.dispose()


@pytest.fixture(autouse=True)
def _quiet(caplog):
    yield
    assert not [record for record in caplog.records if record.exc_info], "a trace was logged"
