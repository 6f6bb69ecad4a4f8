"""What is wrong with packs of rules: of a damaged one nobody knows by which law is judged."""

from collections.abc import Iterator

from feewatch.bootstrap import App
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.text import Text
from feewatch.services.packs.standing import list_packs

_RESTORE = Text(
    "从备份放回 var/packs，或重新安装该规则包的新版本",
    "put var/packs back from a safety copy, or install a newer version of the pack",
)
_ASK = Text(
    "向签发机关另行取得新的公钥和规则包，rules install --key … --replace-key",
    "get new keys and a new pack from its issuer another way: rules install --key … --replace-key",
)


def look_at_packs(app: App) -> Iterator[Complaint]:
    """Packs in force that are not on disk as they were signed, or whose key is revoked since."""
    try:
        packs = list_packs(app.config)
    except UnavailableError as refusal:
        yield Complaint("packs", refusal.text, _RESTORE)
        return
    for each in packs:
        about = f"packs/{each.name}"
        if not each.is_whole:
            text = Text(
                f"规则包 {each.name} 在磁盘上缺失或被改动，与签发的不同",
                f"the pack {each.name} is missing on disk or was changed there: it is not what was "
                "signed",
            )
            yield Complaint(about, text, _RESTORE)
        if each.is_key_revoked:
            text = Text(
                f"规则包 {each.name} 的签名密钥其后已被吊销",
                f"the key that signed the pack {each.name} has been revoked since",
            )
            yield Complaint(about, text, _ASK)
