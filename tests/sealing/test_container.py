"""A file encrypted at rest gives its bytes back, or nothing at all."""

import hashlib
import io
import tracemalloc
from pathlib import Path

import pytest

from feewatch.kernel.errors import UnavailableError
from feewatch.sealing import container
from feewatch.sealing.container import CHUNK_BYTES, MAGIC, SealedFile, TamperedError, seal
from feewatch.sealing.keyring import FileKey, KeyRing, new_key, read_ring, write_ring
from feewatch.sealing.suites import AES_SUITE, SM4_SUITE, SUITES

SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES)
HEAD = len(MAGIC) + 52
SEALED_CHUNK = CHUNK_BYTES + 16


def ring_of(*keys: FileKey) -> KeyRing:
    return KeyRing(keys[0], {key.id: key for key in keys})


@pytest.fixture(params=[AES_SUITE, SM4_SUITE])
def key(request: pytest.FixtureRequest) -> FileKey:
    return new_key(request.param)


def sealed(path: Path, key: FileKey, content: bytes, name: str = "a") -> SealedFile:
    with path.open("wb") as target:
        assert seal(io.BytesIO(content), target, key, name) == hashlib.sha256(content).hexdigest()
    return SealedFile(path, ring_of(key), name)


def content_of(size: int) -> bytes:
    return bytes(n * 7 % 251 for n in range(size % 997)) + b"\x05" * (size - size % 997)


@pytest.mark.parametrize("size", SIZES)
def test_what_went_in_comes_out_from_any_place(tmp_path: Path, key: FileKey, size: int) -> None:
    content = content_of(size)
    file = sealed(tmp_path / "f", key, content)
    assert file.size == size
    assert file.read_bytes() == content
    assert content[:32] not in (tmp_path / "f").read_bytes() or size < 32
    with file.open() as stream:
        stream.seek(max(size - 5, 0))
        assert stream.read() == content[-5:] if size >= 5 else True
        stream.seek(0)
        assert stream.read(10) == content[:10]


def test_the_key_of_its_day_opens_a_file_after_a_rotation(tmp_path: Path) -> None:
    old, new = new_key(), new_key(SM4_SUITE)
    sealed(tmp_path / "f", old, b"x")
    ring = read_ring(write_ring([new, old]))
    assert ring.current == new
    assert SealedFile(tmp_path / "f", ring, "a").read_bytes() == b"x"
    with pytest.raises(UnavailableError) as refusal:
        SealedFile(tmp_path / "f", ring_of(new), "a")
    assert refusal.value.code == "KEY-MISSING"
    assert old.id in refusal.value.text.en


def chunk(raw: bytes, number: int) -> bytes:
    return raw[HEAD + number * SEALED_CHUNK :][:SEALED_CHUNK]


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


TAMPERS = {
    "the last byte": lambda raw: flipped(raw, len(raw) - 1),
    "a byte of the first chunk": lambda raw: flipped(raw, HEAD + 3),
    "the salt": lambda raw: flipped(raw, HEAD - 1),
    "cut in a chunk": lambda raw: raw[:-7],
    "cut at the end of a chunk": lambda raw: raw[: HEAD + 2 * SEALED_CHUNK],
    "nothing but the head": lambda raw: raw[:HEAD],
    "cut in the head": lambda raw: raw[: HEAD - 5],
    "two chunks exchanged": lambda raw: (
        raw[:HEAD] + chunk(raw, 1) + chunk(raw, 0) + raw[HEAD + 2 * SEALED_CHUNK :]
    ),
    "a chunk doubled": lambda raw: raw[:HEAD] + chunk(raw, 0) * 2 + raw[HEAD + 2 * SEALED_CHUNK :],
    "a chunk left out": lambda raw: raw[:HEAD] + raw[HEAD + SEALED_CHUNK :],
    "bytes added": lambda raw: raw + b"\0",
    "a whole chunk added": lambda raw: raw + chunk(raw, 0),
    "no container": lambda raw: b"x" * len(raw),
}


@pytest.mark.parametrize("tamper", TAMPERS.values(), ids=list(TAMPERS))
def test_an_altered_file_is_refused(tmp_path: Path, key: FileKey, tamper) -> None:
    content = content_of(2 * CHUNK_BYTES + 100)
    sealed(tmp_path / "f", key, content)
    (tmp_path / "f").write_bytes(tamper((tmp_path / "f").read_bytes()))
    with pytest.raises(TamperedError):
        SealedFile(tmp_path / "f", ring_of(key), "a").read_bytes()


def test_a_chunk_of_another_file_is_refused(tmp_path: Path, key: FileKey) -> None:
    content = content_of(2 * CHUNK_BYTES)
    for name in "ab":
        sealed(tmp_path / name, key, content, name)
    mine, other = ((tmp_path / name).read_bytes() for name in "ab")
    (tmp_path / "a").write_bytes(mine[: HEAD + SEALED_CHUNK] + chunk(other, 1))
    with pytest.raises(TamperedError):
        SealedFile(tmp_path / "a", ring_of(key), "a").read_bytes()
    with pytest.raises(TamperedError):
        SealedFile(tmp_path / "b", ring_of(key), "a").read_bytes()


def test_a_suite_that_is_not_known_is_refused(tmp_path: Path, key: FileKey) -> None:
    sealed(tmp_path / "f", key, b"x")
    raw = (tmp_path / "f").read_bytes()
    name = b"rot13".ljust(20, b"\0")
    (tmp_path / "f").write_bytes(MAGIC + name + raw[len(MAGIC) + 20 :])
    with pytest.raises(UnavailableError) as refusal:
        SealedFile(tmp_path / "f", ring_of(key), "a")
    assert refusal.value.code == "SEAL-SUITE"
    other = next(each for each in SUITES if each != key.suite).encode().ljust(20, b"\0")
    (tmp_path / "f").write_bytes(MAGIC + other + raw[len(MAGIC) + 20 :])
    with pytest.raises(TamperedError):
        SealedFile(tmp_path / "f", ring_of(key), "a").read_bytes()


class Pipe(io.RawIOBase):
    """Gives so many bytes in pieces of its own size and holds none of them."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = b"z" * min(self._left, 50_000, size)
        self._left -= len(piece)
        return piece


def test_a_long_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    key, size = new_key(), 20_000_000
    tracemalloc.start()
    with (tmp_path / "f").open("wb") as target:
        seal(Pipe(size), target, key, "a")
    with SealedFile(tmp_path / "f", ring_of(key), "a").open() as stream:
        length = 0
        while piece := stream.read(100_000):
            length += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length == size
    assert peak < 8 * container.CHUNK_BYTES


@pytest.mark.parametrize(
    "content",
    [b"", b"aes-256-gcm 00\n", b"\xff\xfe", write_ring([new_key()]).replace(b" ", b"  ", 1),
     write_ring([new_key()])[:-2]],
    ids=["empty", "short", "no text", "two blanks", "cut"],
)  # fmt: skip
def test_a_damaged_ring_is_refused_without_telling_what_it_holds(content: bytes) -> None:
    with pytest.raises(UnavailableError) as refusal:
        read_ring(content)
    assert refusal.value.code == "KEY-DAMAGED"
    for word in content.decode("latin-1").split()[-1:]:
        assert word not in str(refusal.value)
