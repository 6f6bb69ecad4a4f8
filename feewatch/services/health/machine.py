"""The machine under the installation: room on its disks, rights of its files; keys."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.text import Text
from feewatch.logs import STDERR

_MB = 1024 * 1024
_FREE = Text(
    "清理或扩大该磁盘；日志、备份宜放别处",
    "clear or enlarge that disk; logs and safety copies belong elsewhere",
)
_CLOSE = Text("chmod -R go= 该路径", "chmod -R go= that path")
_KEYS = Text(
    "从备份恢复 var/keys（feewatch restore），不要新建",
    "bring var/keys back from a safety copy (feewatch restore); make none anew",
)


def look_at_disks(app: App) -> Iterator[Complaint]:
    """Disks of the installation with less room than the office wants to see free."""
    wanted = app.config.health
    for path in list_places(app):
        usage = shutil.disk_usage(path)
        percent = 100 * usage.free // max(usage.total, 1)
        if percent < wanted.disk_percent or usage.free < wanted.disk_mb * _MB:
            free = usage.free // _MB
            text = Text(
                f"{path} 所在磁盘仅余 {free} MB（{percent}%）",
                f"the disk of {path} has {free} MB left ({percent} %)",
            )
            yield Complaint("disk", text, _FREE)


def list_places(app: App) -> list[Path]:
    """Folders of the installation, one a disk."""
    config = app.config
    log = config.log.folder.replace(STDERR, "")
    named = [log, config.inbox.folder, config.inbox.done, config.inbox.refused]
    paths = [config.var, app.editions, app.files, *(config.resolve(each) for each in named if each)]
    disks = {path.stat().st_dev: path for path in reversed(paths) if path.is_dir()}
    return list(reversed(disks.values()))


def look_at_rights(app: App) -> Iterator[Complaint]:
    """Folders and secrets that other accounts of the machine can open."""
    for path in [app.config.var, app.keys, app.files, *sorted(app.keys.glob("*"))]:
        if path.suffix != ".pub" and path.exists() and path.stat().st_mode & 0o077:
            text = Text(f"{path} 对其他账户开放", f"{path} is open to other accounts")
            yield Complaint("rights", text, _CLOSE)
    if not os.access(app.config.var, os.W_OK):
        text = Text(f"{app.config.var} 不可写", f"{app.config.var} cannot be written")
        yield Complaint("rights", text, _CLOSE)


def look_at_keys(app: App) -> Iterator[Complaint]:
    """Keys without which a part of the installation cannot work."""
    for name in ("session.key", "token.key", "signing.pem"):
        path = app.keys / name
        if not path.is_file() or not path.stat().st_size:
            text = Text(f"缺少密钥 {path}", f"the key {path} is missing or empty")
            yield Complaint("keys", text, _KEYS)
