"""What anybody may ask or tell without an account: is this the right account, and a clue.

Bounded by day and address, counted in the database for all processes; of an address only a keyed
hash is kept, and that for the day. Answers tell nothing of what is on file but yes or no.
"""

import hmac
import ipaddress
import secrets
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.casework.messages import desk_clue
from feewatch.kernel.clock import today
from feewatch.kernel.days import date_of
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text, normalise
from feewatch.registry import cells
from feewatch.registry.cells import CellFault
from feewatch.registry.records import Clue
from feewatch.services.messages import tell_office
from feewatch.services.people.quotas import take_asked
from feewatch.store import audit
from feewatch.store.cases import clues
from feewatch.store.pages import posted
from feewatch.store.registers import registers
from feewatch.store.registers.registers import Located

#: As whom the public stands on record; no person can have this name.
PUBLIC = "(public)"
TEXT_MOST, ADDRESS_MOST = 500, 200
_NUMBER_MOST = 60
#: Letters and digits of a clue's number that nobody takes for others.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CHANCE = 10
_IN = Text("收到公众线索 {number}", "the public sent the clue {number}")


@dataclass(frozen=True, slots=True)
class ClueText:
    """A clue as somebody typed it; ``uscc`` and ``address`` may be empty."""

    district: str
    text: str
    uscc: str = ""
    address: str = ""


def is_right_account(app: App, uscc: str, number: str, caller: str) -> bool:
    """Whether a number is that of a fee account of an institution, open today.

    The same no for an institution that nobody knows. ``caller``: the network address.

    Raises: InvalidInputError, QuotaError.
    """
    typed = "".join(normalise(number).split())[:_NUMBER_MOST]
    if isinstance(cells.account_no(typed), CellFault):
        raise InvalidInputError(
            "ACCOUNT-TYPED", "请输入完整账号", "type the whole number", field="account"
        )
    limits = app.config.limits
    take_asked(
        app, "account", _hashed(app, caller), limits.account_questions_a_day,
        of_all=(_hashed(app, uscc), limits.account_questions_an_institution),
    )  # fmt: skip
    with app.database.reading() as tx:
        return posted.has_fee_account(tx, today(), uscc, typed)


def hand_in_clue(app: App, told: ClueText, caller: str) -> str:
    """Put a clue on file, and the number under which its state can be asked for.

    Raises: InvalidInputError, QuotaError.
    """
    clue = _read(told)
    limits = app.config.limits
    take_asked(
        app, "clue", _hashed(app, caller), limits.clues_a_day,
        of_all=("all", limits.public_clues_a_day),
    )  # fmt: skip
    with app.database.transaction() as tx:
        known = registers.institution_ids(tx, [clue.uscc] if clue.uscc else [])
        # the code of one that is on no register stays in the text: a clue names who is on file
        if clue.uscc and clue.uscc not in known:
            named = f"{clue.text}（{clue.uscc}）"
            clue = clue._replace(uscc=None, text=named)
        registers.insert_records(tx, "clues", [Located(0, clue)], known)
        audit.record(tx, PUBLIC, "clue.received", clue.clue_no, {"district": clue.district})
        tell_office(
            tx, district=clue.district, kind="clue_in", object=clue.clue_no,
            text=_IN.fill(number=clue.clue_no), address=desk_clue(clue.clue_no),
        )  # fmt: skip
    return clue.clue_no


def get_clue_state(app: App, number: str) -> str:
    """The state of a clue that the public handed in; nothing else of it.

    Raises: NotFoundError.
    """
    with app.database.reading() as tx:
        state = clues.find_state(tx, number) if number.startswith("G") else None
    if state is None:
        raise NotFoundError("CLUE-UNKNOWN", f"没有线索 {number}", f"no clue {number}")
    return state


def _read(told: ClueText) -> Clue:
    """The clue as it goes on file.

    Raises: InvalidInputError for a phone or identity number, which is not echoed.
    """
    text = _cell(told.text, TEXT_MOST, "text")
    if not text:
        raise InvalidInputError("FIELD", "请写明情况", "tell what happened", field="text")
    if told.uscc and isinstance(cells.uscc(told.uscc), CellFault):
        raise InvalidInputError(
            "CREDIT-CODE", "不是统一社会信用代码", "this is no credit code", field="uscc"
        )
    if isinstance(cells.district(told.district), CellFault):
        raise InvalidInputError("PLACE", "请选择区划", "choose the district", field="district")
    return Clue(
        _new_number(), today(), "online", told.district, text, told.uscc or None,
        _cell(told.address, ADDRESS_MOST, "address") or None, "open", None,
    )  # fmt: skip


def _cell(text: str, longest: int, field: str) -> str:
    cell = normalise(text)
    read = cells.untraceable(longest)(cell) if cell else ""
    if isinstance(read, CellFault):
        raise InvalidInputError(read.code, *read.message, field=field)
    return str(read)


def _new_number() -> str:
    """A number that nobody guesses, with the day in it."""
    chance = "".join(secrets.choice(_ALPHABET) for _ in range(_CHANCE))
    return f"G{date_of(today()):%Y%m%d}-{chance}"


def list_districts(app: App, published: list[str]) -> list[str]:
    """Districts that a clue or a question may be about: those that publish, and those by name."""
    office = app.config.office.district
    named = {place for place in app.config.places if covers(office, place)}
    return sorted({*published, *named, office})


def _hashed(app: App, text: str) -> str:
    """What an address or a code is counted as; of IPv6 the network, which one household has."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        kept = text
    else:
        is_long = address.version == 6
        kept = str(ipaddress.ip_network(f"{text}/64", strict=False)) if is_long else text
    key = app.secret("session")
    return hmac.new(key, f"asked today {kept}".encode(), "sha256").hexdigest()[:24]
