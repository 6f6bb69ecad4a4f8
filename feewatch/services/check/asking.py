"""What was worked out of institutions, kept in a process: asked again where their data changed."""

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any, TypeVar

from feewatch.bootstrap import App
from feewatch.services.check.rulebook import rule_book
from feewatch.store.database import Transaction
from feewatch.store.state import list_to_match, read_changes, read_marks

Answer = TypeVar("Answer")


def ask_of_changed(
    app: App,
    tx: Transaction,
    key: Hashable,
    institutions: Collection[int],
    ask: Callable[[Collection[int]], Mapping[int, Answer]],
) -> dict[int, Answer]:
    """What ``ask`` says of each institution, asked again of those whose data changed since.

    One of whom it says nothing is left out. What is said before an institution's data are matched
    is not kept. ``key`` names all that the answers depend on beside the data and the rule book.
    """
    whole = (key, app.config.office.district, rule_book(app).version)
    known: dict[int, tuple[int, Any]] = (app.database.kept.find(whole, None) or ({},))[0]
    changes = read_changes(tx, institutions)
    stale = {each for each in institutions if known.get(each, (None,))[0] != changes.get(each, -1)}
    said: Mapping[int, Answer] = ask(stale) if stale else {}
    lasting = (stale & changes.keys()) - {*list_to_match(tx)}
    if lasting:
        fresh = {each: (changes[each], said.get(each)) for each in lasting}
        app.database.kept.put(whole, None, known | fresh)
    answers = {each: said.get(each) if each in stale else known[each][1] for each in institutions}
    return {each: answer for each, answer in answers.items() if answer is not None}


def ask_of_one(
    app: App,
    tx: Transaction,
    key: Hashable,
    institution_id: int,
    ask: Callable[[], Answer],
    is_kept: Callable[[Answer], bool],
) -> Answer:
    """What ``ask`` says of one institution, by itself: for answers that only few are asked for.

    As ``ask_of_changed``. ``is_kept``: whether an answer is small enough to be held.
    """
    whole = (key, institution_id, app.config.office.district, rule_book(app).version)
    changes, is_unmatched = read_marks(tx, [institution_id]).get(institution_id, (0, True))
    if is_unmatched:
        return ask()
    known: tuple[Answer] | None = app.database.kept.find(whole, str(changes))
    if known is not None:
        return known[0]
    answer = ask()
    if is_kept(answer):
        app.database.kept.put(whole, str(changes), answer)
    return answer
