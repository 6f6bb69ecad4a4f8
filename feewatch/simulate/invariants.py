"""What must hold of all that an office published, and how often it was looked at."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

#: Every invariant, in the order of the report.
INVARIANTS: dict[str, Text] = {
    "without_document": Text("没有决定的条目", "entries without document"),
    "past_term": Text("超过公示期的条目", "entries past their term"),
    "open_window": Text("陈述申辩期内的条目", "entries during an open window"),
    "ended": Text("决定已失效的条目", "entries whose decision ended"),
    "two_lists": Text("同时在红黑名单", "on two lists"),
    "fewer_persons": Text("少于三人办理的条目", "by fewer than three persons"),
    "unheard": Text("按期申辩未答复的条目", "entries over an unanswered defence"),
    "lateness": Text("逾期认定有误的申辩异议", "defences and objections wrongly late or in time"),
    "natural_persons": Text("写有自然人的条目", "entries that name a natural person"),
    "entries_missing": Text("应有而无的条目", "entries missing"),
    "wrong_content": Text("内容与决定不符的条目", "entries unlike their decision"),
    "white_unproven": Text("未证明也无暂缓的白名单", "white places without proof or hold"),
    "white_lost": Text("被误移出的白名单", "white places lost"),
    "red_unearned": Text("未满足条件的信用红名单", "red places without grade or conditions"),
    "red_lost": Text("应有而无的信用红名单", "red places lost"),
    "removals_unpublished": Text("未公布的移出", "removals unpublished"),
    "late_removals": Text("逾时的移出", "removals late"),
    "editions_missing": Text("缺少的版次", "editions missing"),
    "not_verifying": Text("不能核验的版次", "editions that do not verify"),
    "chain_broken": Text("版次链断裂", "breaks of the chain"),
    "forgeries": Text("通过核验的伪造版次", "forged editions that verify"),
    "stale_writes": Text("失去租约后的写入", "writes of a scheduler without lease"),
    "acts_astray": Text("结果与计划不符的操作", "acts that ended otherwise than planned"),
}


class PublishedEdition(NamedTuple):
    """An edition as it lies on disk, and when it went out."""

    district: str
    number: int
    cut_off: Day
    at: dt.datetime
    content: dict[str, Any]


@dataclass
class Audit:
    """Violations and how many things were looked at, by invariant."""

    broken: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def hold(self, name: str, is_well: bool, example: str) -> None:
        """Count one look at an invariant."""
        self.looked[name] += 1
        if not is_well:
            self.broken[name] += 1
            if self.broken[name] <= 3:
                self.examples.append(f"{name}: {example}")
