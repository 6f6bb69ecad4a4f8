"""The page that verifies in a browser, in real Chromium: good, tampered, wrong key, no support."""

import json
import shutil
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from feewatch.kernel.days import parse_day
from feewatch.publication.folder import write_verify_page
from feewatch.publication.keylist import REVOKED_FILE, build_key_list, build_revocations
from feewatch.publication.signing import (
    Revocation,
    SigningKey,
    canonical,
    new_private_pem,
    sha256,
)
from feewatch.publication.suites import SM2_SUITE, SUITES, private_pem

CHROMIUM = Path("/usr/bin/chromium")
#: A name that is no loopback address: what lies there without TLS is no secure context.
OFFICE = "--host-resolver-rules=MAP office.example.cn 127.0.0.1"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", OFFICE]
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
    page.wait_for_selector("#result:not(:empty)")
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


@pytest.fixture
def two_keys(copy, published):
    """The office's present key beside the one of before, which signed what is published."""
    new, old = SigningKey(new_private_pem()), published.key
    return new, old


def with_list(copy, name, content):
    folder = copy / "keys"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def listed_verdict(copy, browser, pem, *beside):
    place = copy / "370702"
    files = [*sorted((place / "3").iterdir()), place / "timestamp.json", *beside]
    return verdict(browser, (copy / "verify.html").as_uri(), pem=pem, files=files)


def revoking(signer, old, stands_by=()):
    row = Revocation(parse_day("2026-09-01"), "密钥被盗", frozenset(stands_by))
    return build_revocations("示例区教育局", {old.id: row}, signer)


def hashes_of(copy):
    place = copy / "370702"
    names = ("3/edition.json", "3/manifest.json", "timestamp.json")
    return [sha256((place / name).read_bytes()) for name in names]


def test_what_a_revoked_key_signed_counts_only_where_it_is_stood_by(copy, browser, two_keys):
    new, old = two_keys
    pem = new.public_pem + old.public_pem
    path = with_list(copy, REVOKED_FILE, revoking(new, old))
    said = listed_verdict(copy, browser, pem, path)
    assert "核验不通过" in said
    assert "已吊销，本文件不在吊销名单所确认之列" in said
    path.write_bytes(revoking(new, old, hashes_of(copy)))
    said = listed_verdict(copy, browser, pem, path)
    assert "核验通过" in said
    assert "自 2026-09-01 起已吊销（密钥被盗）" in said


def test_a_list_of_revoked_keys_lies_beside_the_editions_of_a_site(site, copy, browser, two_keys):
    new, old = two_keys
    with_list(copy, REVOKED_FILE, revoking(new, old))
    address = f"{site}/verify.html?edition=370702/3"
    said = verdict(browser, address, pem=new.public_pem + old.public_pem)
    assert "已吊销" in said
    assert "核验不通过" in said


def test_a_stolen_key_revokes_no_newer_one(copy, browser, two_keys):
    new, old = two_keys
    path = with_list(copy, REVOKED_FILE, revoking(old, new))
    said = listed_verdict(copy, browser, new.public_pem + old.public_pem, path)
    assert "吊销名单不是由更新的可信密钥签署" in said
    assert "核验通过" in said


@pytest.mark.parametrize(("until", "passes"), [("2026-08-31", True), ("2026-08-30", False)])
def test_a_key_counts_up_to_its_last_day(copy, browser, two_keys, until, passes):
    new, old = two_keys
    keys = [
        replace(new.public, valid_from=parse_day("2026-08-25")),
        replace(old.public, rank=1, valid_until=parse_day(until)),
    ]
    content = build_key_list("示例区教育局", keys, new)
    place = copy / "370702"
    files = sorted((place / "3").iterdir())  # its timestamp is of the cut-off, too
    said = verdict(browser, (copy / "verify.html").as_uri(), pem=content, files=files)
    assert ("核验通过" in said) == passes, said
    assert ("只用到 2026-08-30" in said) != passes
    forged = content.replace(until.encode(), b"2027-12-31")
    said = verdict(browser, (copy / "verify.html").as_uri(), pem=forged, files=files)
    assert "密钥清单不是由所列密钥签署的" in said


def resigned(copy, key):
    """The edition of the copy signed anew, with its manifest."""
    place = copy / "370702" / "3"
    manifest = json.loads((place / "manifest.json").read_bytes())
    for name in ("edition.json", "manifest.json"):
        document = manifest if name == "manifest.json" else json.loads((place / name).read_bytes())
        del document["signatures"]
        (place / name).write_bytes(key.sign(document))
        if name == "edition.json":
            manifest["files"][name] = sha256((place / name).read_bytes())


def test_sm2_is_told_in_a_plain_word_and_never_taken_for_verified(copy, browser, published):
    sm2 = SigningKey(new_private_pem(SM2_SUITE))
    resigned(copy, SigningKey(_private(published.key), beside=[sm2]))
    said = of_folder(copy, browser, published.key.public_pem + sm2.public_pem, with_timestamp=False)
    assert "核验通过（仅 Ed25519 签名）" in said
    assert "SM2 签名没有核验" in said
    resigned(copy, sm2)
    said = of_folder(copy, browser, sm2.public_pem, with_timestamp=False)
    assert "核验通过" not in said
    assert "SM2 签名没有核验" in said


def _private(key):
    """The private key of a test as PEM."""
    return private_pem(SUITES[key.suite], key._private)


def test_a_suite_that_nobody_knows_is_refused_and_never_skipped(copy, browser, published):
    path = copy / "370702" / "3" / "manifest.json"
    document = json.loads(path.read_bytes())
    document["signatures"].append({"suite": "rot13", "key_id": "0" * 16, "value": "00"})
    path.write_bytes(canonical(document))
    said = of_folder(copy, browser, published.key.public_pem)
    assert "签名算法 rot13 不认识" in said
    assert "核验不通过" in said


def test_an_edition_under_another_name_and_files_of_strange_names_are_told(
    site, copy, browser, published
):
    place = copy / "370703"
    shutil.copytree(copy / "370702", place, symlinks=True)
    address = f"{site}/verify.html?edition=370703/3"
    said = verdict(browser, address, pem=published.key.public_pem)
    assert "放在 370703 名下，内容却是 370702 的" in said
    (copy / "370702" / "3" / "constructor").write_text("forged")
    said = of_folder(copy, browser, published.key.public_pem)
    assert "constructor：不在签名清单中" in said


def test_a_page_of_an_address_without_tls_says_that_it_cannot_verify(site, browser, published):
    port = site.rpartition(":")[2]
    address = f"http://office.example.cn:{port}/verify.html?edition=370702/latest"
    said = verdict(browser, address, pem=published.key.public_pem)
    assert "须以 https" in said
    assert "核验通过" not in said
