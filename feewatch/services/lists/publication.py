"""Editions of the lists: composed from the record, signed, put on disk, owed to subscribers.

The row with the signed document is committed first and files follow from it, so a process killed
at any point leaves nothing half done that the next run would not complete.
"""

from collections.abc import Callable, Collection, Mapping

from feewatch.bootstrap import App
from feewatch.kernel.days import JUDGED_FROM, Day
from feewatch.kernel.people import Scope
from feewatch.publication import folder
from feewatch.services.check.future import require_past
from feewatch.services.check.rulebook import rule_book_version
from feewatch.services.lists.composing import (
    list_uncorrected,
)
from feewatch.services.lists.covers import list_covers
from feewatch.services.lists.gathering import gather_districts
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.material import (
    Material,
    add_to_all,
)
from feewatch.services.lists.press import Press, Published
from feewatch.services.lists.shelving import (
    finish_publication,
)
from feewatch.services.lists.standings import Findings, gather_outcomes, terms_of
from feewatch.services.people.acting import get_acting
from feewatch.store.lists import editions

PUBLISHERS = ("publisher",)


_OFFICE_HEAD = ("administrator",)


Version = Callable[[App], str]


def publish_by(
    app: App,
    as_of: Day,
    *,
    actor: str,
    district: str = "",
    force: bool = False,
    seen: Mapping[str, str] | None = None,
    findings: Findings = list_covers,
    rule_book: Version = rule_book_version,
) -> list[Published]:
    """A person publishes: the districts of their scope, or one of them.

    ``force``: an administrator publishes as of a day that has not come. ``seen``: by district the
    fingerprint of what the person looked at; what has changed since is refused.

    Raises: as ``publish``; ForbiddenError, InvalidInputError.
    """
    with app.database.reading() as tx:
        person = get_acting(tx, actor, _OFFICE_HEAD if force else PUBLISHERS, district or None)
    require_past(app, as_of, act="publish", forced_by=actor if force else None)
    return publish(
        app, as_of, actor=actor, scope=Scope(district) if district else person.scope, seen=seen,
        findings=findings, rule_book=rule_book,
    )  # fmt: skip


def publish_given(
    app: App,
    cut_off: Day,
    *,
    actor: str,
    district: str,
    findings: Findings = list_covers,
    rule_book: Version = rule_book_version,
) -> list[Published]:
    """Publish what two persons agreed to: the edition, or the recall of one."""
    corrected = publish_corrections(app, actor=actor, districts=[district], rule_book=rule_book)
    with app.database.reading() as tx:
        latest = editions.find_latest(tx, district)
    if latest is not None and latest.cut_off > cut_off:
        return corrected
    return corrected + publish(
        app, cut_off, actor=actor, scope=Scope(district), findings=findings, rule_book=rule_book
    )


def publish(
    app: App,
    as_of: Day,
    *,
    actor: str,
    dry_run: bool = False,
    scope: Scope | None = None,
    seen: Mapping[str, str] | None = None,
    findings: Findings = list_covers,
    rule_book: Version = rule_book_version,
) -> list[Published]:
    """The edition of every district at a cut-off; one that exists with the same entries stays.

    Raises: ConflictError for a cut-off before the latest edition's, UnavailableError without key.
    """
    outcomes = gather_outcomes(app, as_of, findings=findings)
    press = Press(app, rule_book(app), as_of, actor, seen=seen)
    with app.database.reading() as tx:
        records = (
            record
            for record in gather_districts(
                tx, as_of, outcomes, terms_of(app), default=app.config.office.district
            )
            if scope is None or scope.sees(record.district, None)
        )
        if dry_run:
            return [press.preview(tx, material) for material in add_to_all(app, tx, as_of, records)]
        published = [press.publish(Material(*record)).on_record(app.database) for record in records]
    finish_publication(app)
    return published


def publish_corrections(
    app: App,
    as_of: Day | None = None,
    *,
    actor: str,
    districts: Collection[str] | None = None,
    rule_book: Version = rule_book_version,
) -> list[Published]:
    """Editions that only take out what must leave at once, where there is anything.

    ``as_of``: without one the cut-off of each latest edition stands, and nothing runs out.
    """
    day = JUDGED_FROM if as_of is None else as_of
    config, database = app.config.publication, app.database
    with database.reading() as tx:
        # mostly nothing was written since the look before
        places = database.kept.within(tx).answer(
            ("uncorrected", day, tuple(config.list_basis)),
            lambda: sorted(list_uncorrected(config, database, tx, day)),
        )
    if not places:
        return []
    press = Press(app, rule_book(app), day, actor)
    corrections = [
        press.correct(place) for place in places if districts is None or place in districts
    ]
    published = [correction for correction in corrections if correction is not None]
    if published:
        finish_publication(app)
    return published


def refresh_timestamps(app: App, as_of: Day) -> None:
    """Vouch anew that the latest edition of each district is the latest."""
    with app.database.reading() as tx:
        latest = editions.list_latest_heads(tx)
    key = get_signing_key(app)
    for edition in latest:
        if as_of >= edition.cut_off:
            with folder.alone(app.editions, edition.district):
                folder.write_timestamp(
                    app.editions, edition.district, edition.number, edition.sha256, as_of, key
                )
