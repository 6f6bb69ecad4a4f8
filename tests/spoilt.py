"""Bank files spoilt in every way known, and a process of its own that takes them in and watches.

``python tests/spoilt.py FOLDER SEED COUNT`` prints one JSON line: what came of the files, the
slowest, the peak of memory, and each file after which anything was not as it must be. With
``folder`` behind, all of them lie in one folder that is taken in by one run, and workbooks of every
layout are among them.
"""

import csv
import faulthandler
import io
import json
import os
import re
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import bankfiles
import oldbooks
import openpyxl
from services.ledgers import office
from sqlalchemy import select

from feewatch.bootstrap import App
from feewatch.services.intake import recording
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.store.tables.ledger import (
    account_coverage,
    account_day,
    entry,
    match,
    source_file,
    statement,
    statement_link,
)

MEGABYTE = 1 << 20
#: A file is to take no longer, in seconds of this process; a machine at work takes longer.
MOST_SECONDS, HANGS_AFTER = 10, 60

_NUMBER_OF_XLS = b"\x03\x02\x0e\x00"  # kind and length; the row follows

Spoil = Callable[[Random, bytes], bytes]
Cells = list[list[str | float | None]]

#: A small table of every shipped layout.
LAYOUTS = Path(__file__).parent / "data" / "statements"
_MONEY = re.compile(r"-?\d+\.\d\d")


def layout_cells() -> dict[str, Cells]:
    """The table of each layout as cells of a spreadsheet: amounts are numbers."""
    found = {}
    for path in sorted(LAYOUTS.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        rows = csv.reader(io.StringIO(text), delimiter="|" if "|业务类型" in text else ",")
        found[path.stem] = [
            [float(cell) if _MONEY.fullmatch(cell) else cell or None for cell in row]
            for row in rows
        ]
    return found


def saved(cells: Cells) -> bytes:
    """These cells as an XLSX."""
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def workbook(of: bankfiles.Piece) -> bytes:
    """The generic table as a clerk saves it."""
    book = openpyxl.Workbook()
    for line in bankfiles.generic(of).decode().splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with its parts changed."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for part in source.infolist():
            package.writestr(part.filename, change(part.filename, source.read(part)))
    return target.getvalue()


def of_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with its sheet changed."""
    return repacked(content, lambda name, part: change(part) if "sheet1.xml" in name else part)


def flipped(dice: Random, raw: bytes) -> bytes:
    spoilt = bytearray(raw)
    for _ in range(dice.randint(1, 8)):
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


def cut(dice: Random, raw: bytes) -> bytes:
    return raw[: dice.randrange(len(raw))]


def spliced(dice: Random, raw: bytes) -> bytes:
    pieces = [b"\0", b"\xff\xfe", b'"', b",", b"\r", b"\n:61:", b"<", b"&x;", b":62F:", b"</Stmt>",
              "９".encode(), b"-}", b"{4:", b"1e999", b"\x1a", b"\n:25:", b"\n-\n"]  # fmt: skip
    at = dice.randrange(len(raw))
    return raw[:at] + dice.choice([*pieces, raw[at : at + 300]]) + raw[at + dice.randrange(40) :]


def misencoded(dice: Random, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "ignore") if dice.random() < 0.7 else raw.decode("gb18030", "ignore")
    code = dice.choice(["utf-16", "utf-16-be", "utf-32", "big5", "shift-jis", "cp852", "utf-7"])
    return dice.choice([b"", b"\xef\xbb\xbf", b"\xff\xfe"]) + text.encode(code, "replace")


def with_nul(dice: Random, raw: bytes) -> bytes:
    at = dice.randrange(len(raw))
    return raw[:at] + b"\0" * dice.choice([1, 2, 4096]) + raw[at:]


def with_long_line(dice: Random, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    filler = dice.choice([b"9", b"x", b",", b'"', b":", b"<", b"?20", "１".encode(), b"-", b" "])
    lines.insert(dice.randrange(len(lines) + 1), filler * (10 * MEGABYTE // len(filler)))
    return b"\n".join(lines)


def with_document_type(dice: Random, raw: bytes) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    told = dice.choice(
        ['<!ENTITY l11 SYSTEM "file:///etc/passwd">', f'<!ENTITY l0 "ha">{levels}',
         f'<!ENTITY l11 "{"x" * 100_000}">', '<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;']
    )  # fmt: skip
    head = dice.choice([b"", b" " * 70_000, b"<!-- -->" * 9_000])
    body = raw.replace(b"</Ustrd>", b"&l11;" * dice.choice([1, 5_000]) + b"</Ustrd>", 1)
    return body.replace(b"<Document", head + f"<!DOCTYPE d [{told}]>".encode() + b"<Document", 1)


def nested(dice: Random, raw: bytes) -> bytes:
    depth = dice.choice([200, 300, 100_000])
    return raw.replace(b"<Ustrd>", b"<Ustrd>" + b"<a>" * depth + b"</a>" * depth, 1)


def bomb(dice: Random, raw: bytes) -> bytes:
    """A workbook of which one part, perhaps the sheet itself, unpacks to very much.

    Written block by block: the memory that is watched is to be the reader's and not the maker's.
    """
    grown = dice.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
    filler = dice.choice([b"\0", b" ", b"<c/>", b'<row r="1"><c r="A1"/></row>'])
    block = filler * (MEGABYTE // len(filler))
    blocks = dice.choice([50, 150])
    source, target = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for part in source.infolist():
            whole = source.read(part)
            at = max(whole.find(b"</sheetData>"), whole.find(b">") + 1)
            with package.open(part.filename, "w") as file:
                file.write(whole[:at])
                for _ in range(blocks if part.filename == grown else 0):
                    file.write(block)
                file.write(whole[at:])
    return target.getvalue()


def far_cell(dice: Random, raw: bytes) -> bytes:
    at = dice.choice([b"XFD1048576", b"A1048576", b"XFD1", b"A99999999999", b"ZZZZZZ1"])
    return of_sheet(raw, lambda part: part.replace(b'r="A5"', b'r="%s"' % at))


def wrong_dimension(dice: Random, raw: bytes) -> bytes:
    told = dice.choice([b"A1", b"A1:XFD1048576", b"B7:A1", b"", b"A0", b"ZZZZ9:1"])
    there = b'<dimension ref="'
    return of_sheet(raw, lambda part: part.replace(there, there + told + b'" x="'))


def numeric_account(dice: Random, raw: bytes) -> bytes:
    del dice
    book = openpyxl.load_workbook(io.BytesIO(raw))
    for (cell,) in book.active.iter_rows(max_col=1):
        if cell.value == bankfiles.ACCOUNT:
            cell.value = int(bankfiles.ACCOUNT)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def web_page(dice: Random, raw: bytes) -> bytes:
    rows = b"".join(b"<tr><td>" + line.replace(b",", b"<td>") for line in raw.split(b"\n"))
    start = dice.choice(
        [b"<html>", b"<!DOCTYPE html><html>", b"\n <table>", b"<?xml version='1.0'?>"]
    )
    return start + b"<table>" + rows + b"</table>"


def full_old_workbook(dice: Random, raw: bytes) -> bytes:
    """An XLS with a number moved to where the format ends."""
    at = raw.rfind(_NUMBER_OF_XLS) + len(_NUMBER_OF_XLS)
    return raw[:at] + dice.choice([65_534, 65_535]).to_bytes(2, "little") + raw[at + 2 :]


#: What is done to which of the sound files: texts, tables, camt, workbooks, old workbooks.
WAYS: dict[str, tuple[str, int, Spoil]] = {
    "bits": ("any", 12, flipped),
    "cut": ("any", 8, cut),
    "spliced": ("text", 12, spliced),
    "encodings": ("text", 6, misencoded),
    "nul": ("text", 4, with_nul),
    "long lines": ("text", 2, with_long_line),
    "entities": ("camt", 4, with_document_type),
    "nested": ("camt", 2, nested),
    "bombs": ("xlsx", 2, bomb),
    "far cells": ("xlsx", 2, far_cell),
    "dimension": ("xlsx", 3, wrong_dimension),
    "numeric accounts": ("xlsx", 1, numeric_account),
    "web pages": ("table", 2, web_page),
    "bits of workbooks": ("xlsx", 4, flipped),
    "bits of old workbooks": ("xls", 4, flipped),
    "full old workbooks": ("xls", 1, full_old_workbook),
}


def sound_files(dice: Random) -> dict[str, list[bytes]]:
    """Sound files of every form by kind; workbooks of every layout, old ones of real banks too."""
    payments = bankfiles.random_payments(dice)
    piece = bankfiles.piece(payments, bankfiles.FIRST, bankfiles.FIRST + 6)
    made = {form: render(piece) for form, _, render in bankfiles.FORMS}
    shared = Path(os.environ.get("FEEWATCH_SHARED", "")) / "samples"
    old = [path.read_bytes() for path in sorted(shared.rglob("*.xls"))] if shared.is_dir() else []
    tables = layout_cells().values()
    old += [oldbooks.old_workbook("明细", cells) for cells in tables]
    books = [workbook(piece), *map(saved, tables)]
    return {
        "any": [*made.values(), *books, *old],
        "text": list(made.values()),
        "table": [
            content for form, content in made.items() if "mt940" not in form and "camt" not in form
        ],
        "camt": [made["camt.053"]],
        "xlsx": books,
        "xls": old,
    }


def spoilt_files(seed: int) -> Iterator[tuple[str, bytes]]:
    """Ever new spoilt files with the way in which each was spoilt."""
    dice = Random(seed)
    sound = sound_files(dice)
    ways = {way: told for way, told in WAYS.items() if sound[told[0]]}
    yield from (
        (way, spoil(dice, dice.choice(sound[kind]))) for way, (kind, _, spoil) in ways.items()
    )
    weights = [weight for _, weight, _ in ways.values()]
    while True:
        (way,) = dice.choices(list(ways), weights)
        kind, _, spoil = ways[way]
        yield way, spoil(dice, dice.choice(sound[kind]))


def spoilt_folder(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """So many spoilt files, first of every layout an XLSX and an XLS, the others as they come."""
    dice = Random(seed)
    books = [(name, saved(cells)) for name, cells in layout_cells().items()]
    books += [
        (f"{name} old", oldbooks.old_workbook("明细", cells))
        for name, cells in layout_cells().items()
    ]
    made = spoilt_files(seed)
    for n in range(count):
        if n < len(books):
            name, content = books[n]
            yield f"{name}: bits", dice.choice([flipped, cut, spliced])(dice, content)
        else:
            yield next(made)


def ledger(app: App) -> dict[str, Any]:
    """All that a refused file must leave as it was."""
    tables = (entry, account_day, account_coverage, statement_link, match)
    with app.database.reading() as tx:
        found: dict[str, Any] = {each.name: tx.execute(select(each)).all() for each in tables}
        found["accepted"] = tx.execute(
            select(statement).where(statement.c.status == "accepted")
        ).all()
        return found


def faults_after(app: App, before: dict[str, Any] | None, told: FileOutcome) -> list[str]:
    """What is not as it must be after a file; ``before``: the ledger, where it came in alone."""
    found = []
    is_refused = not any(each.status == "accepted" for each in told.statements)
    if before is not None and is_refused and ledger(app) != before:
        found.append("the ledger changed on refusal")
    if not told.is_taken and not (told.problems or any(each.reason for each in told.statements)):
        found.append("refused without a reason")
    with app.database.reading() as tx:
        if (
            tx.scalar(select(source_file.c.sha256).where(source_file.c.sha256 == told.sha256))
            is None
        ):
            found.append("the file is not on record")
        for each in tx.execute(select(statement).where(statement.c.file_sha256 == told.sha256)):
            rows = tx.scalars(select(entry.c.amount_fen).where(entry.c.statement_id == each.id))
            ends = each.opening_fen, each.closing_fen
            if each.status == "accepted" and None not in ends and ends[0] + sum(rows) != ends[1]:
                found.append("accepted and does not tie")
    return found


def peak_megabytes() -> int:
    """The most memory this program held; getrusage would count what its parent held before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def watch(folder: Path, seed: int, count: int) -> dict[str, Any]:
    """Take in so many spoilt files, and what came of them."""
    app = office(folder)
    outcomes: Counter[str] = Counter()
    slowest, faults = (0.0, ""), []
    made = spoilt_files(seed)
    for n in range(count):
        way, content = next(made)
        before, started = ledger(app), time.process_time()
        faulthandler.dump_traceback_later(HANGS_AFTER, exit=True)
        try:
            told = recording.ingest_content(app, content, f"{n} {way}", actor="cli", channel="cli")
            outcomes[f"{way}: {told.status}"] += 1
            wrong = faults_after(app, before, told)
        except Exception:  # noqa: BLE001 - whatever is raised is what is looked for
            wrong = [traceback.format_exc()]
        faulthandler.cancel_dump_traceback_later()
        seconds = time.process_time() - started
        slowest = max(slowest, (round(seconds, 2), way))
        if seconds > MOST_SECONDS:
            wrong.append(f"took {seconds:.1f} s")
        if wrong:
            (folder / f"fault-{n}").write_bytes(content)
            faults.append([n, way, *wrong])
    app.database.dispose()
    return {"count": count, "outcomes": dict(sorted(outcomes.items())), "slowest": slowest,
            "peak_megabytes": peak_megabytes(), "faults": faults}  # fmt: skip


def watch_folder(folder: Path, seed: int, count: int) -> dict[str, Any]:
    """Take in a folder of so many spoilt files in one run, and what came of them."""
    app, waiting = office(folder), folder / "waiting"
    waiting.mkdir()
    for n, (way, content) in enumerate(spoilt_folder(seed, count)):
        (waiting / f"{n:05d} {way.replace('/', ' ')}").write_bytes(content)
    faults: list[Any] = []
    outcomes: Counter[str] = Counter()
    started = time.process_time()
    try:
        for told in recording.ingest(app, [waiting], actor="cli"):
            outcomes[told.status] += 1
            codes = {each["code"] for each in told.problems}
            wrong = faults_after(app, None, told) + ["a reader failed"] * ("FILE-READER" in codes)
            if wrong:
                faults.append([told.file, *wrong])
    except Exception:  # noqa: BLE001 - whatever is raised is what is looked for
        faults.append(traceback.format_exc())
    app.database.dispose()
    return {"count": sum(outcomes.values()), "outcomes": dict(sorted(outcomes.items())),
            "seconds": round(time.process_time() - started, 1),
            "peak_megabytes": peak_megabytes(), "faults": faults}  # fmt: skip


if __name__ == "__main__":
    watched = watch_folder if sys.argv[4:] == ["folder"] else watch
    print(json.dumps(watched(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
