"""What comes in and goes out: the inbox, pushes, mails, and the age of the latest check."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, shown
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.text import Text
from feewatch.services.lists.subscribers import list_push_faults
from feewatch.store import condition

#: A file that lies in the inbox for longer was not taken in.
_INBOX = dt.timedelta(hours=1)
_CHECK = dt.timedelta(hours=36)
_MAIL = dt.timedelta(hours=24)
#: Even the check of a province has ended after so long.
_LONG = dt.timedelta(hours=6)
_INBOX_CURE = Text(
    "看定时任务 inbox 的最近一次结果；核对文件夹权限",
    "see the latest run of the job inbox; look at the rights of the folder",
)
_MAIL_CURE = Text("核对 [mail] 的服务器与密码", "look at the server and password of [mail]")
_LEFT_OUT_CURE = Text(
    "待其数据不再变动时 feewatch check --institution 该机构；调大 [check] longest_seconds",
    "feewatch check --institution, that one alone, when its data rest; a higher [check] "
    "longest_seconds",
)
_CHECK_CURE = Text("feewatch check；启动 feewatch scheduler", "feewatch check; feewatch scheduler")


def look_at_inbox(app: App) -> Iterator[Complaint]:
    """An inbox that cannot be emptied, or in which files lie for long."""
    named = app.config.inbox.folder
    if not named:
        return
    folder = app.config.resolve(named)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        text = Text(f"收件文件夹 {folder} 不存在或不可写", f"no inbox {folder} that can be written")
        yield Complaint("inbox", text, _INBOX_CURE)
        return
    waiting = list_waiting(folder)
    if waiting:
        text = Text(
            f"收件文件夹有 {len(waiting)} 个文件超过一小时未处理",
            f"{len(waiting)} files have been in the inbox for over an hour",
        )
        yield Complaint("inbox", text, _INBOX_CURE)


def list_waiting(folder: Path) -> list[Path]:
    """Files of an inbox that nobody took for long."""
    before = (now() - _INBOX).timestamp()
    return [
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.stat().st_mtime < before
    ]


def look_at_pushes(app: App) -> Iterator[Complaint]:
    """Editions that a subscriber did not take."""
    cure = Text("页面“推送”", "the page Pushes")
    for text in list_push_faults(app):
        yield Complaint("pushes", text, cure)


def look_at_mails(app: App) -> Iterator[Complaint]:
    """Mails that were given up on or wait for long."""
    if not app.config.mail.host:
        return
    with app.database.reading() as tx:
        failed, oldest = condition.count_mails(tx)
    if failed:
        text = Text(f"{failed} 封邮件未能发出", f"{failed} mails were given up on")
        yield Complaint("mails", text, _MAIL_CURE)
    if oldest is not None and dt.datetime.fromisoformat(oldest) < now() - _MAIL:
        text = _since(shown(oldest))
        yield Complaint("mails", text, _MAIL_CURE)


def _since(moment: str) -> Text:
    return Text(f"邮件自 {moment} 起未能发出", f"mails have waited since {moment}")


def look_at_check(app: App) -> Iterator[Complaint]:
    """A check that is not of last night, that broke off, or that left somebody out."""
    with app.database.reading() as tx:
        latest, has_institutions = condition.find_latest_check(tx)
        begun, left_out = condition.find_broken_check(tx), condition.list_left_out(tx)
    if not has_institutions:
        return
    if latest is None or dt.datetime.fromisoformat(latest) < now() - _CHECK:
        when = shown(latest) if latest else ""
        text = Text(f"最近一次检查：{when or '从未'}", f"the latest check: {when or 'never'}")
        yield Complaint("check", text, _CHECK_CURE)
    if begun is not None and dt.datetime.fromisoformat(begun) < now() - _LONG:
        at = shown(begun)
        text = Text(f"{at} 开始的检查没有完成", f"the check begun at {at} did not end")
        yield Complaint("check", text, _CHECK_CURE)
    for uscc in left_out:
        text = Text(
            f"机构 {uscc} 的数据过多，最近一次检查未能在限时内或在其两次变动之间判完",
            f"institution {uscc} has so much data that the latest check did not end with it in its "
            "time, or between two changes",
        )
        yield Complaint("check", text, _LEFT_OUT_CURE)
