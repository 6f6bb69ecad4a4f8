import shutil
from pathlib import Path

import pytest

from feewatch.kernel.days import parse_day
from feewatch.publication.folder import write_timestamp
from feewatch.publication.signing import SigningKey, new_private_pem, read_public_keys, sha256
from feewatch.publication.verification import open_folder, verify_edition, verify_file


@pytest.fixture
def copy(published, tmp_path):
    """A copy of the district's folder that a test may spoil."""
    return shutil.copytree(published.district, tmp_path / "370702", symlinks=True)


def faults(path, published, as_of=None):
    day = parse_day(as_of) if as_of else None
    return verify_edition(open_folder(path), published.keys, day).faults


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_what_was_published_verifies_back_to_the_first_edition(published):
    report = verify_edition(open_folder(published.district), published.keys, None)
    assert report.is_good
    assert any("back to edition 1" in text.en for text in report.notes)


@pytest.mark.parametrize("place", ["latest", "3", ".", "1"])
def test_an_edition_a_district_and_latest_can_be_named(published, place):
    assert faults(published.district / place, published) == []


def test_one_flipped_byte_in_any_published_file_is_found_and_named(copy, published):
    files = [path for path in copy.rglob("*") if path.is_file() and "latest" not in path.parts]
    assert len(files) == 3 * 8 + 2
    for path in files:
        flip(path)
        named = [fault.file for fault in faults(copy, published)]
        assert any(file.endswith(path.name) for file in named), path
        flip(path)
    assert faults(copy, published) == []


def test_a_missing_file_and_a_stranger_are_named(copy, published):
    (copy / "3" / "白名单.csv").unlink()
    (copy / "3" / "信用黑名单.csv").write_text("forged")
    named = {fault.file for fault in faults(copy, published)}
    assert named == {"白名单.csv", "信用黑名单.csv"}


def test_another_key_does_not_count_even_if_the_whole_edition_is_signed_with_it(published):
    stranger = read_public_keys(SigningKey(new_private_pem()).public_pem)
    report = verify_edition(open_folder(published.district), stranger, None)
    assert [fault.file for fault in report.faults] == ["manifest.json"]


def test_a_key_beside_the_data_is_never_looked_at(copy, published):
    stranger = SigningKey(new_private_pem())
    (copy / "key.pem").write_bytes(published.key.public_pem)
    report = verify_edition(open_folder(copy), read_public_keys(stranger.public_pem), None)
    assert not report.is_good


def test_an_edition_swapped_for_another_breaks_the_chain(copy, published):
    shutil.rmtree(copy / "2")
    shutil.copytree(copy / "1", copy / "2")
    assert [fault.file for fault in faults(copy, published)] == ["../2/edition.json"]


def test_a_chain_whose_beginning_is_elsewhere_is_checked_as_far_as_it_goes(copy, published):
    shutil.rmtree(copy / "1")
    report = verify_edition(open_folder(copy), published.keys, None)
    assert report.is_good
    assert any("edition 1 is not here" in text.en for text in report.notes)


@pytest.mark.parametrize(("as_of", "is_fresh"), [("2026-09-07", True), ("2026-09-08", False)])
def test_freshness_lasts_a_week_after_the_timestamp(published, as_of, is_fresh):
    assert (faults(published.district, published, as_of) == []) is is_fresh


def test_an_edition_that_is_not_the_latest_is_not_fresh(published):
    (fault,) = faults(published.district / "2", published, "2026-09-01")
    assert (fault.file, fault.code) == ("../timestamp.json", "VERIFY-STALE")
    assert "edition 3" in fault.text.en


def test_without_a_timestamp_freshness_is_not_taken_for_granted(copy, published):
    (copy / "timestamp.json").unlink()
    assert faults(copy, published) == []
    assert [fault.file for fault in faults(copy, published, "2026-09-01")] == ["../timestamp.json"]


def test_a_signed_file_of_another_kind_does_not_pass_as_a_manifest(copy, published):
    shutil.copy(copy / "timestamp.json", copy / "3" / "manifest.json")
    assert [fault.file for fault in faults(copy, published)] == ["manifest.json"]


def test_a_timestamp_of_another_district_does_not_count(copy, published):
    (copy.parent / "370703").mkdir()
    write_timestamp(copy.parent, "370703", 3, "ab", parse_day("2026-08-31"), published.key)
    shutil.copy(copy.parent / "370703" / "timestamp.json", copy / "timestamp.json")
    assert [fault.file for fault in faults(copy, published, "2026-09-01")] == ["../timestamp.json"]


@pytest.mark.parametrize("name", ["edition.json", "白名单.csv", "index.html", "manifest.json"])
def test_a_single_file_is_checked_alone_and_says_so(copy, published, name):
    path = copy / "3" / name
    report = verify_file(path, published.keys)
    assert report.is_good
    assert "single file" in report.notes[0].en
    flip(path)
    assert [fault.file for fault in verify_file(path, published.keys).faults] == [name]


def test_a_lone_csv_without_its_manifest_cannot_be_verified(copy, published, tmp_path):
    lone = shutil.copy(copy / "3" / "白名单.csv", tmp_path / "白名单.csv")
    assert not verify_file(lone, published.keys).is_good


OLD = Path("tests/data/editions-1")


@pytest.mark.parametrize("place", [".", "1", "3"])
def test_editions_of_the_first_format_still_verify(place):
    keys = read_public_keys((OLD / "office.pem").read_bytes())
    report = verify_edition(open_folder(OLD / "370702" / place), keys, None)
    assert report.faults == []
    assert (report.office, report.district) == ("示例区教育局", "370702")
    fresh = verify_edition(open_folder(OLD / "370702"), keys, parse_day("2026-09-03"))
    assert (fresh.is_good, fresh.number, fresh.age_days) == (True, 3, 3)


def test_the_report_says_which_edition_it_is_of(published):
    report = verify_edition(open_folder(published.district), published.keys, None)
    shown = report.as_json()
    assert (shown["office"], shown["district"], shown["number"], shown["cut_off"]) == (
        "示例区教育局", "370702", 3, "2026-08-31",
    )  # fmt: skip
    assert (shown["good"], shown["key_ids"]) == (True, [published.key.id])


def test_an_edition_laid_under_another_district_or_number_is_told(copy, published):
    (copy.parent / "other").mkdir()
    moved = shutil.copytree(copy, copy.parent / "other" / "370703", symlinks=True)
    (fault,) = faults(moved, published)
    assert "370703" in fault.text.zh
    shutil.copytree(copy / "3", copy / "4")
    assert "manifest.json" in {fault.file for fault in faults(copy / "4", published)}


def test_a_line_of_the_transparency_file_cannot_be_changed_left_out_or_cut_off(copy, published):
    chain = copy / "chain.jsonl"
    lines = chain.read_bytes().splitlines(keepends=True)
    assert faults(copy, published) == []
    for spoilt in ([lines[0], lines[2]], lines[1:], lines[:2], [*lines, lines[2]], []):
        chain.write_bytes(b"".join(spoilt))
        assert {fault.file for fault in faults(copy, published)} == {"../chain.jsonl"}
    chain.unlink()
    assert {fault.file for fault in faults(copy, published)} == {"../chain.jsonl"}


def test_an_edition_newer_than_its_timestamp_is_not_out_of_date(copy, published):
    (copy / "timestamp.json").unlink()
    second = (copy / "2" / "edition.json").read_bytes()
    write_timestamp(
        copy.parent, "370702", 2, sha256(second), parse_day("2026-08-30"), published.key
    )
    assert faults(copy, published, "2026-09-01") == []
