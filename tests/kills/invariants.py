"""What has to be true of the office at every moment, and of every answer that it has given."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, and_, case, func, select

from feewatch.bootstrap import App
from feewatch.publication.folder import LATEST
from feewatch.services.audit.verifying import prove_chain, verify
from feewatch.services.backup.taking import verify_copy
from feewatch.store.tables.casework import (
    alert,
    alert_event,
    case_event,
    case_file,
    case_matter,
    matter,
)
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.papers import paper
from feewatch.store.tables.proposals import proposal, proposal_event
from feewatch.store.tables.publication import decision, decision_event, edition, outbox


def list_wrong(app: App, told: list[dict]) -> list[str]:
    """What is wrong at this moment, while others may be at work. ``told``: lines of the journal.

    The lines were read before: what they say was answered already.
    """
    with app.database.reading() as tx:
        wrong = [
            *of_statements(tx), *of_alerts(tx), *of_cases(tx), *of_editions(tx),
            *of_decisions(tx), *of_proposals(tx), *of_papers(tx), *of_answers(tx, told),
        ]  # fmt: skip
    faults = [fault.place for fault in prove_chain(app).faults]
    return [*wrong, *(f"chain: {place}" for place in faults), *of_latest(app, told)]


def list_wrong_at_rest(app: App, told: list[dict]) -> list[str]:
    """The same where nobody is at work: also every file, every edition, every safety copy."""
    proof = verify(app)
    inside = sorted(path for path in (app.config.folder / "copies").glob("*.zip"))
    wrong = [f"{fault.kind} {fault.place}" for fault in proof.faults]
    for path in inside:  # an unfinished one has another name
        verify_copy(path)
    copies = {line["path"]: line["sha"] for line in told if line["kind"] == "backup"}
    wrong += [path for path, sha in copies.items() if sha != _hash(Path(path))]
    return [*list_wrong(app, told), *wrong]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "gone"


def of_statements(tx: Connection) -> Iterator[str]:
    """No statement is on file in part, and none that was not accepted has rows."""
    rows = (
        select(
            entry.c.statement_id,
            func.count().label("present"),
            func.sum(entry.c.amount_fen).label("total"),
        )
        .group_by(entry.c.statement_id)
        .subquery()
    )
    query = select(statement, rows.c.present, rows.c.total).outerjoin(
        rows, rows.c.statement_id == statement.c.id
    )
    for row in tx.execute(query):
        present = row.present or 0
        if present != (row.entries if row.status == "accepted" else 0):
            yield f"statement {row.id} ({row.status}) has {present} of {row.entries} rows"
        stated = row.opening_fen is not None and row.closing_fen is not None
        if (
            row.status == "accepted"
            and stated
            and row.opening_fen + (row.total or 0) != (row.closing_fen)
        ):
            yield f"statement {row.id} does not add up"
    files = select(source_file.c.sha256).where(
        source_file.c.status == "accepted",
        ~select(statement.c.id).where(statement.c.file_sha256 == source_file.c.sha256).exists(),
    )
    yield from (f"file {sha} without statements" for sha in tx.scalars(files))


def of_alerts(tx: Connection) -> Iterator[str]:
    """Each alert was opened once, no state has two, a matter counts its own."""
    opened = dict(
        tx.execute(
            select(alert_event.c.alert_id, func.count())
            .where(alert_event.c.change == "opened")
            .group_by(alert_event.c.alert_id)
        ).all()
    )
    states: Counter = Counter()
    counted: Counter = Counter()
    for row in tx.execute(select(alert)):
        if opened.get(row.id) != 1:
            yield f"alert {row.id} was opened {opened.get(row.id)} times"
        counted[row.matter_id] += row.status != "withdrawn"
        if row.is_state and row.status in ("open", "in_case") and row.recovered_on is None:
            states[row.rule, row.uscc, row.subject_kind, row.subject_id] += 1
    yield from (f"two alerts of one state: {key}" for key, n in states.items() if n > 1)
    for row in tx.execute(select(matter.c.id, matter.c.alerts)):
        if row.alerts != counted[row.id]:
            yield f"matter {row.id} counts {row.alerts}, has {counted[row.id]}"


def of_cases(tx: Connection) -> Iterator[str]:
    """A case stands where its last step left it; numbers have no gaps; matters have one case."""
    last = dict(
        tx.execute(
            select(case_event.c.case_file_id, case_event.c.to_state).order_by(case_event.c.id)
        ).all()
    )
    numbers = defaultdict(list)
    for row in tx.execute(select(case_file)):
        if last.get(row.id) != row.state:
            yield f"case {row.number} is {row.state}, its last step led to {last.get(row.id)}"
        series, _, n = row.number.rpartition("-")
        numbers[series].append(int(n))
    for series, used in numbers.items():
        if sorted(used) != list(range(1, len(used) + 1)):
            yield f"numbers of cases {series}: {sorted(used)}"
    lost = (
        select(matter.c.id)
        .outerjoin(case_matter, case_matter.c.matter_id == matter.c.id)
        .where(matter.c.status == "in_case", case_matter.c.matter_id.is_(None))
    )
    yield from (f"matter {key} is in no case" for key in tx.scalars(lost))


def of_editions(tx: Connection) -> Iterator[str]:
    """Numbers without gaps, each edition names the one before, each waits for each subscriber."""
    before: dict[str, tuple[int, str]] = {}
    for row in tx.execute(select(edition).order_by(edition.c.district, edition.c.number)):
        number, sha = before.get(row.district, (0, None))
        if (row.number, row.previous_sha256) != (number + 1, sha):
            yield f"edition {row.district}/{row.number} does not follow {number}"
        if hashlib.sha256(row.document.encode()).hexdigest() != row.sha256:
            yield f"edition {row.district}/{row.number} is not whole"
        before[row.district] = row.number, row.sha256
    owed = select(edition.c.id, func.count(outbox.c.id)).outerjoin(
        outbox, outbox.c.edition_id == edition.c.id
    )
    for key, n in tx.execute(owed.group_by(edition.c.id)):
        if n != 1:
            yield f"edition {key} waits {n} times"


def of_decisions(tx: Connection) -> Iterator[str]:
    words = {"proposed": "proposed", "reviewed": "reviewed", "approved": "in_force"}
    last = dict(
        tx.execute(
            select(decision_event.c.decision_id, decision_event.c.change).order_by(
                decision_event.c.id
            )
        ).all()
    )
    for row in tx.execute(select(decision.c.id, decision.c.document, decision.c.status)):
        if words.get(last.get(row.id, "")) != row.status:
            yield f"decision {row.document} is {row.status} after {last.get(row.id)}"


def of_proposals(tx: Connection) -> Iterator[str]:
    kept = case((proposal_event.c.change.in_(("asked", "voucher")), 0), else_=1)
    events = (
        select(proposal_event.c.proposal_id, proposal_event.c.change)
        .where(kept == 1)
        .order_by(proposal_event.c.id)
    )
    last = dict(tx.execute(events).all())
    for row in tx.execute(select(proposal.c.id, proposal.c.state)):
        if {"proposed": "open"}.get(last.get(row.id, ""), last.get(row.id)) != row.state:
            yield f"proposal {row.id} is {row.state} after {last.get(row.id)}"


def of_papers(tx: Connection) -> Iterator[str]:
    """Numbers of papers have no gaps and none stands twice."""
    used = defaultdict(list)
    for row in tx.execute(select(paper.c.series, paper.c.year, paper.c.ordinal)):
        used[row.series, row.year].append(row.ordinal)
    for series, numbers in used.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"numbers of papers {series}: {sorted(numbers)}"


def of_answers(tx: Connection, told: list[dict]) -> Iterator[str]:
    """What was answered is there: files, steps, decisions, editions, checks."""
    files = dict(tx.execute(select(source_file.c.sha256, source_file.c.status)).all())
    steps = Counter(
        tuple(row)
        for row in tx.execute(
            select(case_file.c.number, case_event.c.step).join(
                case_file, case_file.c.id == case_event.c.case_file_id
            )
        )
    )
    ranks = ["proposed", "reviewed", "in_force"]
    decided = dict(tx.execute(select(decision.c.document, decision.c.status)).all())
    states = dict(tx.execute(select(proposal.c.id, proposal.c.state)).all())
    shas = {
        (row.district, row.number): row.sha256
        for row in tx.execute(select(edition.c.district, edition.c.number, edition.c.sha256))
    }
    whole = and_(check_run.c.is_unfinished.is_(False))
    checked = Counter(tx.scalars(select(check_run.c.as_of).where(whole)))
    wanted: Counter = Counter()
    runs: Counter = Counter()
    for line in told:
        match line["kind"]:
            case "upload" if files.get(line["sha"]) is None:
                yield f"answered and lost: {line}"
            case "upload" if line["fate"] == "accepted" and files[line["sha"]] != "accepted":
                yield f"accepted and not so: {line}"
            case "case":
                wanted[line["number"], line["step"]] += 1
            case "check":
                runs[line["as_of"]] += 1
            case "decided" if states.get(line["key"]) != line["state"]:
                yield f"decided and not so: {line}"
            case "decision" if (
                ranks.index(decided.get(line["number"], "proposed")) < ranks.index(line["status"])
                or line["number"] not in decided
            ):
                yield f"decided and lost: {line}"
            case "publish":
                lost = [e for e in line["editions"] if shas.get((e[0], e[1])) != e[2]]
                yield from (f"published and lost: {each}" for each in lost)
            case "fault":
                yield f"a process fell by itself: {line['what']}"
    yield from (f"answered and lost: {key}" for key, n in wanted.items() if steps[key] < n)
    yield from (f"a check answered and lost: {day}" for day, n in runs.items() if checked[day] < n)


def of_latest(app: App, told: list[dict]) -> Iterator[str]:
    """Of each district the latest edition that was answered lies on disk, or a later one."""
    newest: dict[str, int] = {}
    for line in told:
        if line["kind"] == "publish":
            for district, number, _ in line["editions"]:
                newest[district] = max(number, newest.get(district, 0))
    for district, number in newest.items():
        link = app.editions / district / LATEST
        if not link.is_symlink() or int(link.readlink().name) < number:
            yield f"{district}: latest is behind {number}"


def of_inbox(folder: Path, dropped: dict[str, bytes]) -> Iterator[str]:
    """Every file that was dropped lies in one place, whole."""
    places = [folder / name for name in ("inbox", "done", "refused")]
    for name, content in dropped.items():
        lying = [place / name for place in places if (place / name).exists()]
        if len(lying) != 1 or lying[0].read_bytes() != content:
            yield f"dropped {name}: {lying}"
