"""What ``feewatch verify`` says to each way of spoiling published editions; docs/editions.md."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.publication.folder import edition_files, write_timestamp
from feewatch.publication.signing import SigningKey, new_private_pem, sha256
from feewatch.services.lists.keys import PINNED, export_keys, get_signing_key
from feewatch.services.lists.verification import EditionSite, verify

JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")
DISTRICT, LATEST = "370702", "2"
PAGE = Path("docs/editions.md")


class Auditor:
    """Someone elsewhere with the office's key, who verified the editions as they were published."""

    def __init__(self, town, path):
        self.town, self.key = town, path / "office.pem"
        self.key.write_bytes(export_keys(town.app))
        self.config = Config(folder=path / "auditor")
        self.root = path / "copy"
        town.publish(JULY)
        self.july = shutil.copytree(town.app.editions, path / "july", symlinks=True)
        town.publish(AUGUST)
        shutil.copytree(town.app.editions, self.root, symlinks=True)
        assert self.verify().is_good

    @property
    def place(self):
        return self.root / DISTRICT

    def verify(self, place=None, **options):
        return verify(
            self.config, str(place or self.place), key_file=self.key,
            **({"as_of": AUGUST + 1} | options),
        )  # fmt: skip


@pytest.fixture
def auditor(town, tmp_path):
    return Auditor(town, tmp_path)


def rewrite(path, change):
    """A JSON file with some of its values changed, in canonical form."""
    document = json.loads(path.read_bytes())
    change(document)
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def one_byte(auditor):
    path = auditor.place / LATEST / "白名单.csv"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def a_name_left_out(auditor):
    rewrite(auditor.place / LATEST / "edition.json", lambda d: d["lists"]["white"].pop())


def a_name_left_out_and_the_manifest_made_to_fit(auditor):
    a_name_left_out(auditor)
    hashed = sha256((auditor.place / LATEST / "edition.json").read_bytes())
    rewrite(
        auditor.place / LATEST / "manifest.json",
        lambda d: d["files"].update({"edition.json": hashed}),
    )


def signed_by_a_stranger(auditor):
    place, stranger = auditor.place / LATEST, SigningKey(new_private_pem())
    document = json.loads((place / "edition.json").read_bytes())
    del document["signatures"]
    for name, content in edition_files(document, stranger.sign(document), stranger).items():
        (place / name).write_bytes(content)


def a_file_more(auditor):
    (auditor.place / LATEST / "黑名单2.csv").write_text("forged", encoding="utf-8")


def a_file_less(auditor):
    (auditor.place / LATEST / "名单.xlsx").unlink()


def white_space(auditor):
    path = auditor.place / LATEST / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'","', b'", "', 1))


def an_older_state(auditor):
    shutil.rmtree(auditor.place)
    shutil.copytree(auditor.july / DISTRICT, auditor.place, symlinks=True)


def another_district(auditor):
    auditor.root.joinpath("370703").mkdir()
    for path in auditor.place.iterdir():
        target = auditor.root / "370703" / path.name
        if path.is_symlink():
            target.symlink_to(path.readlink())
        else:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, target)


def another_edition_before(auditor):
    shutil.rmtree(auditor.place / "1")
    shutil.copytree(auditor.place / LATEST, auditor.place / "1")


def a_line_of_the_chain_less(auditor):
    path = auditor.place / "chain.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def a_later_expiry(auditor):
    rewrite(auditor.place / "timestamp.json", lambda d: d.update(expires_on="2099-01-01"))


def a_second_edition_of_the_same_number(auditor):
    """The office itself signs another edition 2 and shows it to this reader."""
    place, key = auditor.place / LATEST, get_signing_key(auditor.town.app)
    document = json.loads((place / "edition.json").read_bytes())
    del document["signatures"]
    document["lists"]["white"].pop()
    signed = key.sign(document)
    for name, content in edition_files(document, signed, key).items():
        (place / name).write_bytes(content)
    (auditor.place / "timestamp.json").unlink()
    write_timestamp(auditor.root, DISTRICT, 2, sha256(signed), AUGUST, key)


#: What is done, what it is called in the docs, and the first word that `verify` has for it.
ATTACKS = [
    (one_byte, "改动一个文件的一个字节", "VERIFY-FAILED 白名单.csv"),
    (a_name_left_out, "从 edition.json 里去掉一个名字", "VERIFY-FAILED edition.json"),
    (
        a_name_left_out_and_the_manifest_made_to_fit,
        "去掉一个名字，再改清单里的哈希",
        "VERIFY-FAILED manifest.json",
    ),
    (signed_by_a_stranger, "整期用别人的密钥重新签名", "VERIFY-FAILED manifest.json"),
    (a_file_more, "多放一个文件", "VERIFY-FAILED 黑名单2.csv"),
    (a_file_less, "拿走一个文件", "VERIFY-FAILED 名单.xlsx"),
    (white_space, "清单里只多一个空格", "VERIFY-FAILED manifest.json"),
    (an_older_state, "把整个文件夹换回上月的样子", "VERIFY-STALE ../timestamp.json"),
    (another_district, "把一个地区的版次放到另一地区名下", "VERIFY-FAILED manifest.json"),
    (another_edition_before, "把前一期换成别的一期", "VERIFY-FAILED ../1/edition.json"),
    (a_line_of_the_chain_less, "截掉透明记录的最后一行", "VERIFY-FAILED ../chain.jsonl"),
    (a_later_expiry, "把时间戳的届满日改晚", "VERIFY-FAILED ../timestamp.json"),
    (
        a_second_edition_of_the_same_number,
        "本机关对同一期号另签一版",
        "VERIFY-FORK ../chain.jsonl",
    ),
]


@pytest.mark.parametrize(("attack", "title", "said"), ATTACKS, ids=[a[0].__name__ for a in ATTACKS])
def test_every_attack_is_named_as_the_docs_say(auditor, attack, title, said):
    attack(auditor)
    place = auditor.root / "370703" if attack is another_district else None
    report = auditor.verify(place)
    assert f"{report.faults[0].code} {report.faults[0].file}" == said
    assert f"| {title} | `{said}` |" in PAGE.read_text(encoding="utf-8")


def test_going_back_to_an_older_edition_is_told_though_its_timestamp_were_fresh(auditor):
    an_older_state(auditor)
    codes = [fault.code for fault in auditor.verify(as_of=JULY + 1).faults]
    assert codes == ["VERIFY-ROLLBACK"]
    archived = auditor.verify(as_of=None)
    assert archived.is_good
    assert any("edition 2 was verified here before" in note.en for note in archived.notes)


def test_the_same_number_signed_twice_is_told_even_where_the_chain_was_changed_too(auditor):
    a_second_edition_of_the_same_number(auditor)
    assert {fault.code for fault in auditor.verify().faults} == {"VERIFY-FORK"}


def test_two_copies_name_the_edition_at_which_they_part(auditor):
    assert auditor.verify(against=str(auditor.town.app.editions / DISTRICT)).is_good
    assert auditor.verify(against=str(auditor.july / DISTRICT)).is_good
    forked = shutil.copytree(auditor.root, auditor.root.parent / "forked", symlinks=True)
    auditor.root, original = forked, auditor.root
    a_second_edition_of_the_same_number(auditor)
    auditor.root = original
    (fault,) = auditor.verify(against=str(forked / DISTRICT)).faults
    assert fault.code == "VERIFY-FORK"
    assert "edition 2" in fault.text.en


def test_a_key_is_pinned_aloud_and_never_beside_the_installation_s_own(auditor, tmp_path):
    notes = [note.en for note in auditor.verify().notes]
    assert not any("pinned" in note for note in notes)  # it was, aloud, the first time
    fresh = replace(auditor.config, folder=tmp_path / "fresh")
    first = verify(fresh, str(auditor.place), key_file=auditor.key, as_of=None)
    assert any("(pinned in" in note.en for note in first.notes)
    office = auditor.town.app.config
    told = verify(office, str(auditor.place), key_file=auditor.key, as_of=None)
    assert any("not pinned" in note.en for note in told.notes)
    assert not (office.var / "keys" / PINNED).exists()


def test_a_stranger_s_key_given_once_on_a_stranger_s_folder_changes_nothing_here(
    auditor, tmp_path, build_town
):
    stranger = build_town(tmp_path / "stranger")
    stranger.add(7)
    stranger.publish(JULY)
    key = tmp_path / "stranger.pem"
    key.write_bytes(export_keys(stranger.app))
    office, forged = auditor.town.app.config, str(stranger.app.editions / DISTRICT)
    assert verify(office, forged, key_file=key, as_of=None).is_good
    assert not verify(office, forged, key_file=None, as_of=None).is_good
    assert verify(office, str(auditor.place), key_file=None, as_of=None).is_good
    pin = office.var / "keys" / PINNED / f"{DISTRICT}.pem"  # an earlier version left it
    pin.parent.mkdir()
    pin.write_bytes(key.read_bytes())
    assert verify(office, str(auditor.place), key_file=None, as_of=None).is_good
    assert not verify(office, forged, key_file=None, as_of=None).is_good


def test_the_manifest_that_chose_the_key_is_the_one_that_is_verified(
    auditor, tmp_path, build_town, monkeypatch
):
    """A server that gives another manifest at the second asking gains nothing."""
    stranger = build_town(tmp_path / "stranger")
    stranger.add(7, district="370799")
    stranger.publish(JULY)
    key = tmp_path / "stranger.pem"
    key.write_bytes(export_keys(stranger.app))
    theirs = stranger.app.editions / "370799"
    assert verify(auditor.config, str(theirs), key_file=key, as_of=None).is_good  # pinned
    asked = []

    def read(_, path):
        place = auditor.place if path == "manifest.json" and not asked else theirs
        asked.append(path)
        file = place / "latest" / path
        return file.read_bytes() if file.is_file() else None

    monkeypatch.setattr(EditionSite, "read", read)
    report = verify(auditor.config, "http://127.0.0.1/x/", key_file=None, as_of=None)
    assert asked.count("manifest.json") == 1
    assert not report.is_good
