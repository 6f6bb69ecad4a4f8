"""The server that stands alone, as a process: it waits for no slow sender and ends in order; behind
a real nginx it knows who asks, and that TLS was used."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from feewatch.config import load_config
from feewatch.founding import initialise
from feewatch.services.people import users

RECIPE = Path(__file__).parents[2] / "docs" / "deploy" / "nginx.conf"
PASSWORD = "correct horse"


@contextlib.contextmanager
def serving(folder: Path, more: str = "", *, is_new: bool = True):
    """The address of a server process over an installation with one officer, and the process.

    ``is_new``: whether the installation is made now, or is there for another process already.
    """
    file = folder / "feewatch.toml"
    file.write_text(f'[office]\ndistrict = "370702"\n[web]\nport = 0\n{more}', encoding="utf-8")
    app = initialise(load_config(file))
    if is_new:
        users.add_user(app, "officer", "officer", password=PASSWORD, actor="test")
    app.database.dispose()
    command = [sys.executable, "-m", "feewatch", "serve"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = server.stderr.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            yield address.rstrip("/"), server
        finally:
            server.kill()


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_a_hundred_and_fifty_silent_connections_keep_nobody_out(tmp_path):
    with serving(tmp_path) as (address, _), contextlib.ExitStack() as silent:
        for _ in range(150):
            one = silent.enter_context(
                socket.create_connection(("127.0.0.1", port_of(address)), timeout=5)
            )
            one.sendall(b"GET / HTTP/1.1\r\nX-Drip: ")
        assert requests.get(address, timeout=10).status_code == 200


def seconds_of_a_drip(address: str) -> float:
    """How long a connection that sends a letter a second is borne with; at most a minute."""
    with socket.create_connection(("127.0.0.1", port_of(address)), timeout=60) as drip:
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < 60:
                drip.sendall(b"G")
                time.sleep(1)
    return time.monotonic() - begun


@pytest.mark.long
def test_a_request_that_drips_is_cut_off(tmp_path):
    with serving(tmp_path) as (address, _):
        assert seconds_of_a_drip(address) < 40


@pytest.mark.parametrize("processes", [1, 2])
def test_told_to_end_it_takes_nobody_new_and_finishes_what_has_begun(tmp_path, processes):
    with serving(tmp_path, f"processes = {processes}\n") as (address, server):
        body = b"name=officer&password=x" + b"&filler=" + b"x" * 200_000
        head = f"POST /account/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port_of(address)), timeout=30) as slow:
            slow.sendall(head.encode() + body[:50_000])
            time.sleep(1.5)  # the half of it is there
            server.send_signal(signal.SIGTERM)
            time.sleep(2)
            with pytest.raises(requests.ConnectionError):
                requests.get(address, timeout=5)
            slow.sendall(body[50_000:])
            assert slow.recv(12) == b"HTTP/1.1 400"  # without the form's own word, but answered
        assert server.wait(timeout=20) == 0


def children_of(pid: int) -> set[int]:
    """The processes that a process has begun."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return {int(line) for line in listed.stdout.split()}


def wait_for_children(pid: int, number: int) -> set[int]:
    """So many children of a process, as soon as there are so many."""
    for _ in range(100):
        if len(children := children_of(pid)) == number:
            return children
        time.sleep(0.1)
    raise AssertionError(children)


def test_another_process_takes_the_place_of_one_that_died(tmp_path):
    with serving(tmp_path, "processes = 2\n") as (address, server):
        children = wait_for_children(server.pid, 2)
        victim = min(children)
        os.kill(victim, signal.SIGKILL)
        assert requests.get(address, timeout=10).status_code == 200  # the other one answers
        word = server.stderr.readline()
        assert f"web process {victim} ended with signal 9" in word
        assert wait_for_children(server.pid, 2) - children
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def test_who_logged_in_at_one_process_is_known_to_the_other(tmp_path):
    more = "processes = 2\nsecure_cookies = false\n"
    with serving(tmp_path, more) as (address, server), requests.Session() as person:
        person.trust_env = False
        children = wait_for_children(server.pid, 2)
        assert log_in(person, address, PASSWORD).status_code == 302
        for stopped in children:  # each by itself: nobody else can have answered
            os.kill(stopped, signal.SIGSTOP)
            # over a connection of its own: that of the log-in may be the stopped one's
            page = requests.get(f"{address}/desk/today", cookies=person.cookies, timeout=20)
            assert page.status_code == 200
            os.kill(stopped, signal.SIGCONT)


def test_processes_whose_parent_is_gone_end(tmp_path):
    with serving(tmp_path, "processes = 2\n") as (address, server):
        wait_for_children(server.pid, 2)
        server.kill()
        server.wait()
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port_of(address)), timeout=1).close()
            except ConnectionRefusedError:
                return
            time.sleep(0.1)
        raise AssertionError("somebody still listens")


def test_a_request_with_two_lengths_is_the_last_of_its_connection(tmp_path):
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    body = b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    smuggled = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with serving(tmp_path) as (address, _):
        where = "127.0.0.1", port_of(address)
        with socket.create_connection(where, timeout=20) as line:
            line.sendall(head + body + smuggled)
            answered = b""
            while piece := line.recv(65536):
                answered += piece
    assert answered.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answered


def test_the_site_answers_under_its_own_names_alone(tmp_path):
    with serving(tmp_path, 'hosts = ["jiaoyu.example.gov.cn"]\n') as (address, _):
        for host, status in (("jiaoyu.example.gov.cn", 200), ("evil.example", 400)):
            answer = requests.get(address, headers={"Host": host}, timeout=10)
            assert answer.status_code == status
        elsewhere = requests.get(
            f"{address}/desk", headers={"Host": "evil.example"}, allow_redirects=False, timeout=10
        )
        assert elsewhere.status_code == 400
        assert "Location" not in elsewhere.headers


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "site.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "site.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return tmp_path / "site.crt", tmp_path / "site.key"


@contextlib.contextmanager
def nginx(folder: Path, target: str, certificate: tuple[Path, Path]):
    """The address of nginx under our own recipe, with the ports and certificate of a test."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        tls, plain = one.getsockname()[1], two.getsockname()[1]
    recipe = RECIPE.read_text(encoding="utf-8")
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("http://127.0.0.1:8080", target),
        ("/etc/ssl/feewatch/site.crt", str(certificate[0])),
        ("/etc/ssl/feewatch/site.key", str(certificate[1])),
    ):
        assert old in recipe
        recipe = recipe.replace(old, new)
    file = folder / "nginx.conf"
    kept = "\n".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy"))
    file.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{kept}\n{recipe}\n}}\n",
        encoding="utf-8",
    )
    with subprocess.Popen([shutil.which("nginx"), "-c", str(file), "-p", str(folder)]) as proxy:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", tls)):
                    break
                time.sleep(0.1)
            yield f"https://127.0.0.1:{tls}", f"http://127.0.0.1:{plain}"
        finally:
            proxy.kill()


def log_in(session, address, password, **headers):
    page = session.get(f"{address}/account/login", timeout=20)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"name": "officer", "password": password, "csrf_token": token}
    headers |= {"Referer": f"{address}/account/login"}
    return session.post(
        f"{address}/account/login", data=form, headers=headers, allow_redirects=False, timeout=20
    )


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_behind_a_proxy_the_site_knows_who_asks_and_that_tls_was_used(tmp_path, certificate):
    home = tmp_path / "home"
    home.mkdir()
    with (
        serving(home, "trusted_proxies = 1\n") as (direct, _),
        nginx(tmp_path, direct, certificate) as (address, plain),
        requests.Session() as person,
    ):
        person.trust_env, person.verify = False, str(certificate[0])
        assert person.get(address, timeout=20).headers["Strict-Transport-Security"]
        assert person.get(f"{address}/metrics", timeout=20).status_code == 404
        assert requests.get(f"{direct}/metrics", timeout=20).status_code == 200
        passed = log_in(person, address, PASSWORD)
        assert passed.status_code == 302
        assert passed.headers["Strict-Transport-Security"]
        assert "Secure" in passed.headers["Set-Cookie"]
        sent_on = requests.get(f"{plain}/desk", allow_redirects=False, timeout=20)
        assert sent_on.headers["Location"].startswith("https://")
        program = requests.get(f"{plain}/api/v1/lists", allow_redirects=False, timeout=20)
        assert program.status_code == 403  # a token sent in clear is not led on
        # what a client claims of its address changes nothing: the failures are one address's
        answers = [
            log_in(person, address, "wrong", **{"X-Forwarded-For": f"10.0.0.{n}"})
            for n in range(12)
        ]
        assert [each.status_code for each in answers[:5]] == [403] * 5
        slowed = [each for each in answers if each.status_code == 429]
        assert slowed
        assert int(slowed[-1].headers["Retry-After"]) >= 1
