"""Statements that programs hand in: the same key and bytes are answered the same, for ever."""

import hashlib
import re
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import User
from feewatch.services.intake.outcomes import FileOutcome, outcome_of
from feewatch.services.ways_in.counter import hand_in
from feewatch.store.intake import submissions
from feewatch.store.pages import files

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def submit(app: App, user: User, name: str, content: bytes, key: str | None) -> dict[str, Any]:
    """What a file came to, in the contract's form; what the key was answered, where it was before.

    A program that hears no answer sends again, with the same key: nothing is counted twice.

    Raises: ConflictError where the key stands for other bytes, InvalidInputError for a bad key,
    ForbiddenError.
    """
    if key is None:
        return hand_in(app, user, name, content, channel="api").as_json()
    if not _KEY.fullmatch(key):
        raise InvalidInputError(
            "IDEMPOTENCY-KEY",
            "Idempotency-Key 须为 1–200 个可见的 ASCII 字符",
            "an Idempotency-Key has 1–200 visible ASCII characters",
        )
    sha256 = hashlib.sha256(content).hexdigest()
    with app.database.transaction() as tx:
        known = submissions.claim(tx, user.id, key, sha256)
    if known.sha256 != sha256:
        raise ConflictError(
            "IDEMPOTENCY-CONFLICT",
            "此 Idempotency-Key 已用于另一份内容，请换一个",
            "this Idempotency-Key stands for other bytes: use another one",
        )
    if known.answer is not None:
        return known.answer
    answer = hand_in(app, user, name, content, channel="api").as_json()
    with app.database.transaction() as tx:
        known = submissions.settle(tx, user.id, key, answer)
    return known.answer or answer


def find_outcome(app: App, user: User, sha256: str) -> FileOutcome:
    """A file received earlier as it stands now, with its statements within the person's scope.

    Raises: NotFoundError, also for one that they may not see.
    """
    office, day = app.config.office.district, today()
    with app.database.reading() as tx:
        seen = files.visible(user.scope, office, day, user.name)
        file = files.find_file(tx, seen, sha256)
        if file is None:
            raise NotFoundError("FILE-UNKNOWN", f"没有文件 {sha256}", f"no file {sha256}")
        inside = files.list_statements_of(tx, user.scope, office, day, [sha256])[sha256]
    statements = [each._mapping for each in inside]
    return outcome_of(file.name, file._mapping, statements, {})
