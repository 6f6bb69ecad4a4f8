"""The page that verifies in a browser, in real Chromium: good, tampered, wrong key, no support."""

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from feewatch.publication.folder import write_verify_page
from feewatch.publication.signing import SigningKey, new_private_pem

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def copy(published, tmp_path):
    """The folder of editions with the page in it, which a test may spoil."""
    root = shutil.copytree(published.root, tmp_path / "editions", symlinks=True)
    write_verify_page(root)
    return root


@pytest.fixture
def site(copy):
    """The address of the folder behind a plain file server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(copy)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def verdict(browser, address, *, pem=b"", files=(), place="", before=""):
    """What the page says in the end; it must ask nothing of any other place."""
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda fault: said.append(str(fault)))
    if before:
        page.add_init_script(before)
    page.clock.set_fixed_time("2026-09-03T04:00:00Z")
    page.goto(address)
    page.fill("#pem", pem.decode())
    if files:
        page.set_input_files("#files", [str(path) for path in files])
    if place:
        page.fill("#place", place)
    page.click("#start")
    page.wait_for_selector("#result.good, #result.bad")
    page.wait_for_function("document.querySelector('#result').textContent.length > 0")
    text = page.inner_text("#result")
    page.close()
    assert said == []
    home = address.partition("verify.html")[0]
    assert all(url.startswith((home, "data:")) for url in asked), asked
    return text


def of_folder(copy, browser, pem, number=3, with_timestamp=True):
    """The verdict on files that a reader chose from a folder on the own disk."""
    place = copy / "370702"
    files = sorted((place / str(number)).iterdir())
    if with_timestamp:
        files.append(place / "timestamp.json")
    return verdict(browser, (copy / "verify.html").as_uri(), pem=pem, files=files)


def test_a_good_edition_verifies_from_a_folder_and_says_which_it_is(copy, browser, published):
    said = of_folder(copy, browser, published.key.public_pem)
    assert "核验通过" in said
    for words in (
        "示例区教育局",
        "370702",
        "第 3 期",
        "2026-08-31",
        "3 天",
        "是最新一期（2026-09-03）",
    ):
        assert words in said
    unstamped = of_folder(copy, browser, published.key.public_pem, with_timestamp=False)
    assert "核验通过" in unstamped
    assert "没有核验是否为最新一期" in unstamped


def test_a_good_edition_verifies_from_a_site(site, browser, published):
    address = f"{site}/verify.html?edition=370702/latest"
    assert "核验通过" in verdict(browser, address, pem=published.key.public_pem)


def test_an_edition_that_is_not_the_latest_is_told(copy, browser, published):
    said = of_folder(copy, browser, published.key.public_pem, number=2)
    assert "核验不通过" in said
    assert "最新一期是第 3 期" in said


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "name", ["edition.json", "manifest.json", "index.html", "白名单.csv", "名单.xlsx", "feed.atom"]
)
def test_one_flipped_byte_of_any_file_is_named(copy, browser, published, name):
    flip(copy / "370702" / "3" / name)
    said = of_folder(copy, browser, published.key.public_pem)
    assert "核验不通过" in said
    assert f"{name}：" in said


def test_white_space_that_changes_no_meaning_is_an_alteration(copy, browser, published):
    path = copy / "370702" / "3" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), ensure_ascii=False), "utf-8")
    assert "不是规范格式" in of_folder(copy, browser, published.key.public_pem)


def test_a_missing_file_and_a_stranger_are_named(copy, browser, published, site):
    place = copy / "370702" / "3"
    (place / "白名单.csv").unlink()
    said = verdict(browser, f"{site}/verify.html", pem=published.key.public_pem, place="370702/3")
    assert "白名单.csv：文件缺失" in said
    (place / "黑名单2.csv").write_text("forged")
    assert "黑名单2.csv：不在签名清单中" in of_folder(copy, browser, published.key.public_pem)


def test_another_key_does_not_count(copy, browser):
    stranger = SigningKey(new_private_pem())
    assert "没有可信密钥的有效签名" in of_folder(copy, browser, stranger.public_pem)


@pytest.mark.parametrize(
    "pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
)
def test_without_a_key_it_says_what_it_needs(copy, browser, pem):
    said = of_folder(copy, browser, pem)
    assert "公钥" in said
    assert "核验通过" not in said


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("Object.defineProperty(crypto, 'subtle', {value: undefined})", "须以 https"),
        (
            "crypto.subtle.generateKey = () => Promise.reject(new Error('none'))",
            "此浏览器不能核验 Ed25519 签名",
        ),
    ],
)
def test_a_browser_that_cannot_verify_says_so_plainly(copy, browser, published, before, words):
    page = (copy / "verify.html").as_uri()
    assert words in verdict(browser, page, pem=published.key.public_pem, before=before)
