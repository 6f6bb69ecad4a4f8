"""Keys: which one verification believes, and what a rotation leaves valid."""

import json
import shutil
from dataclasses import replace

import pytest

from feewatch.config import Config, Publication
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, Refusal
from feewatch.publication.folder import write_edition
from feewatch.publication.keylist import build_revocations, read_key_file, with_revocations
from feewatch.publication.signing import (
    Revocation,
    SigningKey,
    read_public_keys,
    read_signed,
    sha256,
)
from feewatch.services.lists.keys import (
    OVERLAP_DAYS,
    current_ids,
    ensure_signing_key,
    export_keys,
    export_list,
    find_own_keys,
    get_signing_key,
    init_key,
    key_json,
    lacks_key,
    list_keys,
    rotate_key,
)
from feewatch.services.lists.publication import refresh_timestamps
from feewatch.services.lists.revocation import revoke_key
from feewatch.services.lists.verification import verify

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def test_timestamps_are_refreshed_between_editions(town):
    town.publish()
    place = str(town.app.editions / DISTRICT)
    assert not verify(town.app.config, place, key_file=None, as_of=JULY + 8).is_good
    refresh_timestamps(town.app, JULY + 6)
    assert verify(town.app.config, place, key_file=None, as_of=JULY + 8).is_good


def test_after_a_rotation_old_and_new_editions_verify_with_the_new_export(town, tmp_path):
    town.publish()
    old = tmp_path / "old.pem"
    old.write_bytes(export_keys(town.app))
    rotate_key(town.app, actor="wang")
    town.publish(AUGUST)
    new = tmp_path / "new.pem"
    new.write_bytes(export_keys(town.app))
    place = str(town.app.editions / DISTRICT)
    stranger = replace(town.app.config, folder=tmp_path / "elsewhere")
    assert not verify(stranger, place, key_file=old, as_of=None).is_good
    assert verify(stranger, place, key_file=new, as_of=None).is_good


def test_a_key_is_pinned_at_first_use_and_not_replaced_by_a_later_one(town, tmp_path):
    town.publish()
    key = tmp_path / "key.pem"
    key.write_bytes(export_keys(town.app))
    stranger = replace(town.app.config, folder=tmp_path / "elsewhere")
    place = str(town.app.editions / DISTRICT)
    with pytest.raises(InvalidInputError):
        verify(stranger, place, key_file=None, as_of=None)
    assert verify(stranger, place, key_file=key, as_of=None).is_good
    assert verify(stranger, place, key_file=None, as_of=None).is_good
    pinned = tmp_path / "elsewhere" / "var" / "keys" / "pinned" / f"{DISTRICT}.pem"
    assert pinned.read_bytes() == key.read_bytes()


def test_a_configured_key_decides(town, tmp_path):
    town.publish()
    (tmp_path / "office.pem").write_bytes(export_keys(town.app))
    stranger = Config(
        folder=tmp_path / "elsewhere", publication=Publication(trusted_key="../office.pem")
    )
    place = str(town.app.editions / DISTRICT)
    assert verify(stranger, place, key_file=None, as_of=None).is_good


def test_private_keys_are_readable_by_their_owner_alone(town):
    rotate_key(town.app, actor="wang")
    modes = {path.name: path.stat().st_mode & 0o777 for path in town.app.keys.glob("signing*")}
    assert set(modes.values()) == {0o600}
    assert [name for name in modes if b"PRIVATE" in (town.app.keys / name).read_bytes()] == [
        "signing.pem"
    ]


ENDING = "失窃"


@pytest.fixture
def reader(town, tmp_path):
    """A reader elsewhere who verifies with the newest export of the office."""

    def read(as_of=None, keys=None):
        path = tmp_path / "keys.given"
        path.write_bytes(export_list(town.app) if keys is None else keys)
        stranger = replace(town.app.config, folder=tmp_path / "elsewhere")
        place = str(town.app.editions / DISTRICT)
        return verify(stranger, place, key_file=path, as_of=as_of)

    return read


def stolen(town):
    """The private key as a thief has it, after which the office took another."""
    thief = SigningKey((town.app.keys / "signing.pem").read_bytes())
    rotate_key(town.app, actor="wang")
    return thief


def forge(town, thief, number=2):
    """An edition of the thief's own, its black list emptied, laid in place of the office's."""
    real = json.loads(town.files(1)["edition.json"])
    lists = {name: [] for name in real["lists"]}
    forged = {**real, "number": number, "lists": lists, "cut_off": "2026-08-31"}
    forged["previous_sha256"] = sha256(town.files(1)["edition.json"])
    del forged["signatures"]
    root = town.app.editions
    shutil.rmtree(root / DISTRICT / str(number), ignore_errors=True)
    write_edition(root, forged, thief.sign(forged), thief)
    return root / DISTRICT / str(number)


def test_a_list_of_keys_has_their_days_and_is_signed(town, reader):
    town.publish()
    old = get_signing_key(town.app).id
    rotate_key(town.app, actor="wang")
    new = get_signing_key(town.app).id
    rows = [key_json(key, current_ids(town.app)) for key in list_keys(town.app)]
    assert [(row["key_id"], row["signs"]) for row in rows] == [(new, True), (old, False)]
    assert rows[0]["valid_from"] == format_day(today())
    assert rows[1]["valid_until"] == format_day(today() + OVERLAP_DAYS)
    assert reader().is_good
    given = town.app.editions / "keys" / "keys.json"
    assert set(read_key_file(given.read_bytes())) == {new, old}
    altered = export_list(town.app).replace(old.encode(), b"0" * 16)
    with pytest.raises(InvalidInputError):
        reader(keys=altered)


def test_what_a_thief_signs_verifies_until_the_key_is_revoked_and_never_after(town, reader):
    """Attack 55: rotation alone does not stop a stolen key."""
    town.publish()
    thief = stolen(town)
    place = forge(town, thief)
    keys = read_public_keys(export_keys(town.app))
    signed = (place / "edition.json").read_bytes()
    assert read_signed(signed, keys)[1] is None, "before the revocation nobody can tell"
    shutil.rmtree(place)
    revoked = revoke_key(town.app, thief.id, reason=ENDING, actor="wang")
    assert revoked.left_out == []
    assert not reader().is_good, "the old key vouches that this is the latest"
    refresh_timestamps(town.app, JULY)
    assert reader().is_good, "the office stands by what it published"
    assert any("吊销" in note.zh for note in reader().notes)
    assert thief.id not in read_public_keys(export_keys(town.app))
    own = find_own_keys(town.app.config)
    document, fault = read_signed(signed, own)
    assert (document, thief.id in fault.zh) == (None, True)


def test_from_the_day_of_the_theft_only_confirmed_editions_count(town):
    town.publish()
    town.publish(AUGUST)
    thief = stolen(town)
    day = parse_day("2026-08-15")
    revoked = revoke_key(town.app, thief.id, reason=ENDING, actor="wang", on=day)
    assert revoked.left_out == [f"{DISTRICT}/2"]
    one, two = (town.files(number)["edition.json"] for number in (1, 2))
    own = find_own_keys(town.app.config)
    assert read_signed(one, own)[1] is None
    assert "2026-08-15" in read_signed(two, own)[1].zh
    again = revoke_key(
        town.app, thief.id, reason=ENDING, actor="wang", on=day, confirmed=[f"{DISTRICT}/2"]
    )
    assert again.left_out == []
    assert read_signed(two, find_own_keys(town.app.config))[1] is None


def test_a_thief_cannot_revoke_the_successor(town, reader):
    town.publish()
    thief = stolen(town)
    new = get_signing_key(town.app).id
    forged = build_revocations("x", {new: Revocation(AUGUST, "假", frozenset())}, thief)
    keys = read_key_file(export_list(town.app))
    kept, fault = with_revocations(keys, forged)
    assert (kept, fault is not None) == (keys, True)
    place = town.app.editions / "keys"
    (place / "revoked.json").write_bytes(forged)
    assert reader().is_good


def test_a_reader_remembers_a_revocation_that_is_hidden_later(town, reader, tmp_path):
    town.publish()
    thief = stolen(town)
    given = export_list(town.app)
    town.publish(AUGUST)
    revoke_key(town.app, thief.id, reason=ENDING, actor="wang")
    assert reader(keys=given).is_good
    (town.app.editions / "keys" / "revoked.json").unlink()
    kept = tmp_path / "elsewhere" / "var" / "keys" / "pinned" / f"{DISTRICT}.revoked.json"
    assert kept.is_file()
    forge(town, thief, number=2)
    assert not reader(keys=given).is_good


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key_id": "0" * 16}, "KEY-UNKNOWN"),
        ({"key_id": "current"}, "KEY-SIGNS"),
        ({"on": parse_day("2099-01-01")}, "DAY-AHEAD"),
        ({"reason": " "}, "REASON-REQUIRED"),
        ({"actor": "li"}, "ROLE"),
        ({"actor": "nobody"}, "USER-UNKNOWN"),
        ({"confirmed": ["370702/9"]}, "EDITION-UNKNOWN"),
    ],
)
def test_what_may_be_revoked_and_by_whom(town, change, code):
    town.publish()
    thief = stolen(town)
    given = {"key_id": thief.id, "reason": ENDING, "actor": "wang"} | change
    if given["key_id"] == "current":
        given["key_id"] = get_signing_key(town.app).id
    with pytest.raises(Refusal) as refused:
        revoke_key(town.app, given.pop("key_id"), **given)
    assert refused.value.code == code
    assert not (town.app.keys / "revoked.json").exists()


def test_no_key_is_made_where_editions_exist(town):
    town.publish()
    (town.app.keys / "signing.pem").unlink()
    assert ensure_signing_key(town.app) is False
    assert lacks_key(town.app)
    with pytest.raises(ConflictError) as refused:
        init_key(town.app, actor="wang")
    assert refused.value.code == "KEY-EDITIONS"
    assert not (town.app.keys / "signing.pem").exists()
    assert init_key(town.app, actor="wang", lost=True)


def test_an_edition_bears_both_signatures_once_the_office_has_an_sm2_key(town, reader):
    town.publish()
    rotate_key(town.app, actor="wang", suite="sm2-sm3")
    town.publish(AUGUST)
    signatures = json.loads(town.files(2)["edition.json"])["signatures"]
    assert [each["suite"] for each in signatures] == ["ed25519-sha256", "sm2-sm3"]
    assert reader().is_good
    chinese = [key for key in list_keys(town.app) if key.suite == "sm2-sm3"]
    (town.app.editions / DISTRICT / "latest").unlink()
    shutil.rmtree(town.app.editions / DISTRICT / "1")
    (town.app.editions / DISTRICT / "latest").symlink_to("2")
    signed = town.files(2)["edition.json"]
    assert read_signed(signed, {chinese[0].id: chinese[0]})[1] is None
