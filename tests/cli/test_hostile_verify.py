"""What ``feewatch verify`` says to folders, files and addresses that somebody else prepared."""

import json
import os
import shutil
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from offices import initialise

from feewatch.cli import main
from feewatch.config import Config, Office
from feewatch.kernel.days import parse_day
from feewatch.publication.signing import canonical
from feewatch.services.lists.keys import ensure_signing_key, export_keys
from feewatch.services.lists.publication import publish

JULY = parse_day("2026-07-31")
TOO_LARGE = 300 * 1024 * 1024


def office(path, district):
    """An office that has published one edition, its folder and its public key."""
    app = initialise(Config(folder=path, office=Office(f"{district} 教育局", district)))
    ensure_signing_key(app)
    publish(app, JULY, actor="wang", findings=lambda *_: [], rule_book=lambda _: "rb1")
    key = path / "office.pem"
    key.write_bytes(export_keys(app))
    app.database.dispose()
    return SimpleNamespace(place=app.editions / district, key=key)


@pytest.fixture(scope="module")
def offices_on_disk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("offices")
    return office(folder / "one", "370702"), office(folder / "two", "110108")


@pytest.fixture
def place(offices_on_disk, tmp_path):
    """A copy of the first office's folder, to be spoilt."""
    return shutil.copytree(offices_on_disk[0].place, tmp_path / "copy" / "370702", symlinks=True)


@pytest.fixture
def verify(offices_on_disk, tmp_path):
    config = tmp_path / "reader" / "feewatch.toml"
    config.parent.mkdir()
    config.write_text("", encoding="utf-8")

    def verify(target, *options):
        words = ["--config", str(config), "verify", str(target), "--as-of", "2026-08-01"]
        key = [] if "--key" in options else ["--key", str(offices_on_disk[0].key)]
        done = CliRunner().invoke(main, [*words, *key, *map(str, options)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return verify


def code_of(done):
    return done.exit_code, (done.stderr.strip() or ":").splitlines()[-1].partition(":")[0]


def nested(path):
    (path / "1" / "manifest.json").write_text("[" * 200_000, encoding="ascii")


def nested_in_an_object(path):
    (path / "1" / "manifest.json").write_text('{"district":' + "[" * 200_000, encoding="ascii")


def numbers_without_end(path):
    (path / "1" / "manifest.json").write_text('{"number":' + "9" * 100_000 + "}", encoding="ascii")


def nested_timestamp(path):
    (path / "timestamp.json").write_text("[" * 200_000, encoding="ascii")


def nested_revocations(path):
    (path.parent / "keys").mkdir()
    (path.parent / "keys" / "revoked.json").write_text("[" * 200_000, encoding="ascii")


def without_end(name):
    def spoil(path):
        (path / name).unlink(missing_ok=True)
        (path / name).symlink_to("/dev/zero")

    return spoil


def a_pipe(path):
    (path / "1" / "feed.atom").unlink()
    os.mkfifo(path / "1" / "feed.atom")


def too_large(name):
    def spoil(path):
        os.truncate(path / name, TOO_LARGE)

    return spoil


def latest_is_itself(path):
    (path / "latest").unlink()
    (path / "latest").symlink_to("latest")


def latest_leads_elsewhere(path):
    (path / "latest").unlink()
    (path / "latest").symlink_to("/proc/self")


def a_name_that_is_no_text(path):
    (path / "1" / os.fsdecode(b"\xff\xfe.csv")).write_bytes(b"x")


def nothing_at_all(path):
    shutil.rmtree(path)
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (nested, "VERIFY-FAILED"),
        (nested_in_an_object, "VERIFY-FAILED"),
        (numbers_without_end, "VERIFY-FAILED"),
        (nested_timestamp, "VERIFY-FAILED"),
        (without_end("1/edition.json"), "VERIFY-FAILED"),
        (without_end("1/manifest.json"), "VERIFY-FAILED"),
        (without_end("chain.jsonl"), "VERIFY-FAILED"),
        (without_end("timestamp.json"), "VERIFY-STALE"),
        (a_pipe, "VERIFY-FAILED"),
        (too_large("1/名单.xlsx"), "VERIFY-SIZE"),
        (too_large("1/manifest.json"), "VERIFY-SIZE"),
        (too_large("chain.jsonl"), "VERIFY-SIZE"),
        (latest_is_itself, "VERIFY-FAILED"),
        (latest_leads_elsewhere, "VERIFY-FAILED"),
        (a_name_that_is_no_text, "VERIFY-FAILED"),
        (nothing_at_all, "VERIFY-FAILED"),
    ],
)
def test_a_spoilt_folder_has_one_clear_answer(verify, place, spoil, code):
    assert verify(place).exit_code == 0
    spoil(place)
    assert code_of(verify(place)) == (1, code)


def test_a_list_of_revoked_keys_that_is_none_is_told_and_revokes_nothing(verify, place):
    nested_revocations(place)
    done = verify(place)
    assert done.exit_code == 0
    assert "revoked" in done.stdout or "吊销" in done.stdout


def test_a_signature_without_a_key_beside_the_true_one_changes_nothing(verify, place):
    for name in ("timestamp.json", "1/manifest.json"):
        document = json.loads((place / name).read_bytes())
        document["signatures"].append({"suite": "ed25519-sha256"})
        (place / name).write_bytes(canonical(document))
    assert verify(place).exit_code == 0


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/dev/zero", "VERIFY-PATH"),
        ("/nowhere/at/all", "VERIFY-PATH"),
        ("a" * 5000, "FILE-FAULT"),
        ("http://[::1", "VERIFY-URL"),
        ("http://", "DOWNLOAD"),
        ("file:///etc/passwd", "VERIFY-PATH"),
    ],
)
def test_what_is_no_folder_is_refused_as_the_edition_and_as_the_other_copy(
    verify, place, target, code
):
    assert code_of(verify(target)) == (1, code)
    assert code_of(verify(place, "--against", target)) == (1, code)


@pytest.mark.parametrize("spoil", [nested, latest_is_itself, nothing_at_all])
def test_another_copy_that_tells_of_no_edition_is_a_fault(verify, place, spoil):
    other = shutil.copytree(place, place.parent.parent / "other" / "370702", symlinks=True)
    (other / "chain.jsonl").unlink()
    (other / "1" / "edition.json").unlink()
    spoil(other)
    done = verify(place, "--against", other)
    assert code_of(done) == (1, "VERIFY-FAILED")
    assert "no edition in common" in done.stderr


def test_the_copy_of_another_office_has_no_edition_in_common(verify, place, offices_on_disk):
    done = verify(place, "--against", offices_on_disk[1].place)
    assert code_of(done) == (1, "VERIFY-FAILED")
    assert "no edition in common" in done.stderr
    assert code_of(verify(offices_on_disk[1].place)) == (1, "VERIFY-FAILED")  # by the first's key


def test_a_forged_copy_proves_nothing_against_the_true_one(verify, place, offices_on_disk):
    """Another office signs an edition of this district: no trusted key, no fork."""
    other = shutil.copytree(place, place.parent.parent / "forged" / "370702", symlinks=True)
    for name in ("edition.json", "manifest.json"):
        shutil.copy(offices_on_disk[1].place / "1" / name, other / "1" / name)
    (other / "chain.jsonl").unlink()
    done = verify(place, "--against", other)
    assert code_of(done) == (1, "VERIFY-FAILED")
    assert "VERIFY-FORK" not in done.stderr


def test_keys_that_are_none_are_refused(verify, place, tmp_path):
    assert verify(place, "--key", "/dev/zero").exit_code == 2
    listed = tmp_path / "keys.json"
    for content in ('{"keys":' + "[" * 200_000, "{}", "-----BEGIN PUBLIC KEY-----\n"):
        listed.write_text(content, encoding="ascii")
        assert code_of(verify(place, "--key", listed)) == (1, "KEY-FORMAT")


def test_without_any_key_nothing_is_believed(offices_on_disk, tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")
    words = ["--config", str(config), "verify", str(offices_on_disk[0].place)]
    done = CliRunner().invoke(main, words)
    assert code_of(done) == (1, "KEY-REQUIRED")
    trusted = '[publication]\ntrusted_key = "absent.pem"\n'
    config.write_text(trusted, encoding="utf-8")
    assert code_of(CliRunner().invoke(main, words)) == (1, "KEY-FILE")
