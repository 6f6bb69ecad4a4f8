"""A table read from the disk line by line comes to what its bytes come to when read whole."""

from pathlib import Path

import pytest

from feewatch.statements import long_tables
from feewatch.statements.reading import read

FILES = sorted((Path(__file__).parents[1] / "data" / "statements").glob("*.csv"))


@pytest.fixture
def both(tmp_path, layouts):
    """What bytes come to, whole and from the disk; and whether they were read line by line."""

    def of(content, monkeypatch=None):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        whole = read(content, "file.csv", layouts)
        if monkeypatch:
            monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("held whole"))
        return whole, read(path, "file.csv", layouts)

    return of


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_layout_is_read_line_by_line(path, both, monkeypatch):
    whole, by_line = both(path.read_bytes(), monkeypatch)
    assert by_line == whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_each_encoding_is_read_line_by_line(samples, both, encoding, monkeypatch):
    whole, by_line = both(samples.table().encode(encoding), monkeypatch)
    assert by_line == whole
    assert len(by_line.statements[0].rows) == len(samples.rows)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\0\n",
        lambda raw: raw + b"\xff\xff\n",
        lambda raw: raw[:-2] + "费".encode("gb18030")[:1],
        lambda raw: raw[:-10],
        lambda raw: raw.replace(b"CNY", b'"CNY', 1),
        lambda raw: raw.replace(b"CNY", b'"CNY"  '),
        lambda raw: raw.replace(b"A1", b'"A\n1"'),
        lambda raw: raw.decode("gb18030").encode("utf-16"),
        lambda _: b"",
        lambda raw: raw[:120],
    ],
    ids=["nul", "bytes", "half a character", "half a row", "open quote", "padded quotes",
         "cell of two lines", "utf-16", "empty", "no rows"],
)  # fmt: skip
def test_what_is_out_of_the_ordinary_comes_to_the_same(samples, both, spoil):
    whole, by_line = both(spoil(samples.table().encode("gb18030")))
    assert by_line == whole
    assert whole.problems or whole.statements


def test_bytes_that_are_no_utf8_from_somewhere_on_are_read_anew_as_gb18030(samples, both):
    head = "\n".join(["a,b"] * 30_000)  # the first characters beyond ASCII stand far down
    text = head + "\n" + samples.table()
    for encoding in ("utf-8", "gb18030"):
        whole, by_line = both(text.encode(encoding))
        assert by_line == whole


def test_a_quoted_cell_goes_on_in_the_next_batch_of_lines(samples, both, monkeypatch):
    row = "6222000011112222,启明培训中心,CNY,2026-03-02,09:30:00,,0.00,1800.00,王芳,622700,{},"
    plain = [row.format("学费")] * 4094
    text = samples.table(samples.rows[0], *plain, row.format('"两\n行"'), *plain)
    whole, by_line = both(text.encode(), monkeypatch)
    assert by_line == whole
    lines = list(whole.statements[0].rows.column("line"))
    assert lines == [*range(2, 4098), *range(4099, 4099 + len(plain))]


def test_a_file_that_ends_in_a_line_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    for content, is_cut in ((b"a\n", False), (b"a\r", False), (b"a", True)):
        path.write_bytes(content)
        assert long_tables.is_cut(path) is is_cut
