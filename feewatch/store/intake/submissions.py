"""What a program was answered under each of its idempotency keys."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from feewatch.kernel.clock import timestamp
from feewatch.store.once import insert_once
from feewatch.store.tables.operations import submission


class Submission(NamedTuple):
    """The bytes that a key stands for, and what was answered; None before there is an answer."""

    sha256: str
    answer: dict[str, Any] | None


def claim(tx: Connection, user_id: int, key: str, sha256: str) -> Submission:
    """What a key stands for: these bytes, unless it was given to others before."""
    values = {"user_id": user_id, "idempotency_key": key, "sha256": sha256}
    insert_once(tx, submission, values | {"created_at": timestamp()})
    return _get(tx, user_id, key)


def settle(tx: Connection, user_id: int, key: str, answer: dict[str, Any]) -> Submission:
    """What a key is answered with from now on: this, unless an answer stood before."""
    tx.execute(
        update(submission)
        .where(*_is(user_id, key), submission.c.answer.is_(None))
        .values(answer=answer)
    )
    return _get(tx, user_id, key)


def _get(tx: Connection, user_id: int, key: str) -> Submission:
    query = select(submission.c.sha256, submission.c.answer).where(*_is(user_id, key))
    return Submission(*tx.execute(query).one())


def _is(user_id: int, key: str) -> tuple[Any, Any]:
    return submission.c.user_id == user_id, submission.c.idempotency_key == key
