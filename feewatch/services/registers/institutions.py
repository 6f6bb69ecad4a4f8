"""Which institutions a person may act for, or read of, by their credit codes."""

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.store.check import checks
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.pages import institutions


def get_institution(tx: Transaction, scope: Scope, uscc: str) -> int:
    """The key of an institution that is registered within a scope today.

    Raises: NotFoundError.
    """
    key = checks.find_institution(tx, uscc)
    district = None if key is None else bankfiles.find_district(tx, key, today())
    if key is None or district is None or not scope.sees(district, key):
        raise unknown_institution(uscc)
    return key


def codes_within(app: App, scope: Scope) -> frozenset[str] | None:
    """The credit codes of the institutions of a scope today; None where it takes in everything."""
    if scope == NATIONWIDE:
        return None
    with app.database.reading() as tx:
        return frozenset(institutions.list_codes(tx, scope, today()))


def unknown_institution(uscc: str) -> NotFoundError:
    """That there is no such institution, as far as the person may know."""
    return NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
