"""Matches by hand, set and undone: those that would end or lower a breach may take two officers."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.services.corrections.trial import (
    Ground,
    RegisterTrial,
    compare_judged,
    ground_of,
)
from feewatch.services.foreseeing import MovedError, do_foreseen
from feewatch.services.intake.manual_matches import (
    PlannedMatch,
    book_match,
    book_undoing,
    get_match,
    plan_match,
)
from feewatch.services.intake.matching import match_changed
from feewatch.services.people import countersigning
from feewatch.services.people.acting import require_reason
from feewatch.store.database import Transaction, tried
from feewatch.store.intake import manual_matches
from feewatch.store.intake.successors import in_order
from feewatch.store.pages import PageRow
from feewatch.store.state import hold_still

#: A match that may be decided, or taken back.
Planned = TypeVar("Planned", PlannedMatch, PageRow)


class MatchFate(NamedTuple):
    """What came of it."""

    key: int  # of the decision, or the number under which it waits
    waits: bool


def set_match(
    app: App, entry: str, contract_no: str, *, amount_fen: int | None, actor: str, reason: str
) -> MatchFate:
    """Let an entry pay, or pay back on, a contract of its institution, at once or once confirmed.

    Raises: as ``plan_match``; ConflictError where a match of the entry waits; TryLaterError.
    """

    def plan(tx: Transaction) -> PlannedMatch:
        return plan_match(tx, entry, contract_no, amount_fen=amount_fen, actor=actor)

    def act(tx: Transaction, planned: PlannedMatch) -> object:
        key = planned.institution_id
        return manual_matches.add(tx, key, planned.given, actor=actor, reason=reason)

    def write(tx: Transaction, planned: PlannedMatch, ended: list[list[str]]) -> MatchFate:
        if not ended:
            return MatchFate(book_match(tx, planned, actor=actor, reason=reason), waits=False)
        name, content = str(planned.given.entry_id), _content(planned) | {"ends": ended}
        key = planned.institution_id
        number = countersigning.ask(tx, "match", name, key, content, actor=actor, reason=reason)
        return MatchFate(number, waits=True)

    require_reason(reason)
    return _do_weighed(app, plan, act, write)


def undo_match(app: App, key: int, *, actor: str, reason: str) -> MatchFate:
    """Take a decision back, at once or once confirmed.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError where it is undone, or
    its undoing waits; TryLaterError.
    """

    def plan(tx: Transaction) -> PageRow:
        return get_match(tx, key, actor=actor)

    def act(tx: Transaction, match: PageRow) -> object:
        return manual_matches.undo(tx, match.id, actor=actor, reason=reason)

    def write(tx: Transaction, match: PageRow, ended: list[list[str]]) -> MatchFate:
        if not ended:
            book_undoing(tx, match, actor=actor, reason=reason)
            return MatchFate(key, waits=False)
        content = {
            "match": key, "contract": match.contract_no, "amount_fen": match.amount_fen,
            "booked_on": format_day(match.entry_booked_on), "ends": ended,
        }  # fmt: skip
        number = countersigning.ask(
            tx, "unmatch", str(key), match.institution_id, content, actor=actor, reason=reason
        )
        return MatchFate(number, waits=True)

    require_reason(reason)
    return _do_weighed(app, plan, act, write)


def confirm_match(tx: Transaction, act: PageRow, by: str) -> None:
    """Book a match that another officer asked for.

    Raises: as ``plan_match``: entry and contract may have changed since.
    """
    told = act.content
    planned = plan_match(
        tx, str(told["entry"]), told["contract"], amount_fen=told["amount_fen"], actor=by
    )
    book_match(tx, planned, actor=act.asked_by, reason=act.reason, confirmed_by=by)


def confirm_undoing(tx: Transaction, act: PageRow, by: str) -> None:
    """Take a match back as another officer asked.

    Raises: NotFoundError, ConflictError where it is undone.
    """
    match = get_match(tx, act.content["match"], actor=by)
    book_undoing(tx, match, actor=act.asked_by, reason=act.reason, confirmed_by=by)


def _do_weighed(
    app: App,
    plan: Callable[[Transaction], Planned],
    act: Callable[[Transaction, Planned], object],
    write: Callable[[Transaction, Planned, list[list[str]]], MatchFate],
) -> MatchFate:
    """Judge with an act and without it in a look, then write it, or that a second officer is asked.

    ``write`` is told the titles of the rules of which the act would end or lower a breach; none
    where one officer is enough.
    """
    foreseen: list[tuple[Planned, Ground | None, list[list[str]]]] = []

    def foresee() -> None:
        with app.database.trying() as tx:
            planned = plan(tx)
            ground = _ground(app, tx, planned)
            ended = [] if ground is None else _ended_by(app, tx, ground, lambda: act(tx, planned))
            foreseen[:] = [(planned, ground, ended)]

    def do() -> MatchFate:
        with app.database.transaction() as tx:
            planned = plan(tx)
            hold_still(tx, in_order(tx, [planned.institution_id]))
            ((known, ground, ended),) = foreseen
            if (known, ground) != (planned, _ground(app, tx, planned)):
                raise MovedError
            return write(tx, planned, ended)

    match_changed(app)
    fate = do_foreseen(foresee, do)
    if not fate.waits:
        match_changed(app)
    return fate


def _ground(app: App, tx: Transaction, planned: PlannedMatch | PageRow) -> Ground | None:
    """What the judgement of an act rests on; None where one officer is always enough."""
    if not countersigning.is_wanted(app, tx):
        return None
    return ground_of(app, tx, planned.institution_id, today())


def _ended_by(
    app: App, tx: Transaction, ground: Ground, act: Callable[[], object]
) -> list[list[str]]:
    """Titles of the rules of which an act would end or lower a breach."""
    trial = RegisterTrial(app, tx, ground)
    before = trial.judge()
    with tried(tx):
        act()
        after = trial.judge()
    relief = [each for each in compare_judged(before, after) if each.is_relief]
    return [list(title) for title in dict.fromkeys(each.either.title for each in relief)]


def _content(planned: PlannedMatch) -> dict[str, object]:
    """What names the match again: no account, for it is read by who sees none."""
    return {
        "entry": planned.given.entry_id, "booked_on": format_day(planned.booked_on),
        "contract": planned.contract_no, "amount_fen": planned.given.amount_fen,
    }  # fmt: skip
