"""What was erased, told in a file outside the database, for the day an older copy is put back.

Lines of JSON in ``var/audit/erasures.jsonl``: marks, kinds, hashes of files, numbers of rows and
contracts; nothing of what stood there. A copy that is put back is older than some of them, so that
these are done again.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.errors import InvalidInputError

FILE = "erasures.jsonl"


class ToldErasure(NamedTuple):
    """An erasure that was done: its mark, its kind, what went."""

    mark: str
    kind: str
    items: list[dict[str, Any]]


def path_of(config: Config) -> Path:
    """Where the file lies."""
    return config.var / "audit" / FILE


def write(app: App, events: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> None:
    """Tell all that is on record as erased, beside what the file tells that the record does not."""
    kinds = {each["mark"]: each["kind"] for each in events if each["step"] in ("done", "again")}
    told = {each.mark: each for each in read(path_of(app.config))}
    told |= {mark: ToldErasure(mark, kind, []) for mark, kind in kinds.items()}
    for row in rows:
        item = {name: row[name] for name in ("kind", "name", "detail")}
        told[row["mark"]].items.append(item)
    path = path_of(app.config)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = path.with_name(f"{FILE}.new")
    descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for each in told.values():
            file.write(json.dumps(each._asdict(), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    building.replace(path)


def read(path: Path) -> list[ToldErasure]:
    """What a file tells; nothing where there is none.

    Raises: InvalidInputError where it is no such file.
    """
    if not path.is_file():
        return []
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [ToldErasure(line["mark"], line["kind"], list(line["items"])) for line in lines]
    except (ValueError, KeyError, TypeError):
        raise InvalidInputError(
            "ERASURES-FILE",
            f"{path} 不是清除记录",
            f"{path} is no file of erasures",
        ) from None
