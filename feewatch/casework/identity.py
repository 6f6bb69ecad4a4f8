"""The name of an alert, made from its identity: the same breach has the same name everywhere."""

import hashlib
import json

from feewatch.engine.findings import Identity
from feewatch.kernel.days import format_day


def alert_id(identity: Identity) -> str:
    """``A`` and 15 hexadecimal digits of the SHA-256 of rule, uscc, subject kind, id and day."""
    parts = [*identity[:4], format_day(identity.on)]
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return "A" + hashlib.sha256(canonical.encode()).hexdigest()[:15]
