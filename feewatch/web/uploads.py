"""Files between preview and import: in memory, for half an hour, for the person who sent them.

They may hold names, so that they never touch a disk; a restart forgets them.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from threading import Lock

from feewatch.kernel.clock import now
from feewatch.kernel.days import Day
from feewatch.kernel.errors import NotFoundError

LIFE = dt.timedelta(minutes=30)
MAX_BYTES = 200_000_000
MAX_OF_ONE = 3


@dataclass(frozen=True)
class Upload:
    """One file of a person, and what was said of it."""

    user_id: int
    kind: str
    name: str
    data: bytes
    covers: tuple[Day, Day] | None
    at: dt.datetime


class Uploads:
    """All files that wait; the oldest make room for new ones."""

    def __init__(self) -> None:
        self._held: dict[str, Upload] = {}
        self._lock = Lock()

    def put(
        self, user_id: int, kind: str, name: str, data: bytes, covers: tuple[Day, Day] | None
    ) -> str:
        """The word by which the person finds the file again."""
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._forget()
            self._held[word] = Upload(user_id, kind, name, data, covers, now())
            own = [oldest for oldest, held in self._held.items() if held.user_id == user_id]
            for oldest in own[:-MAX_OF_ONE]:
                del self._held[oldest]
            while len(self._held) > 1 and self._size() > MAX_BYTES:
                del self._held[next(iter(self._held))]
        return word

    def get(self, word: str, user_id: int) -> Upload:
        """The file of a word.

        Raises: NotFoundError where it is gone, or another's.
        """
        with self._lock:
            self._forget()
            held = self._held.get(word)
        if held is None or held.user_id != user_id:
            raise NotFoundError(
                "UPLOAD-GONE",
                "上传的文件已过期，请重新选择文件",
                "the uploaded file has expired: choose it again",
            )
        return held

    def _forget(self) -> None:
        late = now() - LIFE
        self._held = {word: held for word, held in self._held.items() if held.at > late}

    def _size(self) -> int:
        return sum(len(held.data) for held in self._held.values())
