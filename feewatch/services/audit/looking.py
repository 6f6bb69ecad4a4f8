"""Who may look into the audit trail."""

from feewatch.bootstrap import App
from feewatch.kernel.people import AUDITORS
from feewatch.services.people.acting import get_acting


def require_auditor(app: App, name: str | None) -> None:
    """Nothing for the operator, who names nobody, and for who may see the trail of the office.

    Raises: ForbiddenError.
    """
    if name is not None:
        with app.database.reading() as tx:
            get_acting(tx, name, AUDITORS, app.config.office.district)
