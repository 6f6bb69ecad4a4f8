"""What an institution has to do, with the days by which; nothing that only the office can do."""

from collections.abc import Iterator
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.casework.cases import steps_from
from feewatch.casework.messages import OWN_FILES, own_case, own_notice, own_proposal
from feewatch.casework.undertakings import KINDS as PROMISES
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months, date_of, format_day, month_end
from feewatch.kernel.masking import mask_account
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.services.cases.desk import Dossier
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.pages.own_todo import (
    RunningRegister,
    count_quarantined,
    list_asked,
    list_handed,
    list_promises,
    list_windows,
)

#: A licence that ends within so many days is to be renewed: applications take their time.
LICENCE_DAYS = 90
#: So many registers are named one by one.
MOST_REGISTERS = 12
_REGISTERS = "/registers/"
_SUPERVISED = ("fee", "deposit")
_LICENCE = (
    Text("办学许可证 {day} 到期，请申请延续并登记", "the licence ends on {day}: apply for renewal"),
    Text(
        "办学许可证已于 {day} 到期，请立即办理延续",
        "the licence ended on {day}: have it renewed at once",
    ),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do."""

    kind: str  # answer, promise, notice, statement, quarantine, register, proposal, licence
    text: Text
    due: Day | None  # None: as soon as possible
    address: str


def read_todo(app: App, scope: Scope, dossier: Dossier) -> list[Task]:
    """What the institution of a dossier has to do, the most pressing first."""
    key = dossier.facts.id
    assert scope.institution_id == key
    with app.database.reading() as tx:
        tasks = [
            *_answers(dossier),
            *_promises(tx, key),
            *_windows(tx, key),
            *_proposals(tx, key),
            *_statements(dossier),
            *_quarantined(tx, key),
            *_registers(tx, key, dossier),
            *_licence(dossier.facts),
        ]
    return sorted(tasks, key=lambda task: (task.due is None, task.due or 0))


def _answers(dossier: Dossier) -> Iterator[Task]:
    for case in dossier.cases:
        if steps_from(case.state, "institution"):
            number = case.number
            text = Text(f"答复案件 {number}", f"answer case {number}")
            yield Task("answer", text, case.deadline, f"{own_case(number)}#answer")


def _promises(tx: Transaction, institution_id: int) -> Iterator[Task]:
    for row in list_promises(tx, institution_id):
        kind, words = PROMISES[row.kind], f"：{row.text}" if row.text else ""
        text = Text(
            f"履行案件 {row.number} 中的承诺（{kind.zh}）{words}",
            f"do what you undertook in case {row.number} ({kind.en}){words}",
        )
        yield Task("promise", text, row.due_on, own_case(row.number))


def _proposals(tx: Transaction, institution_id: int) -> Iterator[Task]:
    for key in list_asked(tx, institution_id):
        text = Text(f"补充提请 {key} 的说明或凭证", f"complete proposal {key}")
        yield Task("proposal", text, None, own_proposal(key))


def _windows(tx: Transaction, institution_id: int) -> Iterator[Task]:
    for row in list_windows(tx, institution_id, today()):
        text = Text(
            f"阅读事先告知 {row.number}，可陈述申辩",
            f"read notice {row.number}; you may answer it",
        )
        yield Task("notice", text, row.defend_until, own_notice(row.id))


def _statements(dossier: Dossier) -> Iterator[Task]:
    for account in dossier.accounts:
        if account.kind not in _SUPERVISED or account.closed_on is not None:
            continue
        wanted = last_day_wanted(account.statement_cycle or "", today())
        covered = account.covered_to
        if covered is not None and covered >= wanted:
            continue
        masked = mask_account(account.account_no)
        begin = covered + 1 if covered is not None else account.opened_on
        days = _days(begin, wanted)
        yield Task(
            "statement",
            Text(
                f"补报账户 {masked} 的对账单：{days.zh}",
                f"statements of account {masked}: {days.en}",
            ),
            None,
            OWN_FILES,
        )


def last_day_wanted(cycle: str, day: Day) -> Day:
    """The last day of which a statement can be asked for on a day, by the account's cycle.

    Daily: the day before; weekly: the last Sunday before; monthly, or not stated: the end of the
    month before.
    """
    if cycle == "daily":
        return day - 1
    if cycle == "weekly":
        return day - 1 - date_of(day).weekday()
    return month_end(add_months(day, -1))


def _quarantined(tx: Transaction, institution_id: int) -> Iterator[Task]:
    count = count_quarantined(tx, institution_id)
    if count:
        text = Text(
            f"{count} 份对账单被隔离，请看原因并重新提交或说明",
            f"{count} statements are in quarantine: see why, hand in again or explain",
        )
        yield Task("quarantine", text, None, OWN_FILES)


def _registers(tx: Transaction, institution_id: int, dossier: Dossier) -> Iterator[Task]:
    """Registers whose declared days have run out, and what rules lacked at the last check."""
    wanted = last_day_wanted("monthly", today())
    for handed in list_handed(tx, institution_id):
        if handed.to_day is None or handed.to_day < wanted:
            yield Task("register", _until(handed, wanted), None, _REGISTERS)
    reasons = [reason for result in dossier.results for reason in result.reasons]
    targets = {
        target.words: None
        for reason in reasons
        for target in reason.enter
        if not target.is_of_office and target.where != "statements"
    }
    for words in list(targets)[:MOST_REGISTERS]:
        text = Text(f"补充{words.zh}", f"complete {words.en}")
        yield Task("register", text, None, _REGISTERS)


def _until(handed: RunningRegister, wanted: Day) -> Text:
    days = _days(None if handed.to_day is None else handed.to_day + 1, wanted)
    title = KINDS[handed.register].zh
    register = handed.register
    return Text(f"提交“{title}”登记册：{days.zh}", f"the register of {register}: {days.en}")


def _days(begin: Day | None, end: Day) -> Text:
    last = format_day(end)
    if begin is None:
        return Text(f"至 {last}", f"up to {last}")
    first = format_day(begin)
    return Text(f"{first} 至 {last}", f"{first} to {last}")


def _licence(facts: PageRow) -> Iterator[Task]:
    until = facts.licence_until
    if until is None or facts.renewal_applied_on is not None or until > today() + LICENCE_DAYS:
        return
    words = _LICENCE[0] if until >= today() else _LICENCE[1]
    yield Task("licence", words.fill(day=format_day(until)), until, _REGISTERS)
