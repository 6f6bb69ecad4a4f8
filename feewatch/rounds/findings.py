"""By which names what a visit found goes among alerts and matters.

No rule of the book finds it and no check ends it: a person saw it, and another visit sees it over.
"""

from feewatch.kernel.text import Text

RULE = "VISIT-ITEM"
TITLE = Text("走访发现不符合项", "found by a visit")
SUBJECT = "visit_item"
#: Rules of alerts that no rule book holds, with their titles.
BESIDE_THE_BOOK: dict[str, Text] = {RULE: TITLE}


def subject_of(visit: str, item: str) -> str:
    """The subject of what a visit found at an item."""
    return f"{visit}/{item}"


def cause_of(checklist: str, item: str) -> str:
    """What is found again and again is one matter: an item of a checklist, whatever its version."""
    return f"{checklist}/{item}"
