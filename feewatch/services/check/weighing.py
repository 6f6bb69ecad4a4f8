"""Whether an alert may end: what the institution alone tells opens alerts and ends none.

An alert that all data together would end is judged again without what the institution alone tells.
Only what is over then too is over; of the rest it is noted that it waits for the bank.
"""

from dataclasses import replace

from feewatch.engine.findings import Finding, Identity
from feewatch.kernel.text import Text

_HELD = Text("仅有机构自报资料，待银行核对", "told by the institution alone, not yet confirmed")


def weigh(of_all: Finding | None, of_proven: Finding | None, identity: Identity) -> Finding | None:
    """What is present of an alert that all data would end, given what the proven data say."""
    if of_proven is None and of_all is None:
        return None
    if of_proven is None or of_proven.outcome != "compliant":
        known = of_proven or of_all
        assert known is not None
        return replace(known, identity=identity, outcome="undetermined", reason=_HELD, is_held=True)
    ends = (each.cleared_on for each in (of_all, of_proven) if each is not None)
    days = [day for day in ends if day is not None]
    return replace(of_proven, cleared_on=max(days, default=None))
