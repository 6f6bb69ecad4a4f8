"""A subscriber on 127.0.0.1 that answers as it is told and keeps what it was sent."""

import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Subscriber:
    """What a test sees of the receiving side.

    ``answers`` are given in turn, then a receipt: a status, or the name of a way to fail.
    """

    def __init__(self):
        self.answers = []
        self.delay_seconds = 0.0
        self.retry_after = ""
        self.received = []  # (headers, body)
        self.taken = []  # webhook ids in the order in which they were first taken
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                subscriber.received.append((dict(self.headers), body))
                time.sleep(subscriber.delay_seconds)
                answer = subscriber.answers.pop(0) if subscriber.answers else 200
                if isinstance(answer, int):
                    self.status(answer, body)
                else:
                    getattr(self, f"answer_{answer}")(body)

            def take(self, body):
                key = self.headers["webhook-id"]
                if key not in subscriber.taken:
                    subscriber.taken.append(key)
                return json.dumps({"id": key, "sha256": hashlib.sha256(body).hexdigest()}).encode()

            def status(self, status, body):
                receipt = self.take(body) if status == 200 else b""
                self.give(status, receipt)

            def give(self, status, content):
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", subscriber.url)
                if subscriber.retry_after:
                    self.send_header("Retry-After", subscriber.retry_after)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def answer_silent(self, _):
                """Success without a receipt."""
                self.give(200, b"")

            def answer_rubbish(self, _):
                self.give(200, b"<html>thank you</html>")

            def answer_wrong(self, _):
                """A receipt for another body."""
                told = {"id": self.headers["webhook-id"], "sha256": "0" * 64}
                self.give(200, json.dumps(told).encode())

            def answer_endless(self, _):
                self.give(200, b'{"id": "' + b"x" * 100_000)

            def answer_cut(self, body):
                """It takes the body, and the answer breaks off."""
                receipt = self.take(body)
                self.send_response(200)
                self.send_header("Content-Length", str(len(receipt)))
                self.end_headers()
                self.wfile.write(receipt[:10])

            def answer_lost(self, body):
                """It takes the body and hangs up."""
                self.take(body)
                self.connection.shutdown(socket.SHUT_RDWR)

            def answer_drip(self, _):
                """One byte at a time, each within any time-out."""
                content = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi"
                for byte in content:
                    self.connection.sendall(bytes([byte]))
                    time.sleep(0.1)

            def answer_duplicate(self, body):
                """It says that it has it already, with a receipt."""
                self.give(409, self.take(body))

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

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
