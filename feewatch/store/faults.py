"""Faults of the machine in words: what is wrong, with which path, and what to do.

A fault of the program is none of these, and comes out as it is.
"""

import errno
import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from feewatch.kernel.errors import MachineError
from feewatch.kernel.text import Text

_FULL = "DISK-FULL"
_READ_ONLY = "READ-ONLY"
_LOCKED = "DATABASE-LOCKED"
_CORRUPT = "DATABASE-CORRUPT"
_AWAY = "DATABASE-AWAY"
_DISK = "DISK-FAULT"
_DENIED = "FILE-DENIED"
_MISSING = "FILE-MISSING"

#: What each fault is called, with what to do about it; {place} is a path or an address.
_WORDS: Mapping[str, Text] = {
    _FULL: Text(
        "{place} 所在磁盘已满，本次操作未保存；请腾出空间后重试",
        "the disk of {place} is full and this was not kept: make room and do it again",
    ),
    _READ_ONLY: Text(
        "{place} 只读，不能写入；请检查挂载方式与文件权限，查询类命令仍可使用",
        "{place} is read-only: look at its mount and at file modes; what only reads goes on",
    ),
    _LOCKED: Text(
        "{place} 正被另一写入者占用，等候超时，本次操作未保存；请稍后重试",
        "another writer held {place} for too long and this was not kept: try again shortly",
    ),
    _CORRUPT: Text(
        "{place} 已损坏；请勿继续写入，保留该文件并用 feewatch restore 恢复备份",
        "{place} is damaged: write no more, keep the file, bring a safety copy back by "
        "feewatch restore",
    ),
    "DATABASE-OTHER": Text(
        "{place} 不是 feewatch 的数据库文件；请检查配置，或用 feewatch restore 恢复备份",
        "{place} is no database: look at the configuration, or bring a safety copy back by "
        "feewatch restore",
    ),
    _AWAY: Text(
        "数据库 {place} 无法连接；请检查数据库服务是否运行、文件夹是否可进入",
        "the database {place} does not answer: see whether its server runs, its folder can be "
        "entered",
    ),
    "DATABASE-DENIED": Text(
        "数据库账号无权访问 {place} 中的对象；请检查授权",
        "the account of the database may not do this in {place}: look at its grants",
    ),
    "DATABASE-BUSY": Text(
        "数据库 {place} 的连接已用尽；请稍后重试",
        "all connections to the database {place} are in use: try again shortly",
    ),
    _DISK: Text(
        "读写 {place} 时磁盘出错；请检查磁盘空间与磁盘健康",
        "the disk failed at {place}: look at the room left on it and at its health",
    ),
    _DENIED: Text(
        "无权访问 {place}；请检查属主与文件权限（运行 feewatch 的账号须为属主）",
        "{place} may not be opened: it has to belong to the account that runs feewatch",
    ),
    _MISSING: Text(
        "{place} 不存在；请检查路径，或从备份恢复", "{place} is not there: look at the path"
    ),
    "FILES-OPEN": Text(
        "打开的文件过多（{place}）；请提高进程的文件数上限",
        "too many open files ({place}): raise the limit of the process",
    ),
    "FILE-FAULT": Text("无法使用 {place}：{said}", "{place} cannot be used: {said}"),
    "MEMORY": Text("内存不足，本次操作未保存", "memory ran out and this was not kept"),
}

_OF_SQLITE = {
    3: _DENIED, 5: _LOCKED, 6: _LOCKED, 7: "MEMORY", 8: _READ_ONLY, 10: _DISK, 11: _CORRUPT,
    13: _FULL, 14: _AWAY, 26: "DATABASE-OTHER",
}  # fmt: skip
_OF_SYSTEM = {
    errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EROFS: _READ_ONLY, errno.EACCES: _DENIED,
    errno.EPERM: _DENIED, errno.ENOENT: _MISSING, errno.ENOTDIR: _MISSING, errno.EIO: _DISK,
    errno.EMFILE: "FILES-OPEN", errno.ENFILE: "FILES-OPEN", errno.EFBIG: _FULL,
}  # fmt: skip
#: By the beginning of the state that PostgreSQL gives; the longest that fits counts.
_OF_POSTGRES = {
    "08": _AWAY, "57P01": _AWAY, "57P02": _AWAY, "57P03": _AWAY, "57P05": _AWAY, "3D000": _AWAY,
    "28": _AWAY, "53300": "DATABASE-BUSY", "53100": _FULL, "53200": "MEMORY", "25006": _READ_ONLY,
    "55P03": _LOCKED, "40": _LOCKED, "57014": _LOCKED, "XX001": _CORRUPT, "XX002": _CORRUPT,
    "58030": _DISK, "42501": "DATABASE-DENIED",
}  # fmt: skip
#: Faults of passing things: a caller may come again by itself.
_RETRY_SECONDS = 30


def explain(fault: BaseException, place: str) -> MachineError | None:
    """A fault of the machine in words; None for anything else. ``place``: the database."""
    if isinstance(fault, MachineError):
        return fault
    if isinstance(fault, MemoryError):
        return _error("MEMORY", place)
    if isinstance(fault, NoConnectionError):
        return _error("DATABASE-BUSY", place)
    if isinstance(fault, DBAPIError):
        return _of_database(fault, place)
    if isinstance(fault, sqlite3.Error):
        return _of_sqlite(fault, place)
    return _of_system(fault) if isinstance(fault, OSError) else None


def _of_database(fault: DBAPIError, place: str) -> MachineError | None:
    original = fault.orig
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(original, place)
    state = getattr(original, "sqlstate", None) or ""
    fitting = [begin for begin in _OF_POSTGRES if state.startswith(begin)]
    if fitting:
        return _error(_OF_POSTGRES[max(fitting, key=len)], place)
    lost = fault.connection_invalidated or isinstance(fault, OperationalError | InterfaceError)
    return _error(_AWAY, place) if lost and not state else None


def _of_sqlite(fault: sqlite3.Error, place: str) -> MachineError | None:
    code = _OF_SQLITE.get(getattr(fault, "sqlite_errorcode", 0) & 0xFF)
    return _error(code, place) if code else None


def _of_system(fault: OSError) -> MachineError | None:
    named = fault.filename if fault.filename2 is None else fault.filename2
    shown = "" if named is None else str(named)
    code = _OF_SYSTEM.get(fault.errno or 0)
    if code is None:
        return _error("FILE-FAULT", shown, fault.strerror or "") if shown else None
    if not shown and code in (_MISSING, _DENIED):
        return None
    return _error(code, shown or "var", fault.strerror or "")


def _error(code: str, place: str, said: str = "") -> MachineError:
    text = _WORDS[code].fill(place=place, said=said)
    return MachineError(code, text.zh, text.en, seconds=_RETRY_SECONDS)
