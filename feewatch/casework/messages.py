"""Of what people and institutions are told, and the pages that have more. Tells nobody itself."""

from feewatch.kernel.text import Text

#: What an institution is told.
TO_INSTITUTION: dict[str, Text] = {
    "case_notified": Text("收到督办", "a case was served on you"),
    "paper_served": Text("文书送达", "a document was served on you"),
    "answer_returned": Text("整改反馈被退回", "your answer was returned"),
    "answer_accepted": Text("整改反馈已验收", "your answer was accepted"),
    "case_closed": Text("案件已销号", "a case was closed"),
    "case_rechecked": Text("回头看已完成", "a case was rechecked"),
    "case_reopened": Text("要求重新整改", "a case was reopened"),
    "deadline_near": Text("期限将至", "a deadline is near"),
    "deadline_over": Text("已逾期", "a deadline is past"),
    "proposal_decided": Text("提请更正已办结", "a proposal was decided"),
    "proposal_asked": Text("提请更正需补充说明", "a proposal wants more"),
    "statement_quarantined": Text("对账单被隔离", "a statement was quarantined"),
    "statement_released": Text("对账单已放行", "a statement was released"),
    "statement_rejected": Text("对账单被拒收", "a statement was rejected"),
    "days_confirmed": Text("对账结果", "the bank confirmed days or not"),
    "objection_answered": Text("申辩已答复", "an objection was answered"),
    "grade_told": Text("信用评价结果告知", "your grade, before it is set"),
    "grade_answered": Text("评价异议已答复", "an objection to a grade was answered"),
    "grade_set": Text("信用等级评定", "your grade was set"),
    "decision_near": Text("收到事先告知", "a decision is being prepared"),
    "decision_made": Text("决定已批准", "a decision was made"),
    "decision_corrected": Text("决定已更正", "a decision was corrected"),
    "list_changed": Text("名单变动", "your place on a list changed"),
    "confirm_asked": Text("季度核对确认", "confirm what is held of you"),
    "confirm_near": Text("季度核对期限将至", "the day of a confirmation is near"),
    "confirm_over": Text("季度核对已逾期", "a confirmation is overdue"),
}
#: What the office's people are told.
TO_OFFICE: dict[str, Text] = {
    "answer_in": Text("收到整改反馈", "an answer came in"),
    "objection_in": Text("收到陈述申辩", "an objection came in"),
    "grade_objection": Text("收到评价异议", "an objection to a grade came in"),
    "proposal_in": Text("收到提请更正", "a proposal came in"),
    "case_recurred": Text("死灰复燃", "a closed breach is back"),
    "transfer_in": Text("收到移送", "a case was handed to your department"),
    "transfer_answered": Text("移送已有回执", "a transfer was answered"),
    "handed_over": Text("移交给您", "handed over to you"),
    "deadline_due": Text("期限提醒", "a deadline is near or past"),
    "made_up": Text("公示已补发", "an edition was made up"),
    "job_failed": Text("定时任务没有成功", "a job did not succeed"),
    "push_failed": Text("推送没有成功", "a subscriber takes no editions"),
    "clue_in": Text("收到公众线索", "the public sent a clue"),
    "rounds_assigned": Text("走访分工", "institutions to visit"),
    "visits_due": Text("本月走访提醒", "visits of the month are due"),
    "visits_missed": Text("上月缺走访", "visits of a month were missed"),
    "confirm_late": Text("机构未作季度核对", "institutions did not confirm a quarter"),
    "confirm_differs": Text("季度核对有不符", "a confirmation has differences"),
    "meeting_past": Text("议定事项到期未办结", "an item of a meeting is past its day"),
    "countersign": Text("待您复核", "waits for you to confirm"),
    "correction_asked": Text("上级退回更正", "an entry was sent back for correction"),
    "correction_answered": Text("更正请求已有答复", "a request for correction was answered"),
    "gather_refused": Text("汇集的版次未予接收", "an edition of a district was refused"),
    "second_word": Text("名单移出待第二人同意", "a share of a list waits for a second word"),
}
#: What anybody is told of their own log-in.
TO_ANYBODY: dict[str, Text] = {"account": Text("账户变动", "a change to your log-in")}
KINDS = TO_INSTITUTION | TO_OFFICE | TO_ANYBODY


def desk_clue(number: str) -> str:
    """The office's page of a clue."""
    return f"/desk/clues/one/{number}"


#: The office's page of a confirmation, which its key follows; and the institution's own page.
DESK_CONFIRMATION, OWN_CONFIRMATION = "/desk/self-reports/", "/own/confirm/"


def desk_gathered(district: str) -> str:
    """The office's page of what was gathered of a district."""
    return f"/desk/gathered/of/{district}"


def desk_sent_back(key: int) -> str:
    """The office's page of a request for correction."""
    return f"/desk/sent-back/{key}"


def desk_meeting(number: str) -> str:
    """The office's page of a meeting."""
    return f"/desk/supervision/meetings/{number}"


def own_case(number: str) -> str:
    """The institution's page of a case."""
    return f"/own/cases/{number}"


def own_proposal(key: int) -> str:
    """The institution's page of a proposal."""
    return f"/own/proposals/{key}"


def own_paper(key: int) -> str:
    """The institution's page of a paper."""
    return f"/own/papers/{key}"


def own_notice(key: int) -> str:
    """The institution's page of a notice before a decision."""
    return f"/own/decisions/notices/{key}"


def own_decision(key: int) -> str:
    """The institution's page of a decision."""
    return f"/own/decisions/{key}"


def desk_notice(key: int) -> str:
    """The office's page of a notice before a decision."""
    return f"/desk/advance-notices/{key}"


def desk_decision(key: int) -> str:
    """The office's page of a decision."""
    return f"/desk/decisions/{key}"


#: The page of subscribers.
PUSH = "/desk/push/"
#: The publisher's page.
PUBLICATION = "/desk/publication/"
#: Where an institution hands in statements and sees what became of them.
OWN_FILES = "/own/upload"
#: Where an institution sees its grades.
OWN_GRADES = "/own/grades/"
#: Where an institution begins.
OWN_HOME = "/own/"
OWN_WHITE = "/own/white/"


def desk_case(number: str) -> str:
    """The office's page of a case."""
    return f"/desk/cases/{number}"


def desk_proposal(key: int) -> str:
    """The office's page of a proposal."""
    return f"/desk/proposals/{key}"


def desk_grade(uscc: str, period: str) -> str:
    """The office's page of a grade."""
    return f"/desk/grades/{uscc}/{period}"
