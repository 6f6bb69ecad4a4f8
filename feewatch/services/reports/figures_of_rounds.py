"""Figures on inspectors, visits, meetings and what was pressed."""

from feewatch.services.reports.figure_kinds import figure

ROUNDS_FIGURES = (
    figure(
        "inspectors.standing", "rounds", "责任督学", "inspectors",
        "期末负责任何机构的督学", "those who had an institution on the last day", "inspectors",
    ),
    figure(
        "visits.made", "rounds", "走访", "visits", "走访日期在本期的", "made in the period",
        "visits", by=("visit",),
    ),
    figure(
        "visits.unannounced", "rounds", "其中四不两直", "of which unannounced",
        "其中类别为四不两直的", "those of this kind", "visits", visit="unannounced",
    ),
    figure(
        "visits.found", "rounds", "其中发现问题", "of which found something",
        "其中有检查项不符合的", "those at which an item was not in order", "visits", found="yes",
    ),
    figure(
        "visits.owed", "rounds", "应走访机构次", "visits owed",
        "本期内的整月中，整月由督学负责的机构，每月一次",
        "institutions that were an inspector's for a whole month of the period, each month once",
        "visits_owed",
    ),
    figure(
        "visits.missed", "rounds", "其中未走访", "of which not visited",
        "其中当月没有任何走访的", "those that nobody visited in the month", "visits_owed",
        made="no",
    ),
    figure(
        "meetings.held", "rounds", "双减协调会议", "meetings of departments",
        "召开日期在本期的", "held in the period", "meetings",
    ),
    figure(
        "meetings.items", "rounds", "议定事项", "items agreed",
        "本期会议议定的", "of the meetings of the period", "meeting_items", event="asked",
    ),
    figure(
        "meetings.closed", "rounds", "办结事项", "items closed",
        "办结日期在本期的，含以前会议议定的", "closed in the period, of whatever meeting",
        "meeting_items", event="closed",
    ),
    figure(
        "meetings.late", "rounds", "期末逾期事项", "items late",
        "期限在期末之前、期末未办结的", "due before the last day and not closed by it",
        "meeting_items", event="late",
    ),
    figure(
        "pressed.circular", "rounds", "通报", "circulars", "本期作出的", "of the period",
        "pressed", pressed="circular",
    ),
    figure(
        "pressed.listed", "rounds", "挂牌督办", "listed", "本期挂牌的", "listed in the period",
        "pressed", pressed="listed",
    ),
    figure(
        "pressed.answerable", "rounds", "问责建议", "proposals to hold answerable",
        "本期提出的", "made in the period", "pressed", pressed="answerable",
    ),
)  # fmt: skip
