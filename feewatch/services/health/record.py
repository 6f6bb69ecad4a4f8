"""The record looked at: when it was last proven, anchored, and copied to a safe place."""

import datetime as dt
from collections.abc import Iterator

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.text import Text
from feewatch.services.audit import last_proof
from feewatch.services.lists.anchors import anchor_path
from feewatch.services.retention.erasing import is_unfinished
from feewatch.store import trail

#: How many days each may be old.
PROVEN_DAYS, ANCHOR_DAYS, COPY_DAYS = 7, 7, 7


def look_at_record(app: App) -> Iterator[Complaint]:
    """What is too old, or found wrong when it was last proven."""
    last = last_proof.read(app.config)
    with app.database.reading() as tx:
        first, copied = trail.find_first(tx), trail.find_latest(tx, "backup")
    if last is not None and last.faults:
        yield Complaint(
            "audit/proof",
            Text(
                f"最近一次核验有 {last.faults} 处不符",
                f"{last.faults} faults when it was last proven",
            ),
            Text("运行 feewatch audit verify 查看", "see them by feewatch audit verify"),
        )
    if first is None:
        return
    path = anchor_path(app.config)
    anchored = path.stat().st_mtime if path.is_file() else None
    yield from _too_old(
        "audit/proof", Text("审计链核验", "proof of the chain"), last.at if last else first,
        PROVEN_DAYS, Text("运行 feewatch audit verify", "run feewatch audit verify"),
    )  # fmt: skip
    moment = first if anchored is None else dt.datetime.fromtimestamp(anchored, now().tzinfo)
    yield from _too_old(
        "audit/anchor", Text("锚点", "anchor"), str(moment), ANCHOR_DAYS,
        Text("运行 feewatch audit anchor", "run feewatch audit anchor"),
    )  # fmt: skip
    yield from _too_old(
        "backup", Text("备份", "safety copy"), copied or first, COPY_DAYS,
        Text("运行 feewatch backup", "run feewatch backup"),
    )  # fmt: skip
    if is_unfinished(app):
        yield Complaint(
            "erasure",
            Text("已记录清除的文件仍在磁盘上", "files on record as erased still lie on disk"),
            Text("定时任务 retention 会完成清除", "the job retention finishes it"),
        )


def _too_old(name: str, what: Text, at: str, most: int, cure: Text) -> Iterator[Complaint]:
    days = (now() - dt.datetime.fromisoformat(at)).days
    if days > most:
        told = Text(f"{what.zh}：{days} 天前", f"{what.en}: {days} days ago")
        yield Complaint(name, told, cure)
