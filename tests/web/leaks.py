"""What of a demonstration may not stand on a page, and finding it there."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from feewatch.store.tables.ledger import entry
from feewatch.store.tables.registers import account, institution, institution_fact
from tests.web.town import Town

_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_DIGITS = re.compile(r"\d{10,}")
_NAME_LENGTHS = (2, 3, 4)


@dataclass(frozen=True)
class Leaks:
    """Names of private payers and payees, and account numbers, that a person may not read."""

    names: frozenset[str]
    accounts: frozenset[str]

    def inside(self, content: bytes) -> list[str]:
        """Those that stand in a page or a file of any kind."""
        leaks = set()
        for text in _texts(content):
            for run in _HAN.findall(text):
                for length in _NAME_LENGTHS:
                    parts = {run[n : n + length] for n in range(len(run) - length + 1)}
                    leaks |= parts & self.names
            leaks |= set(_DIGITS.findall(text)) & self.accounts
        return sorted(leaks)


def leaks_of(town: Town, own: str = "") -> Leaks:
    """What nobody may read of a town's people but deciders, and ``own`` of its own institution.

    Who is named by the registers of the office, as a representative is, is no secret of them.
    """
    with town.demo.app.database.reading() as tx:
        parties = select(entry.c.counterparty, entry.c.counterparty_account, account.c.account_no)
        rows = tx.execute(
            parties.join(account, account.c.id == entry.c.account_id)
            .join(institution, institution.c.id == account.c.institution_id)
            .where(institution.c.uscc != own)
        ).all()
        facts = tx.execute(select(institution_fact)).mappings().all()
    public = " ".join(
        f"{row['name']} {row['legal_representative']} {row['related_parties']}" for row in facts
    )
    names = {row.counterparty for row in rows if row.counterparty}
    private = {name for name in names if _HAN.fullmatch(name) and len(name) in _NAME_LENGTHS}
    numbers = {row.counterparty_account for row in rows} | {row.account_no for row in rows}
    return Leaks(
        frozenset(name for name in private if name not in public),
        frozenset(number for number in numbers if number and _DIGITS.fullmatch(number)),
    )


def _texts(content: bytes) -> Iterator[str]:
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield from (
                package.read(name).decode("utf-8", "replace") for name in package.namelist()
            )
    else:
        yield content.decode("utf-8", "replace")
