"""Verification of a web site that carries the editions, over real HTTP."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import UnavailableError
from feewatch.services.lists.verification import verify

JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(town, tmp_path):
    """A copy of two editions behind an address, which a test may spoil."""
    town.publish(JULY)
    town.publish(AUGUST)
    copy = shutil.copytree(town.app.editions, tmp_path / "site", symlinks=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(copy)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield copy / "370702", f"http://127.0.0.1:{server.server_port}/370702"
    server.shutdown()
    server.server_close()
    thread.join()


def faults(town, url, as_of=None):
    report = verify(town.app.config, url, key_file=None, as_of=as_of)
    return [fault.file for fault in report.faults]


@pytest.mark.parametrize("place", ["", "/", "/latest", "/2/", "/1"])
def test_a_district_latest_or_one_edition_can_be_named(town, site, place):
    assert faults(town, site[1] + place) == []


def test_freshness_is_read_from_the_site(town, site):
    assert faults(town, site[1], AUGUST + 7) == []
    assert faults(town, site[1], AUGUST + 8) == ["../timestamp.json"]


def test_a_file_that_was_altered_on_the_site_is_named(town, site):
    folder, url = site
    (folder / "1" / "白名单.csv").write_text("forged")
    assert faults(town, url) == ["../1/白名单.csv"]


def test_the_layout_of_the_web_service_is_understood(town, site):
    folder, url = site
    for number in ("1", "2"):
        files = folder / number / "files"
        files.mkdir()
        for path in (folder / number).glob("*.*"):
            path.rename(files / path.name)
    assert faults(town, f"{url}/2/files/") == []
    (folder / "1" / "files" / "白名单.csv").write_text("forged")
    assert faults(town, f"{url}/2/files/") == ["../1/白名单.csv"]


def test_a_site_that_does_not_answer_is_no_verdict(town):
    with pytest.raises(UnavailableError):
        faults(town, "http://127.0.0.1:1/370702")
