"""Banks' programs that hand in file after file: what each answer took."""

import http.client
import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

from feewatch.bench.desk_visits import Answer, status_of
from feewatch.bench.large_world import fee_account_no
from feewatch.kernel.clock import now, today
from feewatch.kernel.days import Day, format_day

#: From one file of a program to its next: nobody sends faster than he is answered.
EVERY_SECONDS = 1.0
_HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
_CSV = {"Content-Type": "text/csv"}


class Uploads(NamedTuple):
    """So many programs that send for so long."""

    programs: int
    seconds: float
    institutions: int


def statement(institution: int, place: int, day: Day) -> str:
    """A file of one more receipt of a school, such as its bank sends in the course of a day."""
    account, on = fee_account_no(institution), format_day(day)
    yuan = place % 10_000
    row = f"{account},,CNY,{on},,,{100 + yuan}.00,{200_000 + yuan}.00,家长{place},,学费,Q{place}"
    return f"{_HEAD}\n{row}\n"


def upload(port: int, token: str, uploads: Uploads) -> list[Answer]:
    """All programs at once; each has one file under way, and sends one a second at the most."""
    answers: list[Answer] = []
    until = time.monotonic() + uploads.seconds
    # twice as many numbers a second as files: no file of a later run is one that was sent before
    day, first = today(), int(now().timestamp()) * 2 * uploads.programs

    def work(program: int) -> None:
        rng, place = Random(program), first + program  # noqa: S311 - no secret
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        head = _CSV | {"Authorization": f"Bearer {token}"}
        time.sleep(EVERY_SECONDS * program / uploads.programs)
        while (begun := time.monotonic()) < until:
            content = statement(rng.randrange(uploads.institutions) + 1, place, day)
            status = status_of(site, f"/api/v1/statements?name={place}.csv", content, head)
            answers.append(Answer("file", status, time.monotonic() - begun))
            place += uploads.programs
            time.sleep(max(begun + EVERY_SECONDS - time.monotonic(), 0))
        site.close()

    workers = [threading.Thread(target=work, args=(each,)) for each in range(uploads.programs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


@contextmanager
def uploading(port: int, token: str, uploads: Uploads) -> Iterator[Future[list[Answer]]]:
    """Files that come from another process while the block goes on."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        yield pool.submit(upload, port, token, uploads)
