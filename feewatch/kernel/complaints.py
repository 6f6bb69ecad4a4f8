"""What an examination of the installation says: what is wrong, and what mends it."""

from typing import Any, NamedTuple

from feewatch.kernel.text import Text


class Complaint(NamedTuple):
    """One thing that is wrong, and what mends it."""

    about: str
    text: Text
    cure: Text

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        return {
            "about": self.about,
            "message": self.text._asdict(),
            "cure": self.cure._asdict(),
        }
