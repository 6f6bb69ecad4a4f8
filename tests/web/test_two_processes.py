"""Two servers over one office are one: what one was given, the other knows."""

import re

import pytest
import requests

from tests.web.test_server import PASSWORD, log_in, serving

HEADER = "uscc,name,district,subject,nature,custody"
GOOD = "52370702651728628K,甲-SECRET,370702,arts,non_profit,bank_custody"
BAD = "52370702651728628X,乙,370702,arts,non_profit,bank_custody"
FILE = "\n".join([HEADER, GOOD, BAD]).encode()
PLAIN = "secure_cookies = false\n"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    with serving(folder, PLAIN) as (one, _), serving(folder, PLAIN, is_new=False) as (other, _):
        yield folder, one, other


@pytest.fixture
def officer(two):
    with requests.Session() as person:
        person.trust_env = False
        assert log_in(person, two[1], PASSWORD).status_code == 302
        yield person


def token(person, address, path):
    page = person.get(f"{address}{path}", timeout=30)
    assert page.status_code == 200
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def preview(person, address, content):
    form = {"kind": "institutions", "csrf_token": token(person, address, "/registers/")}
    files = {"file": ("机构.csv", content, "text/csv")}
    return person.post(f"{address}/registers/", data=form, files=files, timeout=60)


def test_a_file_looked_at_by_one_is_there_for_the_other_and_lies_in_no_clear_text(two, officer):
    folder, one, other = two
    looked_at = preview(officer, one, FILE)
    assert looked_at.status_code == 200
    word = re.search(r"/registers/([\w-]{20,})", looked_at.text)[1]
    rejects = officer.get(f"{other}/registers/{word}/rejects", timeout=30)
    assert rejects.status_code == 200
    form = {"csrf_token": token(officer, other, f"/registers/{word}"), "skip_bad": "1"}
    done = officer.post(f"{other}/registers/{word}", data=form, timeout=60)
    assert done.status_code == 200
    assert "甲-SECRET" in officer.get(f"{one}/desk/institutions", timeout=30).text
    held = [path for path in (folder / "var" / "previews").iterdir() if path.is_file()]
    assert held
    for path in held:
        assert path.stat().st_mode & 0o077 == 0
        assert "甲-SECRET".encode() not in path.read_bytes()
        assert word not in path.name


def test_a_word_of_somebody_else_opens_nothing(two, officer):
    _, one, other = two
    looked_at = preview(officer, one, FILE)
    word = re.search(r"/registers/([\w-]{20,})", looked_at.text)[1]
    assert officer.get(f"{other}/registers/{word[:-1]}", timeout=30).status_code == 404
    stranger = requests.get(f"{other}/registers/{word}", allow_redirects=False, timeout=30)
    assert stranger.status_code == 302


def test_language_and_log_in_hold_at_both(two, officer):
    _, one, other = two
    officer.get(f"{one}/account/language/en", timeout=30)
    assert 'lang="en"' in officer.get(f"{other}/desk/today", timeout=30).text


def test_failures_at_one_slow_the_other(two):
    _, one, other = two
    with requests.Session() as stranger:
        stranger.trust_env = False
        answers = [
            log_in(stranger, address, "wrong wrong wrong", **{"X-N": str(n)})
            for n in range(4)
            for address in (one, other)
        ]
    assert [each.status_code for each in answers[:5]] == [403] * 5
    assert 429 in [each.status_code for each in answers[5:]]
