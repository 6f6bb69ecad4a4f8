"""The last proof of the chain, kept beside the anchors, and what came since, proven link by link.

A page asks for no walk of the whole trail: what was proven is not walked again, and of what came
since no more than a page waits for. ``feewatch audit verify`` and the nightly job prove all.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.kernel.clock import timestamp
from feewatch.services.audit.links import GENESIS
from feewatch.services.audit.verifying import RecordProof, prove_chain
from feewatch.store import chain, trail

#: As many links a page proves.
MOST_LINKS = 2_000
_FILE = "proven.json"


@dataclass(frozen=True)
class LastProof:
    """When the chain was last proven, up to which link, and what was found."""

    at: str
    scope: str  # all: history, files and editions too; chain: the chain and its anchors
    rows: int
    head: int
    hash: str
    anchors: int
    faults: int


@dataclass(frozen=True)
class ChainState:
    """How the chain stands: the last proof, the links since and whether they follow it."""

    last: LastProof | None
    since: int  # links after it
    is_proven: bool  # they were walked, and follow
    waiting: int = 0


def path_of(config: Config) -> Path:
    """Where the last proof lies."""
    return config.var / "audit" / _FILE


def keep(app: App, proof: RecordProof, scope: str) -> None:
    """Keep a proof that was just made, in place of the one before."""
    last = LastProof(
        timestamp(), scope, proof.rows, proof.head, proof.hash, proof.anchors, len(proof.faults)
    )
    path = path_of(app.config)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = path.with_name(f"{_FILE}.{os.getpid()}")
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(last), file)
    building.replace(path)


def read(config: Config) -> LastProof | None:
    """The last proof; None where none was kept, or what lies there is none."""
    try:
        return LastProof(**json.loads(path_of(config).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def prove_and_keep(app: App) -> RecordProof:
    """The proof of the chain and its anchors, all of it, kept."""
    proof = prove_chain(app)
    keep(app, proof, "chain")
    return proof


def look(app: App) -> ChainState:
    """The last proof and what came since, as far as a page waits for it."""
    last = read(app.config)
    with app.database.reading() as tx:
        head = trail.find_head(tx)
    number = head.number if head is not None else 0
    if last is None and number <= MOST_LINKS:
        prove_and_keep(app)
        last = read(app.config)
    if last is None:
        return ChainState(None, number, is_proven=False)
    since = number - last.head
    is_walked = 0 <= since <= MOST_LINKS
    return ChainState(last, since, is_proven=is_walked and _follows(app, last, number))


def _follows(app: App, last: LastProof, number: int) -> bool:
    """Whether the link last proven stands, and each one since follows the one before."""
    with app.database.reading() as tx:
        at, previous = last.head, last.hash or GENESIS
        known = trail.find_row(tx, at)
        if known is not None and known["hash"] != previous:
            return False
        for row in trail.stream_links(tx, after=at):
            told = {**row}
            if (row["number"], row["previous"]) != (at + 1, previous):
                return False
            if chain.link_hash(told) != row["hash"]:
                return False
            at, previous = row["number"], row["hash"]
        head = trail.find_head(tx)
    return head is not None and (at, previous) == (head.number, head.hash) and at >= number
