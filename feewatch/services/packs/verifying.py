"""Verifies a pack of rules without installing it: needs neither network nor database."""

from pathlib import Path

from feewatch.config import Config
from feewatch.kernel.errors import InvalidInputError
from feewatch.publication.keylist import read_key_file, with_revocations
from feewatch.publication.rule_pack import (
    MOST_BYTES,
    claimed_name,
    claimed_revocations,
    is_pack,
    read_pack,
)
from feewatch.publication.signing import PublicKeys, sha256
from feewatch.publication.verification import Report
from feewatch.services.packs.trust import known_ring


def find_pack(target: str) -> bytes | None:
    """The bytes of the file at a path, where it is a pack of rules."""
    path = Path(target)
    if path.suffix.lower() != ".zip" or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return None
    content = path.read_bytes()
    return content if is_pack(content) else None


def verify_pack(config: Config, content: bytes, key_file: Path | None) -> Report:
    """The report on a pack: signature, every file by its hash, names and places.

    The keys are those given, else those that are kept for packs of its name. What its rules say is
    looked at when it is installed, or with ``rules install --dry-run``.

    Raises: InvalidInputError without any key.
    """
    report = Report(kind="rule pack", sha256=sha256(content))
    ring = _ring(config, content, key_file)
    try:
        pack = read_pack(content, ring)
    except InvalidInputError as fault:
        report.fault("zip", fault.text.zh, fault.text.en, fault.code)
        return report
    head = pack.head
    report.office, report.district = head.office, head.district
    report.key_ids, report.checked = [pack.key_id], len(pack.files)
    report.note(
        f"规则包 {head.name} {head.version}，{head.office}（{head.district}）于 {head.issued_on} "
        "签发；规则内容在安装时检查，可先用 rules install --dry-run",
        f"rule pack {head.name} {head.version} of {head.office} ({head.district}), issued on "
        f"{head.issued_on}; its rules are reviewed when it is installed: rules install --dry-run",
    )
    return report


def _ring(config: Config, content: bytes, key_file: Path | None) -> PublicKeys:
    """The keys that count, with what is revoked of them, in the pack too."""
    name = claimed_name(content)
    kept = known_ring(config, name)
    if key_file is None and not kept:
        raise InvalidInputError(
            "KEY-REQUIRED",
            f"没有记住规则包 {name} 的公钥：以 --key 指明从签发机关另行取得的公钥文件",
            f"no keys are kept for packs of the name {name}: give the file of its issuer's public "
            "keys, which came another way, with --key",
            field="key",
        )
    ring = kept if key_file is None else read_key_file(key_file.read_bytes())
    revoked = claimed_revocations(content)
    return ring if revoked is None else with_revocations(ring, revoked)[0]
