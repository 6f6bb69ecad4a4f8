"""The engine's present word on the matters of a case: the latest check and its age. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.text import Text

#: What a check says of an alert, the worst first; what it cannot judge is never over.
BREACH, UNDETERMINED, OVER = "breach", "undetermined", "over"
WORDS: dict[str, Text] = {
    BREACH: Text("仍违反", "still in breach"),
    UNDETERMINED: Text("无法判断", "cannot be judged"),
    OVER: Text("已不违反", "no longer in breach"),
}


def of_matter(words: Iterable[str]) -> str:
    """The word on a matter from those on its alerts; without any, all withdrawn, it is over."""
    known = set(words)
    return next((word for word in WORDS if word in known), OVER)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the latest check says of each matter of a case."""

    checked_on: Day | None  # its as-of; None: never checked
    by_matter: Mapping[int, str]

    def count(self, word: str) -> int:
        """How many matters are so."""
        return sum(1 for each in self.by_matter.values() if each == word)

    @property
    def is_over(self) -> bool:
        """Whether the data show of every matter that it is no longer in breach."""
        return self.checked_on is not None and self.count(OVER) == len(self.by_matter)

    def as_json(self, today: Day) -> dict[str, Any]:
        """As the history of a case keeps it."""
        return {
            "matters": len(self.by_matter),
            **{word: self.count(word) for word in WORDS},
            "as_of": iso_or_none(self.checked_on),
            "age_days": None if self.checked_on is None else today - self.checked_on,
            "by_matter": {str(key): word for key, word in sorted(self.by_matter.items())},
        }


def in_words(kept: Mapping[str, Any]) -> Text:
    """A standing as kept, on one line: how many of how many, from which check, how old it was."""
    total = kept["matters"]
    parts = [
        Text(f"{WORDS[word].zh} {kept[word]}/{total}", f"{WORDS[word].en}: {kept[word]} of {total}")
        for word in WORDS
        if kept[word]
    ]
    zh, en = "，".join(part.zh for part in parts), ", ".join(part.en for part in parts)
    if kept["as_of"] is None:
        return Text(f"{zh}（尚未检查）", f"{en} (never checked)")
    age = kept["age_days"]
    return Text(
        f"{zh}（{kept['as_of']} 的检查，距当日 {age} 天）",
        f"{en} (check of {kept['as_of']}, {age} days old)",
    )


def against(kept: Mapping[str, Any]) -> Text:
    """Why a case can be closed only with a reason of its own."""
    line = in_words(kept)
    return Text(
        f"系统数据尚不支持销号：{line.zh}；仍要销号的，请另行说明理由",
        f"the data do not bear out closing: {line.en}; to close it all the same, say why",
    )
