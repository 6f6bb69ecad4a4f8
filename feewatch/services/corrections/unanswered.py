"""Acts that wait for a second officer whom nobody answers, or nobody could; decides nothing."""

from collections.abc import Iterator, Sequence

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.kernel.text import Text
from feewatch.services.people.countersigning import KINDS
from feewatch.store.pages import PageRow
from feewatch.store.pages import countersigns as pages
from feewatch.store.people import users
from feewatch.store.people.countersigns import WAITING

#: After so many days without an answer somebody is to look. An office's preset, no law.
PATIENCE_DAYS = 7
_MOST = 10_000
_LOOK = Text(
    "feewatch countersign list、confirm、refuse", "feewatch countersign list, confirm, refuse"
)
_ADD = Text(
    "为该区划另设一名经办或复核人员：feewatch user add",
    "put another officer or reviewer of that place on file: feewatch user add",
)


def list_unanswered(app: App) -> Iterator[Complaint]:
    """Acts that nobody but who asked could confirm, and the number of those that wait too long."""
    with app.database.reading() as tx:
        rows = pages.list_acts(tx, Scope(), today(), state=WAITING, limit=_MOST)
        people = users.list_active(tx, CASEWORKERS)
    for row in rows:
        if not _may_answer(people, row):
            title = KINDS[row.kind]
            yield Complaint(
                f"countersigns/{row.id}",
                Text(
                    f"双人复核 {row.id}（{title.zh}）除提请人外无人可以确认",
                    f"nobody but who asked could confirm number {row.id} ({title.en})",
                ),
                _ADD,
            )
    late = sum(_days_of(row) > PATIENCE_DAYS for row in rows)
    if late:
        text = Text(
            f"{late} 项双人复核等待超过 {PATIENCE_DAYS} 天",
            f"{late} acts have waited for a second officer for more than {PATIENCE_DAYS} days",
        )
        yield Complaint("countersigns", text, _LOOK)


def _may_answer(people: Sequence[User], row: PageRow) -> bool:
    """Whether somebody else of the place may log in; one who is held may in a day."""
    return any(
        person.name != row.asked_by and person.scope.sees(row.district, row.institution_id)
        for person in people
    )


def _days_of(row: PageRow) -> int:
    asked_on = parse_day(row.asked_at[:10])
    assert asked_on is not None
    return today() - asked_on
