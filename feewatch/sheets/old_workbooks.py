"""Reads old XLS workbooks in a process of its own, which may come to grief alone.

On a damaged one the reader may panic with a message of its own, follow a chain of sectors round and
round until the memory is full, or ask for so much that the whole process is ended.
"""

import json
import resource
import subprocess
import sys

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets import workbooks
from feewatch.sheets.workbooks import BookSheets, FilledSheet

_MOST_BYTES, _MOST_SECONDS = 1 << 30, 30
#: The machine may have other work meanwhile.
_GIVES_UP_AFTER = 300


def read_sheets(content: bytes) -> BookSheets | Problem:
    """All sheets that are not empty, or why no visible one is."""
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [sys.executable, "-P", "-m", __name__], input=content, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=_GIVES_UP_AFTER, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return workbooks.damaged()
    if done.returncode:
        return workbooks.damaged()
    answer = json.loads(done.stdout)
    if "code" in answer:
        return Problem(answer["code"], Text(answer["zh"], answer["en"]))
    filled = [FilledSheet(*sheet) for sheet in answer["sheets"]]
    return BookSheets(filled, answer["hidden"])


def _main() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, _MOST_BYTES),
        (resource.RLIMIT_CPU, _MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        allowed = resource.getrlimit(limit)[1]
        least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(limit, (least, least))
    sheets = workbooks.read_sheets(sys.stdin.buffer.read())
    answer: dict[str, object]
    if isinstance(sheets, Problem):
        answer = {"code": sheets.code, "zh": sheets.message.zh, "en": sheets.message.en}
    else:
        answer = {"sheets": sheets.filled, "hidden": sheets.hidden}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
