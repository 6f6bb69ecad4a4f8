"""What each public list means, what it does not, and what follows from it, as a jurist wrote it.

Read strictly from ``list_meanings.toml``. No consequence is invented: it cites an article that was
read, or is marked as the office's own.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from feewatch.engine.sources import LawReference, take_reference
from feewatch.kernel.citation import Citation
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table

FILE = "list_meanings.toml"
#: The lists of the field, as ``credit.lists`` names them.
NAMES = ("white", "black", "credit_red", "credit_black", "notice")


class ListMeaning(NamedTuple):
    """The words on one list; ``consequence`` is None where no document that was read states one."""

    means: Text
    means_not: Text
    consequence: Text | None
    reference: LawReference | None  # of the consequence; None for a preset


def read_list_meanings(
    values: dict[str, Any], path: str, faults: list[Problem]
) -> Iterator[tuple[str, ListMeaning]]:
    """The meaning of each list of a file; faults are collected."""
    for name, table in Table(values, path, faults).named_tables(NAMES).items():
        yield name, _meaning(table)


def _meaning(table: Table) -> ListMeaning:
    means, means_not = table.bilingual("means"), table.bilingual("means_not")
    consequence, reference = None, None
    if table.has("consequence"):
        consequence = table.bilingual("consequence")
        if not table.flag("preset"):
            table.known_date("checked")
            reference = take_reference(table, table.filled("source"))
    table.end()
    return ListMeaning(means, means_not, consequence, reference)


def meaning_json(meaning: ListMeaning, citation: Citation | None) -> dict[str, Any]:
    """The words as an edition carries them, a consequence with the citation of its article."""
    told: dict[str, Any] = {
        "means": meaning.means._asdict(),
        "means_not": meaning.means_not._asdict(),
        "consequence": None,
    }
    if meaning.consequence is not None:
        names = ("document", "number", "article", "certainty")
        basis = citation and {name: getattr(citation, name) for name in names}
        told["consequence"] = {"says": meaning.consequence._asdict(), "basis": basis}
    return told
