"""Any past day judged again on two clocks: the law and the data, each as it stood or as it is."""

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.engine.findings import Finding
from feewatch.kernel.days import Day
from feewatch.services.check.findings import list_findings
from feewatch.services.check.law_history import book_as_of
from feewatch.services.check.rulebook import rule_book
from feewatch.services.trials.hindsight import known_by


@dataclass(frozen=True)
class Clocks:
    """The days as of whose end law and data are taken; None: as they are now."""

    law: Day | None = None
    data: Day | None = None


def list_findings_then(
    app: App, as_of: Day, clocks: Clocks, *, rules: Collection[str] | None = None
) -> list[Finding]:
    """The outcomes of a day on these clocks; writes nothing.

    Raises: NotFoundError where no law is on record that early, or for an unknown rule.
    """
    book = rule_book(app) if clocks.law is None else book_as_of(app, clocks.law)
    with nullcontext(app) if clocks.data is None else known_by(app, clocks.data) as known:
        return list_findings(known, as_of, rules=rules, book=book)
