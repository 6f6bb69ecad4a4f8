"""Files that left the inbox lately: those alone are looked at for what a slow writer added.

Done and refused files are never deleted: looking at all of them each minute would cost more each
year. Each is noted before it is moved; a note outlives the process, and where there are no notes
(a first sweep, a restored office) all files are looked at once.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.clock import now

FILE = "inbox-moved.jsonl"
#: Whoever goes on with a file later than this sends it anew. An office's preset.
LIFE = dt.timedelta(days=7)


def note(app: App, target: Path) -> None:
    """Say that a file is about to be moved there."""
    with (app.config.var / FILE).open("a", encoding="utf-8") as file:
        file.write(_line(now().timestamp(), target))


def list_moved(app: App, folders: Iterable[Path]) -> list[Path]:
    """Where files went in the last days, in the order of their moves; those in these folders."""
    file, places = app.config.var / FILE, tuple(folders)
    if not file.exists():
        found = [path for folder in places for path in sorted(folder.rglob("*")) if path.is_file()]
        _write(file, dict.fromkeys(found, now().timestamp()))
        return found
    lines = file.read_text(encoding="utf-8").splitlines()
    since = (now() - LIFE).timestamp()
    kept = {path: moment for moment, path in _read(lines) if moment >= since}
    if 2 * len(kept) < len(lines):
        _write(file, kept)
    return [path for path in kept if any(path.is_relative_to(place) for place in places)]


def _read(lines: Iterable[str]) -> Iterator[tuple[float, Path]]:
    for line in lines:
        try:
            moment, path = json.loads(line)
        except ValueError:  # a process died while it wrote the line, before it moved the file
            continue
        yield moment, Path(path)


def _line(moment: float, target: Path) -> str:
    return json.dumps([moment, str(target)]) + "\n"


def _write(file: Path, moments: Mapping[Path, float]) -> None:
    """Begin the notes anew."""
    written = file.with_name(f".{file.name}")
    lines = (_line(moment, path) for path, moment in moments.items())
    written.write_text("".join(lines), encoding="utf-8")
    written.replace(file)
