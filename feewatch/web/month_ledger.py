"""The month of an institution as the office and the institution itself see it."""

import io
from typing import Any

from flask import Response, send_file

from feewatch.kernel.clock import today
from feewatch.kernel.days import add_months, format_day
from feewatch.services.cases.desk import get_own_facts
from feewatch.services.check.month_ledger import MonthLedger, default_month, read_month_ledger
from feewatch.services.check.month_ledger_workbook import ledger_name, ledger_workbook
from feewatch.web.access import installation, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_month
from feewatch.web.sights import sees


def read_ledger(uscc: str) -> MonthLedger:
    """The month that the address asks for, by default that of the day last checked."""
    app = installation()
    month = read_month("month", default_month(app))
    return read_month_ledger(app, person.scope, uscc, month)


def read_own_ledger() -> MonthLedger:
    """The same of the institution of an institution's person."""
    return read_ledger(get_own_facts(installation(), person.scope).uscc)


def month_of(ledger: MonthLedger) -> dict[str, Any]:
    """What the page of a month is filled with."""
    following = add_months(ledger.first, 1)
    return {
        "ledger": ledger,
        "earlier": format_day(add_months(ledger.first, -1))[:7],
        "later": format_day(following)[:7] if following <= today() else None,
    }


def send_ledger(ledger: MonthLedger) -> Response:
    """A month as a workbook to keep."""
    content = ledger_workbook(ledger, sees_accounts=sees("accounts", uscc=ledger.facts.uscc))
    return send_file(
        io.BytesIO(content), XLSX, as_attachment=True, download_name=ledger_name(ledger)
    )
