"""Files made to break a reader: nothing raises, nothing hangs, nothing spoilt passes as sound."""

import io
import random
import time
import zipfile

import pytest

from feewatch.statements.lengths import MOST_CHARACTERS

MEGABYTE = 1 << 20


def quickly(seconds, do):
    started = time.perf_counter()
    found = do()
    assert time.perf_counter() - started < seconds
    return found


def mutants(seed, raws):
    """Ever new spoilt copies: flipped bits, cuts, repeats, other encodings, foreign pieces."""
    rng = random.Random(seed)
    pieces = [b"\x00", b"\xff\xfe", b'"', b",", b"\r", b"\n:61:", b"<", b"&x;", b"\x84\x31\x95\x33",
              b":62F:", b"</Stmt>", "９".encode(), b"-}", b"{4:", b"1e999", b"\x1a"]  # fmt: skip
    while True:
        raw = bytearray(rng.choice(raws))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(raw))
            match rng.randrange(6):
                case 0:
                    raw[at] ^= 1 << rng.randrange(8)
                case 1:
                    del raw[at:]
                    raw = raw or bytearray(b"x")
                case 2:
                    raw[at:at] = rng.choice(pieces)
                case 3:
                    end = min(len(raw), at + rng.randint(1, 200))
                    raw[at:at] = raw[at:end]
                case 4:
                    del raw[at : at + rng.randint(1, 60)]
                    raw = raw or bytearray(b"x")
                case 5:
                    raw[at] = rng.randrange(256)
        yield bytes(raw)


@pytest.mark.parametrize("seed", range(6))
def test_spoilt_files_never_raise_and_never_pass_with_a_wrong_sum(samples, reading, seed):
    texts = (
        samples.table(before=["期初余额,1000.00"], after=["期末余额,2000.00"]),
        samples.mt940,
        samples.camt(),
    )
    raws = [text.encode(code) for text in texts for code in ("utf-8", "gb18030", "utf-16")]
    made = mutants(seed, raws)
    for _ in range(60):
        raw = next(made)
        found = quickly(1, lambda raw=raw: reading(raw))
        for each in found.statements:
            assert each.from_day <= each.to_day, raw
            if not each.faults and None not in (each.opening_fen, each.closing_fen):
                total = each.opening_fen + sum(row.amount_fen for row in each.rows)
                assert total == each.closing_fen, raw


@pytest.mark.parametrize("filler", ["x", "9", ",", '"', ":", "<", "１", "\r", "?20", "{", "-"])
def test_one_line_of_ten_megabytes_does_not_hang(samples, reading, filler):
    size = 2 if filler == "\r" else 10
    long = filler * (size * MEGABYTE // len(filler.encode()))
    for content in (long, samples.header + "\n" + long):
        found = quickly(20, lambda content=content: reading(content))
        assert all(len(each.message.both()) < 5000 for each in found.problems)


@pytest.mark.parametrize(
    ("length", "codes"), [(MOST_CHARACTERS, []), (MOST_CHARACTERS + 1, ["FILE-TEXT"])]
)
def test_a_text_in_a_message_longer_than_any_cell_of_a_table_refuses_it(
    samples, reading, length, codes
):
    for text in (samples.mt940, samples.camt()):
        found = reading(text.replace("学费 HT1", "x" * length))
        assert [each.code for each in found.problems] == codes
        assert [each.line is not None for each in found.problems] == [True for _ in codes]
    account = reading(samples.mt940.replace("6222000011112222", "6" * length))
    assert [each.code for each in account.problems] == codes


def test_a_field_of_ten_megabytes_does_not_hang(samples, reading):
    long = "9" * (10 * MEGABYTE)
    texts = [
        samples.table(samples.rows[0].replace(told, long))
        for told in ("学费 HT1", "800.00", "2026-03-02")
    ]
    texts += [
        samples.mt940.replace(told, long) for told in ("学费 HT1", "800,00", "C260309CNY2000,00")
    ]
    texts += [samples.camt().replace(told, long) for told in ("学费 HT1", "800.00", "2026-03-02")]
    for content in texts:
        found = quickly(20, lambda content=content: reading(content))
        assert all(len(each.message.both()) < 5000 for each in found.problems)


def test_a_bomb_of_entities_is_refused_at_once(samples, refusal):
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    prolog = f'<!DOCTYPE Document [<!ENTITY l0 "ha">{levels}]>'
    text = samples.camt(prolog=prolog).replace("学费 HT1", "&l11;")
    assert quickly(2, lambda: refusal(text)) != []


def test_a_quadratic_bomb_is_refused_at_once(samples, refusal):
    prolog = f'<!DOCTYPE Document [<!ENTITY x "{"x" * 100_000}">]>'
    text = samples.camt(prolog=prolog).replace("学费 HT1", "&x;" * 10_000)
    assert quickly(2, lambda: refusal(text)) != []


@pytest.mark.parametrize("depth", [300, 100_000])
def test_elements_nested_without_end_do_no_harm(samples, reading, depth):
    nested = "<a>" * depth + "</a>" * depth
    quickly(10, lambda: reading(samples.camt().replace("学费 HT1", nested)))


def zipped(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"\0" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000,
        b"\xd0\xcf\x11\xe0",
        zipped({"a.txt": "x"}),
        zipped({"xl/workbook.xml": "x", "[Content_Types].xml": "x"}),
    ],
)
def test_what_only_begins_like_a_workbook_is_refused(refusal, content):
    assert refusal(content) != []


def test_a_bomb_in_a_workbook_is_refused_at_once(refusal):
    bomb = zipped({"xl/workbook.xml": "x", "xl/worksheets/sheet1.xml": b"\0" * (200 * MEGABYTE)})
    assert quickly(2, lambda: refusal(bomb)) != []
