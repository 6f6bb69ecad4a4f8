"""Supervision on site: assignments, visits, draws, groups by hand, campaigns, meetings."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from feewatch.store.tables.base import at, belongs_to, day, key, metadata

#: Whose an institution is from a day on: an inspector's, or of one who stands in for another.
inspector_assignment = Table(
    "inspector_assignment",
    metadata,
    key(),
    Column("inspector", String(60), nullable=False, index=True),  # log-in name
    belongs_to("institution", index=True),
    Column("is_substitute", Boolean, nullable=False),
    day("from_day", nullable=False),
    day("to_day"),  # the last one; empty: until further notice
    Column("assigned_by", String(60), nullable=False),
    at("assigned_at"),
    Column("reason", Text, nullable=False),
)

#: A version of a checklist that visits were worked through by, as it was; append-only.
checklist_version = Table(
    "checklist_version",
    metadata,
    key(),
    Column("sha256", String(64), nullable=False, unique=True),  # of its file
    Column("checklist", String(60), nullable=False),
    Column("version", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    at("kept_at"),
)

#: A set of institutions or premises, a checklist, and days.
campaign = Table(
    "campaign",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),  # DISTRICT-ZYEAR-NNN
    Column("title", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("about", String(12), nullable=False),  # institutions, premises
    Column("checklist", String(60), nullable=False),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("opened_by", String(60), nullable=False),
    at("opened_at"),
    Column("reason", Text, nullable=False),
)

campaign_member = Table(
    "campaign_member",
    metadata,
    key(),
    belongs_to("campaign", index=True),
    belongs_to("institution", nullable=True),
    belongs_to("premises", nullable=True),
    UniqueConstraint("campaign_id", "institution_id"),
    UniqueConstraint("campaign_id", "premises_id"),
)

#: A draw of visits that nobody is told of, with all that it takes to draw again; append-only.
visit_draw = Table(
    "visit_draw",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),  # DISTRICT-CYEAR-NNN
    Column("district", String(6), nullable=False, index=True),
    Column("seed", String(60), nullable=False),
    Column("size", Integer, nullable=False),
    Column("recent_days", Integer, nullable=False),
    Column("pool", JSON, nullable=False),  # [code, tickets, group, grade] of who may be drawn
    Column("excluded", JSON, nullable=False),  # [code, day of the visit] of who was seen lately
    Column("drawn", JSON, nullable=False),  # codes in the order of the draw
    day("on_day", nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
    Column("reason", Text, nullable=False),
)

#: A visit as it was handed in; append-only.
visit = Table(
    "visit",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),  # DISTRICT-DYEAR-NNNN
    Column("token", String(64), nullable=False, unique=True),  # made by the page: sent once only
    belongs_to("institution", nullable=True),
    belongs_to("premises", nullable=True, index=True),
    Column("district", String(6), nullable=False, index=True),
    Column("inspector", String(60), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # monthly, unannounced, campaign, recheck
    day("visited_on", nullable=False),
    Column("checklist_sha256", String(64)),  # of its version; empty: none was worked through
    belongs_to("campaign", nullable=True, index=True),
    belongs_to("visit_draw", nullable=True, index=True),
    Column("note", Text, nullable=False),
    at("received_at"),
    Index("ix_visit_institution_id_visited_on", "institution_id", "visited_on"),
)

#: What was said of an item of the checklist; append-only.
visit_result = Table(
    "visit_result",
    metadata,
    key(),
    belongs_to("visit", index=True),
    Column("item", String(40), nullable=False),
    Column("result", String(8), nullable=False),  # ok, fail, none; what was not looked at has none
    Column("note", Text, nullable=False),
    Column("alert_id", String(16), index=True),  # of what was not in order at an institution
)

#: A photo without what its camera wrote beside it; append-only.
visit_photo = Table(
    "visit_photo",
    metadata,
    key(),
    belongs_to("visit", index=True),
    Column("item", String(40), nullable=False),  # empty: of the visit as a whole
    Column("name", String(200), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),  # as kept
)

#: An institution put into a group by hand, until a day; append-only, the latest counts.
group_move = Table(
    "group_move",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("to_group", String(12), nullable=False),  # empty: as computed again
    Column("computed", String(12), nullable=False),  # what the facts said that day
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
    Column("reason", Text, nullable=False),
)

#: 通报, 挂牌督办, 问责建议: what an office does where a case alone moves nothing.
pressure = Table(
    "pressure",
    metadata,
    key(),
    Column("kind", String(12), nullable=False),  # circular, listed, answerable
    belongs_to("institution", index=True),
    Column("district", String(6), nullable=False, index=True),
    Column("document", String(120), nullable=False),  # 文号
    Column("addressee", String(200), nullable=False),  # to whom it goes; empty: the institution
    day("on_day", nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
    Column("reason", Text, nullable=False),
    Column("grounds", JSON, nullable=False),  # the problems it rests on: [rule, case, day]
    day("lifted_on"),
    Column("lifted_by", String(60)),
    Column("lift_document", String(120)),
    Column("lift_reason", Text),
)

#: A meeting of the departments (双减工作协调机制).
meeting = Table(
    "meeting",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),  # DISTRICT-HYEAR-NNN
    Column("district", String(6), nullable=False, index=True),
    Column("title", String(200), nullable=False),
    day("held_on", nullable=False),
    Column("chair", String(100), nullable=False),
    Column("departments", JSON, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
)

meeting_item = Table(
    "meeting_item",
    metadata,
    key(),
    belongs_to("meeting", index=True),
    Column("n", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("department", String(100), nullable=False),  # who has to do it
    day("due_on", nullable=False),
    day("closed_on"),
    Column("closed_by", String(60)),
    Column("result", Text),
    UniqueConstraint("meeting_id", "n"),
)

#: What an institution confirmed once a quarter of what the office holds of it; append-only.
self_report = Table(
    "self_report",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("quarter", String(6), nullable=False),  # 2026Q2
    Column("shown_sha256", String(64), nullable=False),  # of what it was shown
    Column("actor", String(60), nullable=False),
    at("at"),
    UniqueConstraint("institution_id", "quarter"),
)

#: A line of it, as it was shown, with what was said; append-only.
self_report_line = Table(
    "self_report_line",
    metadata,
    key(),
    belongs_to("self_report", index=True),
    Column("line", String(40), nullable=False),  # register and key of its row, or a total
    Column("shown", JSON, nullable=False),  # title and facts in both languages
    Column("answer", String(8), nullable=False),  # right, differs
    Column("said", Text, nullable=False),  # what holds instead, in words
    belongs_to("proposal", nullable=True),  # what a difference of a row became
)
