"""Draws of visits (四不两直): by a seed on record, without those seen lately. Nobody is told."""

import secrets
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.rounds import draws as lots
from feewatch.rounds.draws import Lot
from feewatch.services.people.acting import get_acting, place_outside, require_reason
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.groups import list_standings
from feewatch.store import audit
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.rounds import draws, visits

SEED_MOST = 60


def draw_visits(
    app: App,
    size: int,
    *,
    actor: str,
    reason: str,
    seed: str | None = None,
    district: str | None = None,
) -> str:
    """The number of a draw of institutions of a district, by default the office's own.

    The tickets of an institution are those of its group times those of its latest grade; who was
    visited in the last days of the scheme is left out, and named. Nobody is told.

    Raises: ForbiddenError, InvalidInputError; ConflictError where nobody is left to draw.
    """
    require_reason(reason)
    seed = secrets.token_hex(8) if seed is None else seed
    if not 0 < len(seed) <= SEED_MOST:
        raise InvalidInputError("SEED", "种子为 1 至 60 字", "a seed has 1 to 60", field="seed")
    if not 0 < size <= 1000:
        raise InvalidInputError("SIZE", "数量应为 1 至 1000", "from 1 to 1000", field="size")
    day, place = today(), district or app.config.office.district
    scheme = rounds_scheme(app)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        if not person.scope.sees(place, None):
            raise place_outside(place, person.name)
        seen = visits.last_visits(tx, day)
        grades = draws.latest_grades(tx)
        pool: list[list[Any]] = []
        excluded: list[list[Any]] = []
        for each in list_standings(app, tx, Scope(place), day):
            last = seen.get(each.institution_id)
            if last is not None and last > day - scheme.recent_days:
                excluded.append([each.uscc, format_day(last)])
                continue
            grade = grades.get(each.institution_id)
            pool.append([each.uscc, scheme.tickets(each.group, grade), each.group, grade])
        drawn = lots.draw(seed, [Lot(row[0], row[1]) for row in pool], size)
        if not drawn:
            raise ConflictError(
                "DRAW-EMPTY", "没有可抽取的机构", "there is no institution left to draw"
            )
        number = draws.add(
            tx, place, day, person.name, seed=seed, size=size, recent_days=scheme.recent_days,
            pool=pool, excluded=excluded, drawn=drawn, reason=reason,
        )  # fmt: skip
        audit.record(
            tx, person.name, "visit.draw", number, seed=seed, size=size, pool=len(pool),
            excluded=len(excluded), drawn=len(drawn), reason=reason,
        )  # fmt: skip
    return number


class DrawFile(NamedTuple):
    """A draw, drawn again from its seed and pool, with the visits that answer it."""

    draw: PageRow
    again: list[str]
    made: dict[str, str]  # number of the visit, by code
    names: dict[str, str]  # of the institutions of the pool and of those left out, by code

    @property
    def is_replayed(self) -> bool:
        """Whether seed and pool give what is on record."""
        return self.again == list(self.draw.drawn)


def list_draws(app: App, scope: Scope) -> PageRows:
    """The draws within a scope, the last first."""
    with app.database.reading() as tx:
        return draws.list_draws(tx, scope)


def get_draw(app: App, scope: Scope, number: str) -> DrawFile:
    """A draw, drawn again.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = draws.find(tx, scope, number)
        if row is None:
            raise NotFoundError("DRAW-UNKNOWN", f"没有抽取 {number}", f"no draw {number}")
        answered = draws.list_made(tx, row.id)
        named = visits.name_institutions(tx, answered, today())
        codes = {each[0] for each in (*row.pool, *row.excluded)}
        names = visits.names_by_code(tx, codes, today())
    again = lots.draw(row.seed, [Lot(each[0], each[1]) for each in row.pool], row.size)
    made = {named[key][0]: visit for key, visit in answered.items()}
    return DrawFile(row, again, made, names)
