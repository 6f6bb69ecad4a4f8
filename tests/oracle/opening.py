"""Opens the books of an institution: all that a world has on file of it, as of a day."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from oracle import records
from oracle.books import Books, tenure
from oracle.calendar_days import each_day
from oracle.elements import SELF_TOLD
from oracle.matching import settle
from oracle.records import Account, Entry, Lesson, Sheet, Succession
from oracle.world import Paper, World


def open_books(world: World, uscc: str) -> Books:
    """All that is on file of one institution, classified and matched with those tied to it."""
    successions = [records.succession(row) for row in world.tables["successions"]]
    peers = [_open(world, member, successions) for member in _tied(uscc, successions)]
    receipts: dict[str, date] = {}
    for books in peers:
        books.peers, books.prepaid_by_receipt = peers, receipts
    settle(peers)
    return peers[0]


def _tied(uscc: str, successions: list[Succession]) -> list[str]:
    """An institution, and all that successions tie it to, directly or through others."""
    tied = [uscc]
    for member in tied:
        for each in successions:
            if member in (each.old, each.new):
                tied += [other for other in (each.old, each.new) if other not in tied]
    return tied


def _open(world: World, uscc: str, successions: list[Succession]) -> Books:
    as_of = world.as_of
    contracts = _contracts(world, uscc, successions)
    books = Books(
        facts=sorted((records.institution(row) for row in world.rows("institutions", uscc)),
                     key=lambda each: each.valid_from or date.min),
        accounts=[records.account(row) for row in world.rows("accounts", uscc)],
        courses={row["course_id"]: records.course(row) for row in world.rows("courses", uscc)},
        contracts=contracts,
        lessons=_lessons([row for row in world.tables["lessons"]
                          if row["contract_no"] in contracts
                          and contracts[row["contract_no"]].home == row["uscc"]], as_of),
        refunds={},
        approvals=[records.approval(row) for row in world.rows("approvals", uscc)],
        lesson_days=_lesson_days(world, uscc),
        sheets={},
        entries=[],
        as_of=as_of,
        school_days=world.school_days,
        enrolment=world.enrolment,
        successions=successions,
        tells_whose_word=SELF_TOLD in world.elements,
    )  # fmt: skip
    for row in world.tables["refunds"]:
        refund, contract = records.refund(row), contracts.get(row["contract_no"])
        if contract and refund.requested_on <= as_of and books.holds(contract, refund.requested_on):
            books.refunds[refund.number] = refund
    for account in books.accounts:
        books.sheets[account.number] = _sheets(world, account.number)
        books.retold[account.number] = _retold(world, account.number)
        books.contradicted[account.number] = list(_contradicted(world, account.number))
        books.entries += _entries(world, account)
    books.entries.sort(key=lambda entry: entry.day)
    return books


def _contracts(
    world: World, uscc: str, successions: list[Succession]
) -> dict[str, records.Contract]:
    """Contracts that are the institution's on some day, by number."""
    charges: dict[str, list[dict[str, str]]] = {}
    for row in world.tables["charges"]:
        charges.setdefault(row["contract_no"], []).append(row)
    contracts = {}
    for row in world.tables["contracts"]:
        if tenure(row["uscc"], uscc, successions):
            number = row["contract_no"]
            assert number not in contracts, "the oracle tells contracts by their number"
            contracts[number] = records.contract(row, charges.get(number, []))
    return contracts


def _lessons(rows: list[dict[str, str]], as_of: date) -> dict[str, list[Lesson]]:
    """Rows of one contract and day add up."""
    found: dict[tuple[str, str], Lesson] = {}
    for row in rows:
        each, key = records.lesson(row), (row["contract_no"], row["held_on"])
        old = found.get(key)
        count = each.count + (old.count if old else 0)
        found[key] = Lesson(each.held_on, count, each.confirmed_on, each.confirmed_by)
    by_contract: dict[str, list[Lesson]] = {}
    for (number, _), each in sorted(found.items()):
        if each.held_on <= as_of:
            by_contract.setdefault(number, []).append(each)
    return by_contract


def _lesson_days(world: World, uscc: str) -> tuple[date, date] | None:
    days = [date.fromisoformat(row["held_on"]) for row in world.rows("lessons", uscc)]
    if not days:
        return None
    return world.covers.get(uscc) or (min(days), max(days))


def _accepted(world: World, account_no: str) -> list[Paper]:
    found = [each for each in world.papers if each.account_no == account_no and not each.fault
             and each.first <= world.as_of]  # fmt: skip
    return sorted(found, key=lambda each: (each.first, each.last))


def _sheets(world: World, account_no: str) -> list[Sheet]:
    """The statements of an account: its own word adds none for days of others."""
    papers = _accepted(world, account_no)
    proven = [paper for paper in papers if paper.word == "office"]
    return [
        Sheet(p.first, p.last, p.opening, p.closing, p in proven)
        for p in papers
        if p in proven or not any(q.first <= p.first and p.last <= q.last for q in proven)
    ]


def _retold(world: World, account_no: str) -> list[Sheet]:
    """The institution's own statements that tell only days of others."""
    kept = {(sheet.first, sheet.last) for sheet in _sheets(world, account_no)}
    return [Sheet(p.first, p.last, p.opening, p.closing, is_proven=False)
            for p in _accepted(world, account_no)
            if p.word != "office" and (p.first, p.last) not in kept]  # fmt: skip


def _contradicted(world: World, account_no: str) -> Iterator[tuple[date, int]]:
    """Of each of the institution's own statements the first day that others tell otherwise, and
    all money that only one of the two tells on days that both cover; of its first and last day a
    statement may tell a part."""
    papers = _accepted(world, account_no)
    proven = [paper for paper in papers if paper.word == "office"]
    for own in (paper for paper in papers if paper.word != "office"):
        days = [day for day in each_day(own.first, min(own.last, world.as_of))
                if any(paper.first <= day <= paper.last for paper in proven)]  # fmt: skip
        theirs = {id(row): row for paper in proven for row in paper.rows}.values()
        told, known = (Counter((row.day, row.fen) for row in rows if row.day in days)
                       for rows in (own.rows, theirs))  # fmt: skip
        untold = (row for row in (known - told).elements() if own.first < row[0] < own.last)
        alone = [*(told - known).elements(), *untold]
        if alone:
            yield min(alone)[0], sum(abs(fen) for _, fen in alone)


def _entries(world: World, account: Account) -> list[Entry]:
    """Each row that some accepted statement shows, once; equal ones numbered in order."""
    shown = {id(row) for paper in _accepted(world, account.number) for row in paper.rows}
    counts: Counter[tuple[date, int]] = Counter()
    entries = []
    for row in world.bank.get(account.number, ()):
        if id(row) in shown and row.day <= world.as_of:
            counts[row.day, row.fen] += 1
            parties = _known(row.party), _known(row.party_no)
            entries.append(Entry(account, row.day, row.fen, *parties, row.memo or None,
                                 row.balance, counts[row.day, row.fen]))  # fmt: skip
    return entries


def _known(text: str) -> str | None:
    return None if not text or "*" in text else text
