"""Keys: which one verification believes, and what a rotation leaves valid."""

from dataclasses import replace

import pytest

from feewatch.config import Config, Publication
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.lists.keys import export_keys, rotate_key
from feewatch.services.lists.publication import refresh_timestamps
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
