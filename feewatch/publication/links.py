"""The hash by which a row of the audit trail is bound to the one before it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from feewatch.publication.signing import canonical

#: What stands for the row before the first one.
GENESIS = "0" * 64
#: The columns of a row that its hash is made of, beside its number and the hash before.
LINKED = ("at", "actor", "action", "object", "detail", "way", "origin", "covers")


def link_hash(row: Mapping[str, Any]) -> str:
    """The hash of a row of the trail with its number and the hash before it."""
    names = (*LINKED, "number", "previous")
    told = {name: row[name] for name in names if row[name] is not None}
    return hashlib.sha256(canonical(told)).hexdigest()
