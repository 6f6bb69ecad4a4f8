"""A source of law as it is shown to people: document, number, article, effect, certainty."""

from typing import Any, NamedTuple

from feewatch.kernel.text import Text

#: How well an article was read.
CERTAINTY_WORDS: dict[str, Text] = {
    "V1": Text("已读官方文本或逐字转载", "read in the official text or a verbatim reprint"),
    "V2": Text("据二手资料，待核对官方文本", "read in a secondary source, not yet in the original"),
    "preset": Text("本机关预设指标，非法律规定", "the office's own indicator, no law"),
}


class Citation(NamedTuple):
    """One basis of a rule.

    ``certainty`` is that of the article: V1 read in the official text or a verbatim reprint, V2
    read in a secondary source, preset = no law but an office's own figure. ``says`` tells in our
    own words what the article says.
    """

    document: str
    number: str
    article: str
    issued: str | None
    effective_from: str | None
    certainty: str
    address: str = ""
    issuer: str = ""
    says: Text = Text("", "")

    def as_json(self) -> dict[str, Any]:
        """The contract's form of a basis."""
        return self._asdict() | {"says": self.says._asdict()}
