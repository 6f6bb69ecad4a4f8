"""What stands in the files of groups, draws, campaigns, meetings and pressure."""

from feewatch.kernel.days import iso_or_none
from feewatch.kernel.text import Text
from feewatch.rounds.scheme import GROUPS
from feewatch.services.rounds.pressing import KINDS
from feewatch.services.rounds.self_reports import STATES as CONFIRMATION_STATES
from feewatch.web.formats import moment
from feewatch.web.language import say
from feewatch.web.lists import ListColumn
from feewatch.web.regulator.list_columns import DISTRICT, INSTITUTION, USCC
from feewatch.web.words import place_name

STANDINGS = (
    ListColumn(USCC, lambda each: each.uscc),
    ListColumn(INSTITUTION, lambda each: each.name),
    ListColumn(DISTRICT, lambda each: place_name(each.district)),
    ListColumn(Text("分组", "group"), lambda each: say(GROUPS[each.group])),
    ListColumn(Text("计算为", "computed"), lambda each: say(GROUPS[each.computed.group])),
    ListColumn(
        Text("依据的事实", "facts"),
        lambda each: "；".join(say(reason.text) for reason in each.computed.reasons),
    ),
    ListColumn(Text("人工调整", "by hand"), lambda each: each.move and each.move.actor),
    ListColumn(Text("理由", "why"), lambda each: each.move and each.move.reason),
    ListColumn(Text("截止日", "until"), lambda each: each.move and iso_or_none(each.move.to_day)),
)
PLANNED = (
    ListColumn(USCC, lambda each: each.standing.uscc),
    ListColumn(INSTITUTION, lambda each: each.standing.name),
    ListColumn(DISTRICT, lambda each: place_name(each.standing.district)),
    ListColumn(Text("分组", "group"), lambda each: say(GROUPS[each.standing.group])),
    ListColumn(Text("责任督学", "inspector"), lambda each: "、".join(each.inspectors)),
    ListColumn(Text("代岗", "standing in"), lambda each: "、".join(each.substitutes)),
    ListColumn(Text("已走访", "made"), lambda each: each.made, "whole"),
    ListColumn(Text("尚缺", "missing"), lambda each: each.missing, "whole"),
    ListColumn(Text("评定等级", "grade"), lambda each: each.grade),
    ListColumn(
        Text("检查间隔（天）", "check every, days"), lambda each: each.check and each.check.days,
        "whole",
    ),
    ListColumn(
        Text("检查不迟于", "check by"), lambda each: each.check and iso_or_none(each.check.due)
    ),
)  # fmt: skip
DRAWS = (
    ListColumn(Text("编号", "number"), lambda row: row.number),
    ListColumn(Text("日期", "day"), lambda row: iso_or_none(row.on_day)),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("抽取人", "drawn by"), lambda row: row.actor),
    ListColumn(Text("理由", "why"), lambda row: row.reason),
    ListColumn(Text("种子", "seed"), lambda row: row.seed),
    ListColumn(Text("候选", "pool"), lambda row: len(row.pool), "whole"),
    ListColumn(Text("近期走访未列入", "seen lately"), lambda row: len(row.excluded), "whole"),
    ListColumn(Text("抽中", "drawn"), lambda row: "、".join(row.drawn)),
)
CAMPAIGNS = (
    ListColumn(Text("编号", "number"), lambda row: row.number),
    ListColumn(Text("名称", "title"), lambda row: row.title),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("自", "from"), lambda row: iso_or_none(row.from_day)),
    ListColumn(Text("至", "to"), lambda row: iso_or_none(row.to_day)),
    ListColumn(Text("检查单", "checklist"), lambda row: row.checklist),
    ListColumn(Text("对象", "members"), lambda row: int(row.members), "whole"),
    ListColumn(Text("走访", "visits"), lambda row: int(row.visits), "whole"),
)
MEETINGS = (
    ListColumn(Text("编号", "number"), lambda row: row.number),
    ListColumn(Text("会议", "meeting"), lambda row: row.title),
    ListColumn(Text("日期", "day"), lambda row: iso_or_none(row.held_on)),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("召集部门", "chaired by"), lambda row: row.chair),
    ListColumn(Text("参会部门", "departments"), lambda row: "、".join(row.departments)),
    ListColumn(Text("议定", "agreed"), lambda row: int(row._mapping["items"]), "whole"),
    ListColumn(Text("办结", "closed"), lambda row: int(row.closed), "whole"),
    ListColumn(Text("逾期", "past"), lambda row: int(row.past), "whole"),
)
PRESSURES = (
    ListColumn(Text("日期", "day"), lambda row: iso_or_none(row.on_day)),
    ListColumn(Text("措施", "kind"), lambda row: say(KINDS[row.kind])),
    ListColumn(USCC, lambda row: row.uscc),
    ListColumn(INSTITUTION, lambda row: row.name),
    ListColumn(DISTRICT, lambda row: place_name(row.district)),
    ListColumn(Text("文号", "paper"), lambda row: row.document),
    ListColumn(Text("送交机关", "goes to"), lambda row: row.addressee),
    ListColumn(Text("理由", "why"), lambda row: row.reason),
    ListColumn(Text("解除日期", "lifted on"), lambda row: iso_or_none(row.lifted_on)),
    ListColumn(Text("解除文号", "paper that lifts"), lambda row: row.lift_document),
)
CONFIRMATIONS = (
    ListColumn(USCC, lambda each: each.uscc),
    ListColumn(INSTITUTION, lambda each: each.name),
    ListColumn(DISTRICT, lambda each: place_name(each.district)),
    ListColumn(Text("状态", "state"), lambda each: say(CONFIRMATION_STATES[each.state])),
    ListColumn(Text("期限", "by"), lambda each: iso_or_none(each.due_on)),
    ListColumn(Text("核对时间", "answered"), lambda each: each.at and moment(each.at)),
    ListColumn(Text("不符项", "differences"), lambda each: each.differs, "whole"),
)
