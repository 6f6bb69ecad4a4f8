"""A source of law as it is shown to people: document, number, article, effect, certainty."""

from typing import Any, NamedTuple


class Citation(NamedTuple):
    """One basis of a rule.

    ``certainty``: V1 read in the official text, V2 read in a secondary source, preset = no law
    but an office's own figure.
    """

    document: str
    number: str
    article: str
    issued: str | None
    effective_from: str | None
    certainty: str
    address: str = ""

    def as_json(self) -> dict[str, Any]:
        """The contract's form of a basis."""
        return self._asdict()
