"""Decisions that may put a name on a public list: what one holds and how long it may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

PROPOSED, REVIEWED, REFUSED, IN_FORCE = "proposed", "reviewed", "refused", "in_force"
#: Before three persons have acted a decision puts nobody anywhere.
PENDING: dict[str, Text] = {
    PROPOSED: Text("待法制审核", "waits for its legal review"),
    REVIEWED: Text("待批准", "waits for approval"),
    REFUSED: Text("未通过", "refused"),
}
#: How a decision ceases to count. All but a repair mean it should not stand as it was published.
ENDINGS: dict[str, Text] = {
    "changed": Text("原决定已变更", "the decision was changed"),
    "revoked": Text("原决定已撤销", "the decision was revoked"),
    "void": Text("原决定已确认无效", "the decision was found void"),
    "repaired": Text("已准予信用修复", "credit repair was granted"),
}
EXPIRED = Text("公示期届满", "the publication term has ended")


GRAVITIES = {
    "minor": Text("轻微", "minor"),
    "general": Text("一般", "general"),
    "serious": Text("严重", "serious"),
}
#: Levels of a legal basis, from the highest.
LEVELS = ("law", "administrative_regulation", "local_regulation", "rule", "normative")
#: Levels that carry a list of seriously dishonest subjects (国办发〔2020〕49号).
SERIOUS_LEVELS = LEVELS[:3]
STATUSES: dict[str, Text] = {
    **PENDING,
    IN_FORCE: Text("生效", "in force"),
    **ENDINGS,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of an authority about one institution or one unlicensed place."""

    list: str  # black, credit_black, notice
    uscc: str  # empty for unlicensed premises
    name: str
    district: str
    document: str
    decided_on: Day
    authority: str
    basis: Mapping[str, str]  # document, level, clause
    notice_served_on: Day
    objection_until: Day  # the last day of the window between notice and decision
    sanctions: Sequence[str]  # of credit_terms.toml; class and days follow from them
    gravity: str
    publish_from: Day | None  # with last_day: None for a minor matter that is not published
    last_day: Day | None
    earliest_repair: Day | None
    reason: str
    why_necessary: str = ""  # of a minor matter that is published
    imported: bool = False  # in force before the office used feewatch
    status: str = PROPOSED
    ended_on: Day | None = None
    premises_no: str | None = None  # of the premises that it names, where they are on file
    facts: str = ""  # what happened, with the next ones for 双公示
    content: str = ""  # what was imposed, in words
    licence: str = ""  # 暂扣或吊销证照名称及编号
    fine_fen: int | None = None
    confiscated_fen: int | None = None

    def is_public(self, cut_off: Day) -> bool:
        """Whether the decision stands on its list: term running, objection window over."""
        return (
            self.publish_from is not None
            and self.last_day is not None
            and self.publish_from <= cut_off <= self.last_day
            and self.objection_until < cut_off
            and not self.has_ended(cut_off)
        )

    def has_ended(self, cut_off: Day) -> bool:
        """Whether the decision counts no more.

        A change, revocation or voidance counts at once, whatever the cut-off: what should not
        have been published is not published again.
        """
        if self.status == "repaired":
            return self.ended_on is not None and self.ended_on <= cut_off
        return self.status != IN_FORCE

    def why_gone(self, cut_off: Day) -> Text | None:
        """Why the decision is not on its list any more, or None where its term is still running."""
        if self.status in ENDINGS and self.has_ended(cut_off):
            return ENDINGS[self.status]
        if self.last_day is not None and cut_off > self.last_day:
            return EXPIRED
        return None
