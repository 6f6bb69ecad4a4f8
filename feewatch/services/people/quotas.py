"""How much a person, or an institution, may hand in on a day: limits that the office sets.

What is refused for its content counts as well: it was read. The command line is not bound.
"""

from datetime import datetime, time, timedelta

from feewatch.bootstrap import App
from feewatch.kernel.clock import SHANGHAI, now, today
from feewatch.kernel.errors import QuotaError
from feewatch.kernel.people import User
from feewatch.store.database import Transaction
from feewatch.store.people import quotas

_MEGABYTE = 1 << 20


def take_upload(app: App, person: User, size: int) -> None:
    """Count a file that a person sends, of so many bytes.

    Raises: QuotaError where it is more than a day allows.
    """
    with app.database.transaction() as tx:
        count_upload(app, tx, person, size)


def count_upload(app: App, tx: Transaction, person: User, size: int) -> None:
    """Count it in the transaction that takes it in.

    Raises: QuotaError where it is more than a day allows.
    """
    _take_file(tx, *_limits_of(app, person), person, size)


def refuse_used_up(app: App, person: User, size: int) -> None:
    """Nothing, or the refusal of a file for which the day has no room left; it counts nothing.

    Raises: QuotaError.
    """
    files, megabytes = _limits_of(app, person)
    with app.database.reading() as tx:
        sent = quotas.count_used(tx, (f"files:{person.id}", f"bytes:{person.id}"), today())
    if sent[0] >= files:
        raise _no_more_files(files)
    if sent[1] + size > megabytes * _MEGABYTE:
        raise _no_more_bytes(megabytes)


def take_look(app: App, person: User, size: int) -> None:
    """Count a file that is looked at and not kept; whoever writes now is not waited for.

    Meanwhile such a file is not counted, and only what was counted before is asked.

    Raises: QuotaError where it is more than a day allows.
    """
    files, megabytes = _limits_of(app, person)
    if app.database.try_now(lambda tx: _take_file(tx, files, megabytes, person, size)):
        return
    with app.database.reading() as tx:
        [sent] = quotas.count_used(tx, (f"files:{person.id}",), today())
    if sent >= files:
        raise _no_more_files(files)


def _limits_of(app: App, person: User) -> tuple[int, int]:
    """Files and megabytes a day."""
    limits = app.config.limits
    if person.institution_id is not None:
        return limits.files_a_day, limits.megabytes_a_day
    return limits.office_files_a_day, limits.office_megabytes_a_day


def _take_file(tx: Transaction, files: int, megabytes: int, person: User, size: int) -> None:
    if not quotas.take(tx, f"files:{person.id}", today(), 1, files):
        raise _no_more_files(files)
    if not quotas.take(tx, f"bytes:{person.id}", today(), size, megabytes * _MEGABYTE):
        raise _no_more_bytes(megabytes)


def take_unregistered(app: App, institution_id: int, statements: int) -> None:
    """Count statements of accounts on no register that an institution hands in.

    Raises: QuotaError where they are more than a day allows.
    """
    most, name = app.config.limits.unregistered_a_day, f"unregistered:{institution_id}"
    with app.database.transaction() as tx:
        if not quotas.take(tx, name, today(), statements, most):
            zh, en = f"{most} 份未登记账户的对账单", f"{most} statements of unregistered accounts"
            raise _used_up("QUOTA-UNREGISTERED", zh, en)


def take_asked(app: App, kind: str, who: str, most: int, *, of_all: tuple[str, int]) -> None:
    """Count something that the public asks or tells; ``who``: the hash of a network address.

    ``of_all``: what is counted for everybody together, and how much of it a day allows.

    Raises: QuotaError where it is more than a day allows.
    """
    everybody, most_of_all = of_all
    with app.database.transaction() as tx:
        if not quotas.take(tx, f"{kind}:{who}", today(), 1, most):
            raise _used_up("QUOTA-ASKED", f"{most} 次", f"{most} times")
        if not quotas.take(tx, f"{kind}/{everybody}", today(), 1, most_of_all):
            raise _used_up("QUOTA-ASKED", f"{most_of_all} 次", f"{most_of_all} times")


def _no_more_files(files: int) -> QuotaError:
    return _used_up("QUOTA-FILES", f"{files} 个文件", f"{files} files")


def _no_more_bytes(megabytes: int) -> QuotaError:
    return _used_up("QUOTA-BYTES", f"{megabytes} MB", f"{megabytes} MB")


def _used_up(code: str, zh: str, en: str) -> QuotaError:
    moment = now()
    tomorrow = datetime.combine(moment.date() + timedelta(days=1), time(), SHANGHAI)
    return QuotaError(
        code,
        f"今日上限 {zh} 已用完，明日 0 时起可继续",
        f"the {en} of today are used up: go on from midnight",
        seconds=int((tomorrow - moment).total_seconds()) + 1,
    )
