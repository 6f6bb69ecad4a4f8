"""A bank's feed on 127.0.0.1: pages of offers and their files, with faults as a test wants them."""

import hashlib
import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-the-bank"


class Bank:
    """What a test sees of the bank's side."""

    def __init__(self):
        self.files = []  # bytes, in the order offered; the position after one is its number from 1
        self.page_size = 2  # at most so many offers a page, however many are asked for
        self.faults = defaultdict(list)  # path -> faults in turn: a status, or a word below
        self.asked = []  # (path, query, Authorization)
        self.document = None  # in place of every page of offers
        bank = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                address = urlsplit(self.path)
                query = {name: value[0] for name, value in parse_qs(address.query).items()}
                bank.asked.append((address.path, query, self.headers.get("Authorization")))
                faults = bank.faults[address.path]
                fault = faults.pop(0) if faults else None
                body = bank.answer(address.path, query)
                if isinstance(fault, int):
                    self.send_response(fault)
                    if 300 <= fault < 400:
                        self.send_header("Location", bank.url)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if fault == "slow":
                    time.sleep(1.5)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if fault == "drip":  # never silent for long, and never done
                    for byte in body * 100:
                        time.sleep(0.02)
                        self.wfile.write(bytes([byte]))
                if fault == "wrong":
                    body = bytes(len(body))
                self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
                self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                """A reader that timed out has hung up; nobody needs to read about it."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/statements"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def answer(self, path, query):
        if path != "/statements":
            return self.files[int(path.rpartition("/")[2]) - 1]
        if self.document is not None:
            return self.document
        start = int(query.get("after", "0"))
        end = start + min(self.page_size, int(query["limit"]))
        items = [
            {"position": str(n), "name": f"{n}.csv", "url": f"/files/{n}"}
            | {"sha256": hashlib.sha256(content).hexdigest()}
            for n, content in list(enumerate(self.files, 1))[start:end]
        ]
        return json.dumps({"items": items, "more": end < len(self.files)}).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
