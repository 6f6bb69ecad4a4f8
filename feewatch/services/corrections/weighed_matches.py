"""Matches by hand, set and undone: those that would end or lower a breach may take two officers."""

from collections.abc import Callable
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.services.corrections.trial import RegisterTrial, compare_judged
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
from feewatch.store.pages import PageRow


class MatchFate(NamedTuple):
    """What came of it."""

    key: int  # of the decision, or the number under which it waits
    waits: bool


def set_match(
    app: App, entry: str, contract_no: str, *, amount_fen: int | None, actor: str, reason: str
) -> MatchFate:
    """Let an entry pay, or pay back on, a contract of its institution, at once or once confirmed.

    Raises: as ``plan_match``; ConflictError where a match of the entry waits.
    """
    require_reason(reason)
    match_changed(app)
    with app.database.transaction() as tx:
        planned = plan_match(tx, entry, contract_no, amount_fen=amount_fen, actor=actor)
        key, given = planned.institution_id, planned.given
        ended = _ended_by(
            app, tx, key, lambda: manual_matches.add(tx, key, given, actor=actor, reason=reason)
        )
        if ended:
            name, content = str(given.entry_id), _content(planned) | {"ends": ended}
            number = countersigning.ask(tx, "match", name, key, content, actor=actor, reason=reason)
            return MatchFate(number, waits=True)
        done = book_match(tx, planned, actor=actor, reason=reason)
    match_changed(app)
    return MatchFate(done, waits=False)


def undo_match(app: App, key: int, *, actor: str, reason: str) -> MatchFate:
    """Take a decision back, at once or once confirmed.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError where it is undone, or
    its undoing waits.
    """
    require_reason(reason)
    match_changed(app)
    with app.database.transaction() as tx:
        match = get_match(tx, key, actor=actor)
        ended = _ended_by(
            app, tx, match.institution_id,
            lambda: manual_matches.undo(tx, key, actor=actor, reason=reason),
        )  # fmt: skip
        if ended:
            content = {
                "match": key, "contract": match.contract_no, "amount_fen": match.amount_fen,
                "booked_on": format_day(match.entry_booked_on), "ends": ended,
            }  # fmt: skip
            number = countersigning.ask(
                tx, "unmatch", str(key), match.institution_id, content, actor=actor, reason=reason
            )
            return MatchFate(number, waits=True)
        book_undoing(tx, match, actor=actor, reason=reason)
    match_changed(app)
    return MatchFate(key, waits=False)


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


def _ended_by(
    app: App, tx: Transaction, institution_id: int, act: Callable[[], object]
) -> list[list[str]]:
    """Titles of the rules of which an act would end or lower a breach; none where one is enough.

    Judged with the act and without it, in parts of the transaction that are rolled back.
    """
    if not countersigning.is_wanted(app, tx):
        return []
    trial = RegisterTrial(app, tx, institution_id, today())
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
