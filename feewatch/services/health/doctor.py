"""Every part of the installation looked at, one after the other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.text import Text
from feewatch.services import timetable
from feewatch.services.cases.paper_register import list_spoilt
from feewatch.services.corrections.unanswered import list_unanswered
from feewatch.services.health import machine, traffic
from feewatch.services.health.packs import look_at_packs
from feewatch.services.health.record import look_at_record
from feewatch.services.lists.examination import list_edition_complaints
from feewatch.services.lists.overdue import list_overdue
from feewatch.services.machine import list_machine_complaints
from feewatch.store import condition


@dataclass(frozen=True, slots=True)
class ExaminedPart:
    """One part of the installation and what is wrong with it; nothing where all is well."""

    name: str
    title: Text
    complaints: tuple[Complaint, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.complaints


_RESTORE = Text(
    "停止服务，用 feewatch restore 从备份恢复",
    "stop the service and bring the database back by feewatch restore",
)
_RESTORE_FILE = Text(
    "从备份恢复 var/files 中的该文件", "put this file of var/files back from a safety copy"
)


def examine(app: App, *, thoroughly: bool = True) -> list[ExaminedPart]:
    """What is wrong with each part. ``thoroughly``: files and the database are read whole."""
    return [
        ExaminedPart(name, title, tuple(look(app)))
        for name, (title, look, is_long) in EXAMINATIONS.items()
        if thoroughly or not is_long
    ]


def _look_at_database(app: App) -> Iterator[Complaint]:
    with app.database.reading() as tx:
        fault = condition.find_fault(tx)
    if fault is not None:
        text = Text(f"数据库文件损坏：{fault}", f"the database file is damaged: {fault}")
        yield Complaint("database", text, _RESTORE)


def _look_at_scheduler(app: App) -> list[Complaint]:
    return timetable.list_complaints(timetable.read_timetable(app))


def _look_at_editions(app: App) -> Iterator[Complaint]:
    for each in list_edition_complaints(app):
        yield Complaint(f"editions/{each.district}", each.text, each.cure)


def _look_at_papers(app: App) -> Iterator[Complaint]:
    _, spoilt = list_spoilt(app)
    for number, text in spoilt:
        named = Text(f"文书 {number}：{text.zh}", f"paper {number}: {text.en}")
        yield Complaint(f"papers/{number}", named, _RESTORE_FILE)


def _look_at_decisions(app: App) -> Iterator[Complaint]:
    for each in list_overdue(app):
        yield Complaint(f"decisions/{each.name}", each.text, each.cure)


#: By name: the title, what looks, and whether that reads much.
EXAMINATIONS: dict[str, tuple[Text, Callable[[App], Iterable[Complaint]], bool]] = {
    "disk": (Text("磁盘", "disks"), machine.look_at_disks, False),
    "rights": (Text("文件权限", "rights of files"), machine.look_at_rights, False),
    "keys": (Text("密钥", "keys"), machine.look_at_keys, False),
    "machine": (Text("时钟与进程", "clock and processes"), list_machine_complaints, False),
    "database": (Text("数据库", "database"), _look_at_database, True),
    "record": (Text("记录与备份", "record and safety copies"), look_at_record, False),
    "scheduler": (Text("定时任务", "scheduler"), _look_at_scheduler, False),
    "check": (Text("检查", "check"), traffic.look_at_check, False),
    "inbox": (Text("收件文件夹", "inbox"), traffic.look_at_inbox, False),
    "pushes": (Text("推送", "pushes"), traffic.look_at_pushes, False),
    "mails": (Text("邮件", "mails"), traffic.look_at_mails, False),
    "packs": (Text("规则包", "packs of rules"), look_at_packs, False),
    "editions": (Text("公示版次", "editions"), _look_at_editions, True),
    "papers": (Text("文书", "papers"), _look_at_papers, True),
    "decisions": (Text("决定", "decisions"), _look_at_decisions, False),
    "countersigns": (Text("双人复核", "second officers"), list_unanswered, False),
}
