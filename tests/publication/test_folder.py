import json

import pytest

from feewatch.kernel.days import parse_day
from feewatch.publication import folder
from feewatch.publication.signing import SigningKey, new_private_pem

KEY = SigningKey(new_private_pem())
DOCUMENT = {
    "office": "局", "number": 1, "district": "370702", "cut_off": "2026-07-31",
    "kind": "regular", "rule_book": "rb", "previous_sha256": None,
    "lists": {"white": [], "notice": []}, "unrated": [], "delta": [], "counts": {},
}  # fmt: skip


def write(root):
    folder.write_edition(root, DOCUMENT, KEY.sign(DOCUMENT), KEY)


def test_an_edition_lies_there_with_all_its_files(tmp_path):
    write(tmp_path)
    names = sorted(path.name for path in (tmp_path / "370702" / "1").iterdir())
    assert names == [
        "edition.json", "feed.atom", "index.html", "manifest.json", "名单.xlsx", "白名单.csv",
        "监管提示.csv",
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "370702").iterdir()] == ["1"]


def test_a_process_that_dies_while_writing_leaves_no_half_edition(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    written = []

    def write_two(path, content):
        if len(written) == 2:
            raise Killed
        written.append(path)
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_through", write_two)
        with pytest.raises(Killed):
            write(tmp_path)
    assert not (tmp_path / "370702" / "1").exists()
    write(tmp_path)
    assert (tmp_path / "370702" / "1" / "manifest.json").exists()


def test_an_edition_that_lies_there_is_never_rewritten(tmp_path):
    write(tmp_path)
    before = (tmp_path / "370702" / "1" / "edition.json").stat().st_mtime_ns
    write(tmp_path)
    assert (tmp_path / "370702" / "1" / "edition.json").stat().st_mtime_ns == before


def test_latest_never_goes_back(tmp_path):
    (tmp_path / "370702").mkdir()
    for number in (1, 10, 9):
        folder.switch_latest(tmp_path, "370702", number)
    assert (tmp_path / "370702" / "latest").readlink().name == "10"


def test_a_timestamp_lives_a_week_and_never_gets_older(tmp_path):
    (tmp_path / "370702").mkdir()
    for issued in ("2026-07-31", "2026-08-03", "2026-08-01"):
        folder.write_timestamp(tmp_path, "370702", 1, "ab", parse_day(issued), KEY)
    found = json.loads((tmp_path / "370702" / "timestamp.json").read_bytes())
    assert (found["issued_on"], found["expires_on"]) == ("2026-08-03", "2026-08-10")
