"""Whether the editions on record and on disk are as they were signed, for the doctor."""

from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.text import Text
from feewatch.publication.verification import VerifyFault, open_folder, verify_edition
from feewatch.services.lists.keys import find_own_keys
from feewatch.services.lists.noticeboard import find_latest, list_districts
from feewatch.services.lists.posting import list_wrong
from feewatch.services.lists.proven import SpoiltEditionError
from feewatch.services.lists.shelving import list_other_on_disk
from feewatch.store.lists.editions import list_heads

_RESTORE = Text(
    "用备份恢复数据库，在此之前不要发布",
    "restore the database from a backup; publish nothing before",
)
_REWRITE = Text(
    "移开该期文件夹，再运行 feewatch publish：文件按记录重新写出",
    "move the folder of that edition away and run feewatch publish: files are written as on record",
)
_POST = Text(
    "运行 feewatch init：公开页面按最新一期重新写出",
    "run feewatch init: the public pages are written anew from the latest edition",
)
_COMPARE = Text(
    "以 feewatch verify 核对该期；记录有误则恢复数据库，文件有误则移开该期文件夹再发布",
    "look at that edition with feewatch verify: where the record is wrong restore the database, "
    "where the files are move its folder away and publish",
)
_RENEW = Text(
    "运行 feewatch scheduler：时间戳每小时续期",
    "run feewatch scheduler: it renews the timestamp each hour",
)


class EditionComplaint(NamedTuple):
    """What is wrong with the editions of a district, and what mends it."""

    district: str
    text: Text
    cure: Text

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        return {
            "about": f"editions/{self.district}",
            "message": self.text._asdict(),
            "cure": self.cure._asdict(),
        }


def list_edition_complaints(app: App) -> list[EditionComplaint]:
    """What is wrong with the latest edition of each district, in the database and on disk.

    Of all earlier ones whether the document on disk is the one on record.
    """
    complaints = []
    for district in list_districts(app):
        try:
            find_latest(app, district)
        except SpoiltEditionError as fault:
            complaints.append(EditionComplaint(district, fault.text, _RESTORE))
        complaints += [_complaint(district, fault) for fault in _faults_on_disk(app, district)]
        complaints += _of_earlier(app, district)
    return complaints + [_not_posted(district) for district in list_wrong(app)]


def _not_posted(district: str) -> EditionComplaint:
    text = Text(
        f"{district} 公开页面所用的数据与最新一期不符",
        f"what the public pages of {district} read is not what its latest edition says",
    )
    return EditionComplaint(district, text, _POST)


def _of_earlier(app: App, district: str) -> list[EditionComplaint]:
    with app.database.reading() as tx:
        heads = list_heads(tx, district)[:-1]
    return [
        EditionComplaint(
            district,
            Text(
                f"{district} 第 {head.number} 期在磁盘上的是另一版",
                f"another edition {head.number} of {district} lies on disk than is on record",
            ),
            _COMPARE,
        )
        for head in list_other_on_disk(app, heads)
    ]


def _faults_on_disk(app: App, district: str) -> list[VerifyFault]:
    source = open_folder(app.editions / district)
    return verify_edition(source, find_own_keys(app.config) or {}, today()).faults


def _complaint(district: str, fault: VerifyFault) -> EditionComplaint:
    text = Text(
        f"{district} 的公示文件 {fault.file}：{fault.text.zh}",
        f"published file {fault.file} of {district}: {fault.text.en}",
    )
    return EditionComplaint(district, text, _RENEW if fault.code == "VERIFY-STALE" else _REWRITE)
