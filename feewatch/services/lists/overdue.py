"""What of decisions is late: not handed in for 双公示, defences and objections not answered."""

from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.objections import PENDING
from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.lists.decision_reports import count_owed
from feewatch.store.pages import procedure


class Overdue(NamedTuple):
    """How much of one kind is late, and how to mend it."""

    name: str
    number: int
    text: Text
    cure: Text


def list_overdue(app: App) -> list[Overdue]:
    """What is late in the whole office; nothing of a kind of which nothing is."""
    with app.database.reading() as tx:
        reports = count_owed(app, tx, Scope())["reports_overdue"]
        said = procedure.list_objections(tx, Scope())
    answers = sum(row["state"] in PENDING and row["answer_due"] < today() for row in said)
    found = (
        Overdue(
            "decision_reports", reports,
            Text(f"{reports} 份决定逾期未报送双公示", f"{reports} decisions not handed in in time"),
            Text("feewatch decision owed、reported", "feewatch decision owed, reported"),
        ),
        Overdue(
            "decision_answers", answers,
            Text(f"{answers} 项申辩或异议逾期未答复", f"{answers} objections not answered in time"),
            Text("feewatch decision objections、answer", "feewatch decision objections, answer"),
        ),
    )  # fmt: skip
    return [each for each in found if each.number]
