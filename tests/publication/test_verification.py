import shutil

import pytest

from feewatch.kernel.days import parse_day
from feewatch.publication.folder import write_timestamp
from feewatch.publication.signing import SigningKey, new_private_pem, read_public_keys
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
    assert len(files) == 3 * 6 + 1
    for path in files:
        flip(path)
        named = [file for file, _ in faults(copy, published)]
        assert any(file.endswith(path.name) for file in named), path
        flip(path)
    assert faults(copy, published) == []


def test_a_missing_file_and_a_stranger_are_named(copy, published):
    (copy / "3" / "white.csv").unlink()
    (copy / "3" / "credit_black.csv").write_text("forged")
    named = {file for file, _ in faults(copy, published)}
    assert named == {"white.csv", "credit_black.csv"}


def test_another_key_does_not_count_even_if_the_whole_edition_is_signed_with_it(published):
    stranger = read_public_keys(SigningKey(new_private_pem()).public_pem)
    report = verify_edition(open_folder(published.district), stranger, None)
    assert [file for file, _ in report.faults] == ["manifest.json"]


def test_a_key_beside_the_data_is_never_looked_at(copy, published):
    stranger = SigningKey(new_private_pem())
    (copy / "key.pem").write_bytes(published.key.public_pem)
    report = verify_edition(open_folder(copy), read_public_keys(stranger.public_pem), None)
    assert not report.is_good


def test_an_edition_swapped_for_another_breaks_the_chain(copy, published):
    shutil.rmtree(copy / "2")
    shutil.copytree(copy / "1", copy / "2")
    assert [file for file, _ in faults(copy, published)] == ["../2/edition.json"]


def test_a_chain_whose_beginning_is_elsewhere_is_checked_as_far_as_it_goes(copy, published):
    shutil.rmtree(copy / "1")
    report = verify_edition(open_folder(copy), published.keys, None)
    assert report.is_good
    assert any("edition 1 is not here" in text.en for text in report.notes)


@pytest.mark.parametrize(("as_of", "is_fresh"), [("2026-09-07", True), ("2026-09-08", False)])
def test_freshness_lasts_a_week_after_the_timestamp(published, as_of, is_fresh):
    assert (faults(published.district, published, as_of) == []) is is_fresh


def test_an_edition_that_is_not_the_latest_is_not_fresh(published):
    ((file, text),) = faults(published.district / "2", published, "2026-09-01")
    assert file == "../timestamp.json"
    assert "edition 3" in text.en


def test_without_a_timestamp_freshness_is_not_taken_for_granted(copy, published):
    (copy / "timestamp.json").unlink()
    assert faults(copy, published) == []
    assert [file for file, _ in faults(copy, published, "2026-09-01")] == ["../timestamp.json"]


def test_a_signed_file_of_another_kind_does_not_pass_as_a_manifest(copy, published):
    shutil.copy(copy / "timestamp.json", copy / "3" / "manifest.json")
    assert [file for file, _ in faults(copy, published)] == ["manifest.json"]


def test_a_timestamp_of_another_district_does_not_count(copy, published):
    (copy.parent / "370703").mkdir()
    write_timestamp(copy.parent, "370703", 3, "ab", parse_day("2026-08-31"), published.key)
    shutil.copy(copy.parent / "370703" / "timestamp.json", copy / "timestamp.json")
    assert [file for file, _ in faults(copy, published, "2026-09-01")] == ["../timestamp.json"]


@pytest.mark.parametrize("name", ["edition.json", "white.csv", "index.html", "manifest.json"])
def test_a_single_file_is_checked_alone_and_says_so(copy, published, name):
    path = copy / "3" / name
    report = verify_file(path, published.keys)
    assert report.is_good
    assert "single file" in report.notes[0].en
    flip(path)
    assert [file for file, _ in verify_file(path, published.keys).faults] == [name]


def test_a_lone_csv_without_its_manifest_cannot_be_verified(copy, published, tmp_path):
    lone = shutil.copy(copy / "3" / "white.csv", tmp_path / "white.csv")
    assert not verify_file(lone, published.keys).is_good
