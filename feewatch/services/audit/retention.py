"""Lets the oldest rows of the audit trail go after the span of the office, never under six months.

What stays is still proven: a row tells up to which link they went and its hash, and what those
links covered is covered anew.
"""

import datetime as dt

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.kernel.errors import ConflictError
from feewatch.publication.links import link_hash
from feewatch.services.audit.links import CARRY, PRUNE, Vouched, Walk
from feewatch.services.people.acting import require_reason
from feewatch.store import audit, chain, guards, trail
from feewatch.store.database import Transaction

_AT_ONCE = 2_000


def prune(app: App, *, actor: str, reason: str) -> int:
    """How many rows went: those older than ``[audit] keep_days``, in the order of the chain.

    Raises: InvalidInputError without a reason; ConflictError where the chain is not whole.
    """
    require_reason(reason)
    moment = (now() - dt.timedelta(days=app.config.audit.keep_days)).isoformat(timespec="seconds")
    with app.database.transaction() as tx:
        old = trail.list_older(tx, moment)
        if not old:
            return 0
        walk = Walk(link_hash)
        for row in trail.stream_links(tx):
            walk.take({**row})
        walk.end(trail.find_head(tx))
        if walk.faults:
            raise ConflictError("AUDIT-CHAIN", *walk.faults[0].text)
        last = old[-1]
        for table, covers in walk.covers.items():
            _carry(tx, table, {k: v for k, v in covers.items() if v.number <= last["number"]})
        audit.record(
            tx, actor, PRUNE, "audit", up_to=last["number"], hash=last["hash"], rows=len(old),
            first=old[0]["at"], last=last["at"], reason=reason,
        )  # fmt: skip
        with guards.passing(tx, reason):
            trail.drop_up_to(tx, last["number"])
    return len(old)


def _carry(tx: Transaction, table: str, covers: dict[str, Vouched]) -> None:
    keys = list(covers)
    for start in range(0, len(keys), _AT_ONCE):
        part = {key: covers[key].hash for key in keys[start : start + _AT_ONCE]}
        chain.link_covers(tx, CARRY, table, {table: part})
