"""A subscriber on 127.0.0.1 that answers as it is told and keeps what it was sent."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Subscriber:
    """What a test sees of the receiving side."""

    def __init__(self):
        self.answers = []  # statuses to give in turn; then 200
        self.delay_seconds = 0.0
        self.received = []  # (headers, body)
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                subscriber.received.append((dict(self.headers), body))
                time.sleep(subscriber.delay_seconds)
                status = subscriber.answers.pop(0) if subscriber.answers else 200
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", subscriber.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                """A sender that timed out has hung up; nobody needs to read about it."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/feewatch"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def subscriber():
    running = Subscriber()
    yield running
    running.stop()
