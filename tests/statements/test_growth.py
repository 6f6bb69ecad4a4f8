"""Work grows no faster than files do: twice the bytes take about twice the processor's time."""

import gc
import time

import pytest

SIZE = 200_000
LIMIT = 2.5
START = ":20:X\n:25:62220000\n:28C:1/1\n:60F:C260101CNY0,00\n"
ENTRY = ":61:2601010101C1,00NTRFNONREF\n:86:"
OFX = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\n\n<OFX>"
TABLE = (
    "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
)


def memo(piece, size):
    return START + ENTRY + piece * (size // len(piece)) + "\n:62F:C260101CNY1,00\n-\n"


def entries(size):
    count = size // 36
    return START + (ENTRY + "x\n") * count + f":62F:C260101CNY{count},00\n-\n"


MADE = {
    "one subfield again and again": lambda size: memo("?20a", size),
    "a memo of subfields": lambda size: memo("".join(f"?2{n}a" for n in range(10)), size),
    "a memo of short lines": lambda size: memo("abc\n", size),
    "a memo of colons": lambda size: memo("\n:", size),
    "a memo told again and again": lambda size: memo("\n:86:aaaa", size),
    "equal entries": entries,
    "line breaks": lambda size: "\n" * size,
    "line breaks under a header": lambda size: TABLE + "\n" * size,
    "quotes under a header": lambda size: TABLE + '"\n' * (size // 2),
    "commas": lambda size: "," * size,
    "elements of OFX that open": lambda size: OFX + "<A>" * (size // 3),
    "elements of OFX that close": lambda size: OFX + "</A>" * (size // 4),
    "values of OFX": lambda size: OFX + "<A>x\n" * (size // 5),
}


def seconds(do, content):
    gc.collect()
    begun = time.process_time()
    do(content)
    return time.process_time() - begun


@pytest.mark.parametrize("name", MADE)
def test_twice_the_file_is_twice_the_work(reading, name):
    single, double = (MADE[name](size).encode() for size in (SIZE, 2 * SIZE))
    reading(single[:1000])
    ratios = []
    for _ in range(4):  # a machine that does other things measures too much, never too little
        ratios.append(seconds(reading, double) / max(seconds(reading, single), 0.005))
        if ratios[-1] <= LIMIT:
            return
    pytest.fail(f"{name}: {ratios}")
