"""A large share of a list leaves by the word of two persons; the clock publishes by an order."""

from feewatch.bootstrap import App
from feewatch.casework.messages import PUBLICATION
from feewatch.credit.lists import LISTS
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError, ForbiddenError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.lists.drafts import SECOND_CODE, EditionDraft, digest_of
from feewatch.services.lists.material import Material
from feewatch.services.messages import tell_office
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import second_words
from feewatch.store.people import users

#: The name under which the clock acts.
CLOCK = "scheduler"
SECONDERS = ("publisher", "reviewer")
ORDERERS = ("publisher", "administrator")


def ask_second_word(
    tx: Transaction, material: Material, draft: EditionDraft, cut_off: Day, actor: str
) -> None:
    """Put on record that a draft waits for a second word, and tell who may give it; once."""
    if not any(objection.code == SECOND_CODE for objection in draft.objections):
        return
    assert material.latest is not None
    leaving, digest = digest_of(draft.leaves)
    first_by = _first_word(tx, actor)
    is_new = second_words.ask(
        tx, district=material.district, base_number=material.latest.number, cut_off=cut_off,
        leaving=leaving, digest=digest, first_by=first_by,
    )  # fmt: skip
    if not is_new:
        return
    lists = [LISTS[name] for name in leaving]
    text = Text(
        f"{material.district}：{'、'.join(each.zh for each in lists)}"
        "将有超过规定比例的机构移出，须由另一人同意",
        f"{material.district}: more than the set share would leave the "
        f"{', '.join(each.en for each in lists)}; another person must agree",
    )
    for role in SECONDERS:
        tell_office(
            tx, district=material.district, role=role, but=first_by or "", kind="second_word",
            object=f"{material.district}/{material.latest.number}", text=text, address=PUBLICATION,
        )  # fmt: skip


def give_second_word(
    app: App, *, actor: str, reason: str, district: str = ""
) -> dict[str, tuple[Day, bool]]:
    """Agree to what waits in a district, or in all of the person's scope.

    By district the cut-off, and whether both words are given now. What the clock asked by nobody's
    order takes two persons beside it: the first to agree is the first of them.

    Raises: ConflictError where nothing waits, ForbiddenError for who gave the first word.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, SECONDERS, district or None)
        scope = Scope(district) if district else person.scope
        waiting = [row for row in list_waiting(tx, scope) if scope.sees(row["district"], None)]
        if not waiting:
            raise ConflictError(
                "SECOND-NONE", "没有待第二人同意的名单变动", "nothing waits for a second word"
            )
        rows = [row for row in waiting if row["first_by"] != person.name]
        if not rows:
            raise ForbiddenError(
                "SECOND-SAME",
                "第一人与第二人须为不同的人",
                "the second word is another person's than the first",
            )
        for row in rows:
            is_whole = row["first_by"] is not None
            if is_whole:
                second_words.give(tx, row["id"], actor, reason)
            else:
                second_words.give_first(tx, row["id"], actor)
            audit.record(
                tx, actor=actor, action="edition.second_word" if is_whole else "edition.first_word",
                object=f"{row['district']}/{row['base_number']}", reason=reason,
                leaving={name: len(part["entries"]) for name, part in row["leaving"].items()},
            )  # fmt: skip
        return {row["district"]: (row["cut_off"], row["first_by"] is not None) for row in rows}


def list_waiting(tx: Transaction, scope: Scope) -> list[Record]:
    """The newest question of each district that nobody has settled, in scope."""
    newest: dict[str, Record] = {}
    for row in second_words.list_words(tx, scope=scope):
        newest.setdefault(row["district"], row)
    return [row for row in newest.values() if row["second_by"] is None]


def find_standing_order(app: App) -> Record | None:
    """The latest word on whether the clock publishes; None where nobody ever said."""
    with app.database.reading() as tx:
        return second_words.find_standing_order(tx)


def require_standing_order(app: App) -> None:
    """Nothing, unless somebody withdrew the order that the clock publishes.

    Raises: ConflictError.
    """
    row = find_standing_order(app)
    if row is not None and not row["is_given"]:
        raise ConflictError(
            "STANDING-ORDER",
            f"常设发布指令已由 {row['given_by']} 撤回，定时任务不发布",
            f"{row['given_by']} withdrew the standing order: the clock publishes nothing",
        )


def set_standing_order(app: App, *, actor: str, reason: str, is_given: bool) -> None:
    """Order that the clock publishes as configured, or that it does not.

    Raises: ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, ORDERERS, app.config.office.district)
        second_words.set_standing_order(tx, actor, reason, is_given=is_given)
        action = "standing_order.give" if is_given else "standing_order.withdraw"
        audit.record(tx, actor=actor, action=action, object="publication", reason=reason)


def _first_word(tx: Transaction, actor: str) -> str | None:
    """Whose wish it is: the person's, or of the clock, who gave it its order."""
    if actor == CLOCK:
        order = second_words.find_standing_order(tx)
        return order["given_by"] if order is not None and order["is_given"] else None
    person = users.find_by_name(tx, actor)
    return None if person is None else person.name
