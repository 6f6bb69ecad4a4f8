"""One entry of a camt message -> one row: with whom, what for, whether taken back."""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from feewatch.kernel.days import Day, day_of, parse_day
from feewatch.kernel.text import normalise
from feewatch.statements.columns import StatedRow
from feewatch.statements.memos import joined, once, parted, spaced, stored

#: The texts below an element by their paths of local names.
Texts = dict[str, list[str]]
_DETAILS = "NtryDtls/TxDtls"
_DETAILS_OF_FIRST_VERSION = "TxDtls"
#: Where the name of a party stands: of all versions, of newer ones, of a bank that is one.
_PARTY_NAMES = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm")
#: Where an entry tells what it is for, in this order; a text of so many characters is full.
_MEMOS = (
    "RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef",
    "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/RfrdDocInf/RfrdDocNb",
    "RmtInf/Strd/RfrdDocInf/LineDtls/Desc", "RmtInf/Strd/AddtlRmtInf", "RtrInf/AddtlInf",
    "AddtlTxInf",
)  # fmt: skip
_MEMO_OF_ENTRY = "AddtlNtryInf"
_FULL = 140
_NOBODY = (None, None)
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


class Owner(NamedTuple):
    """Whose the account is, as far as the statement tells."""

    account: str
    name: str | None


def row_of(line: int, booked: Day, fen: int, texts: Texts, owner: Owner) -> StatedRow:
    """The row of an entry with this day and amount."""
    details = _DETAILS if _DETAILS in texts else _DETAILS_OF_FIRST_VERSION
    is_alone = len(texts.get(details, ())) == 1
    reference = text_at(texts, "AcctSvcrRef")
    if reference is None and is_alone:
        reference = text_at(texts, f"{details}/Refs/AcctSvcrRef")
    booking = moment_of(day_text(texts, "BookgDt") or "")
    value = moment_of(day_text(texts, "ValDt") or "")
    is_reversal = text_at(texts, "RvslInd") in ("true", "1")
    is_reversal = is_reversal or (is_alone and f"{details}/RtrInf" in texts)
    name, number = None, None
    if is_alone:
        name, number = _other_side(texts, f"{details}/RltdPties", fen, owner, is_reversal)
    return StatedRow(
        line,
        booked,
        booking and booking[1],
        value and value[0],
        fen,
        None,
        name,
        number,
        _memo(texts, details),
        None if reference in (None, "NOTPROVIDED", "NONREF") else normalise(reference),
        is_reversal,
    )


def _other_side(
    texts: Texts, parties: str, fen: int, owner: Owner, is_reversal: bool
) -> tuple[str | None, str | None]:
    """Name and account of the other side, which is never the account's owner.

    What is taken back keeps payer and payee of the original, at some banks not.
    """
    payer, payee = (_party(texts, f"{parties}/{role}") for role in ("Dbtr", "Cdtr"))
    likely, unlikely = (payer, payee) if (fen > 0) != is_reversal else (payee, payer)
    if _is_own(likely, owner) or (is_reversal and likely == _NOBODY):
        likely = _NOBODY if _is_own(unlikely, owner) else unlikely
    return likely


def _party(texts: Texts, path: str) -> tuple[str | None, str | None]:
    name = next((text for each in _PARTY_NAMES if (text := text_at(texts, f"{path}/{each}"))), None)
    return normalise(name) if name else None, number_at(texts, f"{path}Acct/Id")


def _is_own(party: tuple[str | None, str | None], owner: Owner) -> bool:
    """Whether a party is this account; its owner may have another one, too."""
    name, number = party
    if number is not None:
        return number == owner.account
    return name is not None and name == owner.name


def _memo(by_path: Texts, details: str) -> str | None:
    paths = (*(f"{details}/{each}" for each in _MEMOS), _MEMO_OF_ENTRY)
    texts = [stored(joined(by_path[path], _FULL)) or "" for path in paths if path in by_path]
    return spaced(parted(once(texts))) or None


def number_at(texts: Texts, path: str) -> str | None:
    """The account number below a path, in whichever form it stands."""
    forms = ("Othr/Id", "IBAN", "PrtryAcct/Id", "BBAN")
    number = next((text for each in forms if (text := text_at(texts, f"{path}/{each}"))), None)
    return normalise(number).replace(" ", "") if number else None


def day_text(texts: Texts, path: str) -> str | None:
    """The text of a day, or of a day and time, below a path."""
    paths = (f"{path}/Dt", f"{path}/DtTm", f"{path}Tm", path)
    return next((text for each in paths if (text := text_at(texts, each))), None)


@lru_cache(maxsize=4096)
def moment_of(text: str) -> tuple[Day, str | None] | None:
    """Day and time in Shanghai of an ISO date or date and time; one without a zone is local."""
    day = parse_day(text[:10])
    if day is None or len(text) == 10 or text[11:16] == "24:00":
        return None if day is None else (day, None)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return (day, None) if text[10] in "+-Z" else None
    if moment.tzinfo is not None:
        moment = moment.astimezone(_SHANGHAI)
    return day_of(moment.date()), moment.strftime("%H:%M:%S")


def texts_below(element: etree._Element) -> Texts:
    """The texts below an element by their paths of local names."""
    texts: Texts = {}
    _tell(element, "", texts)
    return texts


def _tell(element: etree._Element, at: str, texts: Texts) -> None:
    for child in element:
        path = at + local_name(child.tag)
        texts.setdefault(path, []).append((child.text or "").strip())
        if len(child):
            _tell(child, f"{path}/", texts)


def text_at(by_path: Texts, path: str) -> str | None:
    """The first text of a path, None where there is none or it is empty."""
    texts = by_path.get(path)
    return texts[0] or None if texts else None


@lru_cache
def local_name(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]
