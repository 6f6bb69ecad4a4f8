"""One module of tables an aggregate; days are day numbers, money is fen, times are ISO text."""

from feewatch.store.tables import (
    casework,
    checks,
    confirmations,
    grades,
    ledger,
    log_ins,
    objections,
    openings,
    operations,
    papers,
    places,
    privacy,
    proposals,
    publication,
    registers,
    reports,
    rounds,
)
from feewatch.store.tables.base import metadata

__all__ = [
    "casework",
    "checks",
    "confirmations",
    "grades",
    "ledger",
    "log_ins",
    "metadata",
    "objections",
    "openings",
    "operations",
    "papers",
    "places",
    "privacy",
    "proposals",
    "publication",
    "registers",
    "reports",
    "rounds",
]
