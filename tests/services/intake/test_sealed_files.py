"""Kept files lie encrypted by a key outside the database; clear ones are caught up."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from services.ledgers import office

from feewatch import founding
from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.sealing.keyring import KeyRing, new_key, write_ring
from feewatch.sealing.suites import SM4_SUITE
from feewatch.services.intake import file_keys, rawfiles, sealing

CONTENT = "户名,王小明\n".encode()
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = office(tmp_path / "home")
    yield app
    app.database.dispose()


def keep_clear(app: App, content: bytes = CONTENT) -> Path:
    """As a release before this one kept a file."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = app.files / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def on_disk(app: App) -> bytes:
    return b"".join(path.read_bytes() for path in app.files.rglob("*") if path.is_file())


def test_what_is_kept_cannot_be_read_on_disk_and_bears_the_hash_of_its_clear_bytes(
    app: App,
) -> None:
    rawfiles.keep(app, SHA, CONTENT)
    assert "王小明".encode() not in on_disk(app)
    assert rawfiles.load(app, SHA) == CONTENT
    assert rawfiles.path_of(app, SHA).name == f"{SHA}.sealed"
    assert app.config.files_key.stat().st_mode & 0o777 == 0o600


def test_the_key_may_lie_on_another_disk(app: App, tmp_path: Path) -> None:
    rawfiles.keep(app, SHA, CONTENT)
    elsewhere = tmp_path / "usb" / "office.key"
    elsewhere.parent.mkdir()
    app.config.files_key.rename(elsewhere)
    paths = replace(app.config.paths, files_key=str(elsewhere))
    moved = App(replace(app.config, paths=paths), app.database)
    assert rawfiles.load(moved, SHA) == CONTENT
    with pytest.raises(UnavailableError) as refusal:
        rawfiles.load(app, SHA)
    assert refusal.value.code == "KEY-MISSING"
    assert str(app.config.files_key) in refusal.value.text.en


def test_no_key_is_made_anew_where_files_are_encrypted(app: App) -> None:
    rawfiles.keep(app, SHA, CONTENT)
    key = app.config.files_key.read_bytes()
    app.config.files_key.unlink()
    for way in (
        lambda: founding.initialise(app.config),
        lambda: rawfiles.keep(app, "0" * 64, b""),
    ):
        with pytest.raises(UnavailableError, match="bring its copy back") as refusal:
            way()
        assert refusal.value.code == "KEY-MISSING"
        assert not app.config.files_key.exists()
    app.config.files_key.write_bytes(key)
    assert rawfiles.load(app, SHA) == CONTENT


def test_a_clear_file_is_read_and_then_encrypted(app: App) -> None:
    clear = keep_clear(app)
    assert rawfiles.load(app, SHA) == CONTENT
    rawfiles.keep(app, SHA, CONTENT)
    assert clear.exists(), "kept already"
    assert sealing.read_state(app).clear == 1
    done = sealing.seal_kept(app, actor="cli")
    assert (done.done, done.left, done.spoilt) == (1, 0, ())
    assert not clear.exists()
    assert rawfiles.load(app, SHA) == CONTENT
    assert sealing.seal_kept(app, actor="cli").done == 0


def test_a_clear_file_that_was_changed_stays_where_it_is(app: App) -> None:
    keep_clear(app).write_bytes(b"forged")
    assert sealing.seal_kept(app, actor="cli").spoilt == (SHA,)
    with pytest.raises(UnavailableError, match="no longer what was received"):
        rawfiles.load(app, SHA)


def test_encrypting_goes_on_after_it_was_killed_at_any_moment(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [f"文件 {n}".encode() for n in range(4)]
    for content in contents:
        keep_clear(app, content)
    steps = 0

    def killed(*_: object) -> bytes:
        nonlocal steps
        steps += 1
        raise KeyboardInterrupt

    assert sealing.seal_kept(app, actor="cli", limit=1).left == 3
    with monkeypatch.context() as patch:
        patch.setattr(sealing.rawfiles, "load", killed)  # the encrypted file stands, the clear too
        with pytest.raises(KeyboardInterrupt):
            sealing.seal_kept(app, actor="cli")
    assert steps == 1
    (app.files / ".half").write_bytes(b"half")
    assert sealing.seal_kept(app, actor="cli").done == 3
    assert sealing.read_state(app).clear == 0
    for content in contents:
        assert rawfiles.load(app, hashlib.sha256(content).hexdigest()) == content


def test_after_a_rotation_old_files_stay_readable_and_are_encrypted_anew(app: App) -> None:
    rawfiles.keep(app, SHA, CONTENT)
    old = file_keys.get_ring(app).current.id
    new = file_keys.rotate(app, actor="cli", suite=SM4_SUITE)
    other = hashlib.sha256(b"new").hexdigest()
    rawfiles.keep(app, other, b"new")
    assert rawfiles.load(app, SHA) == CONTENT
    assert sealing.read_state(app).by_key == {new: 1, old: 1}
    assert sealing.seal_kept(app, actor="cli").done == 1
    assert sealing.read_state(app).by_key == {new: 2, old: 0}
    assert rawfiles.load(app, SHA) == CONTENT


def test_a_file_that_grows_while_it_is_kept_is_kept_as_it_was_read(
    app: App, tmp_path: Path
) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(CONTENT)
    kept = rawfiles.keep_file(app, path, hashlib.sha256(b"as it was before").hexdigest())
    assert kept.sha256 == SHA
    assert kept.file.read_bytes() == CONTENT == rawfiles.load(app, SHA)
    assert [each.name for each in app.files.iterdir() if each.is_file()] == []


def test_a_key_that_comes_between_ring_and_file_is_asked_for_again(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_clear(app)
    sealing.seal_kept(app, actor="cli")
    get_ring, given = rawfiles.get_ring, []

    def ring_of_before(of: App) -> KeyRing:
        given.append(get_ring(of))
        if len(given) == 1:  # between the ring and the file all is encrypted by a new key
            file_keys.rotate(of, actor="cli")
            sealing.seal_kept(of, actor="cli")
        return given[-1]

    monkeypatch.setattr(rawfiles, "get_ring", ring_of_before)
    assert rawfiles.load_bytes(app, SHA) == CONTENT
    assert len(given) > 1


def test_a_key_that_is_gone_is_still_told(app: App) -> None:
    keep_clear(app)
    sealing.seal_kept(app, actor="cli")
    path = app.config.files_key
    path.write_bytes(write_ring([new_key()]))
    with pytest.raises(UnavailableError, match=r"files\.key"):
        rawfiles.load_bytes(app, SHA)


def test_readers_are_not_disturbed_while_files_are_encrypted_anew(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rawfiles, "SHORT_BYTES", 3)
    keep_clear(app)
    faults: list[BaseException] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                assert rawfiles.load_bytes(app, SHA) == CONTENT
            except BaseException as fault:  # noqa: BLE001 - told by the test
                faults.append(fault)

    reader = threading.Thread(target=work)
    reader.start()
    for _ in range(10):
        sealing.seal_kept(app, actor="cli")
        file_keys.rotate(app, actor="cli")
    stop.set()
    reader.join()
    assert faults == []
