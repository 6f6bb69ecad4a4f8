"""Anchors of the audit trail, put where its database cannot reach: each edition, each night."""

from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import timestamp
from feewatch.publication import folder
from feewatch.publication.anchors import RECORD_FILE, append_anchor, build_anchor, has_edition
from feewatch.services.lists.keys import get_signing_key
from feewatch.store import trail

#: Where anchors go unless the office names a file, below var.
_ANCHORS = Path("audit") / "anchors.jsonl"


def anchor_path(config: Config) -> Path:
    """The file of anchors of an installation."""
    named = config.audit.anchor_file
    return config.resolve(named) if named else config.var / _ANCHORS


def anchor(app: App) -> trail.ChainHead | None:
    """The link that was anchored now; None while nothing is on record.

    Raises: UnavailableError without a signing key.
    """
    head = _head(app)
    if head is not None:
        append_anchor(anchor_path(app.config), _line(app, head, None))
    return head


def anchor_edition(app: App, district: str, number: int, sha256: str) -> None:
    """Anchor the trail with an edition: beside the editions of its district, and in the file."""
    head, beside = _head(app), app.editions / district / RECORD_FILE
    with folder.alone(app.editions, district):
        if head is None or has_edition(beside, district, number):
            return
        line = _line(app, head, {"district": district, "number": number, "sha256": sha256})
        append_anchor(anchor_path(app.config), line)
        append_anchor(beside, line)


def _head(app: App) -> trail.ChainHead | None:
    with app.database.reading() as tx:
        head = trail.find_head(tx)
    return head if head is not None and head.number else None


def _line(app: App, head: trail.ChainHead, edition: dict[str, Any] | None) -> bytes:
    office, key = app.config.office.name, get_signing_key(app)
    return build_anchor(office, timestamp(), head.number, head.hash, key, edition)
