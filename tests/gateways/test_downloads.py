"""Files of other sites: a whole one in time, from the host that was asked, or a refusal."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from feewatch.gateways.downloads import download
from feewatch.kernel.errors import UnavailableError


class Site(BaseHTTPRequestHandler):
    """Answers by path; drips where it is asked to."""

    def do_GET(self):
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2])
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", "100000" if self.path == "/drip" else "4")
        self.end_headers()
        if self.path == "/drip":
            for _ in range(100):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return
                time.sleep(0.1)
        else:
            self.wfile.write(b"list")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_read_also_where_its_own_host_has_moved_it(address):
    assert download(f"{address}/file") == b"list"
    assert download(f"{address}/to?/file") == b"list"
    assert download(f"{address}/none") is None


@pytest.mark.parametrize("target", ["http://localhost:1/x", "file:///etc/hostname", "//10.0.0.1/x"])
def test_nobody_leads_it_to_another_host(address, target):
    with pytest.raises(UnavailableError, match="another host"):
        download(f"{address}/to?{target}")


def test_a_circle_ends(address):
    with pytest.raises(UnavailableError):
        download(f"{address}/to?/to?/to?/to?/to?/to?/to?/file")


def test_a_server_that_drips_is_left(address):
    with pytest.raises(UnavailableError, match="timed out"):
        download(f"{address}/drip", timeout_seconds=1)
