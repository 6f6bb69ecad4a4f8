"""What the rule engine last did: runs, counts an institution and rule, who is due when."""

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text, false

from feewatch.kernel.days import FIRST_DAY
from feewatch.store.tables.base import at, day, key, metadata

check_run = Table(
    "check_run",
    metadata,
    key(),
    at("at"),
    day("as_of", nullable=False),
    Column("full", Boolean, nullable=False),
    Column("rule_book", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
    at("taken_back_at", nullable=True),  # of a day that had not come: it counts no more
    #: Begun, and not ended: at work, or broken off; ``at`` is then when it began.
    Column("is_unfinished", Boolean, nullable=False, server_default=false()),
    #: Credit codes that took longer than a check lets one take, or changed each time; none: NULL.
    Column("left_out", JSON(none_as_null=True)),
    #: Where institutions stood when it ended is in ``cover_standing``.
    Column("has_standings", Boolean, nullable=False, server_default=false()),
)

#: Marks of work to be done. A row exists for every institution.
institution_state = Table(
    "institution_state",
    metadata,
    Column("institution_id", Integer, primary_key=True, autoincrement=False),
    Column("to_match", Boolean, nullable=False),  # entries or contracts changed since matching
    Column("to_check", Boolean, nullable=False),  # anything changed since the last check
    #: Rises with every change of its data: what was judged before it may not be written after it.
    Column("changes", Integer, nullable=False, server_default="0"),
    #: What of its data changed since the last check, as ``store.state.Touched``.
    Column("touched", Integer, nullable=False, server_default="31"),
    #: The first day that what changed is dated.
    day("touched_from", nullable=False, server_default=str(FIRST_DAY)),
    day("checked_as_of"),
    day("due_on"),  # the next as-of on which an outcome may change with the same data
    day("all_due_on"),  # the next on which one of any rule may
    Column("rule_book", String(64)),
    #: The newest keys of what can change an outcome when it was last checked, by table.
    Column("seen", JSON(none_as_null=True)),
    #: By fact the row of it that the next check may take while its data are the same: NULL: none.
    Column("kept", JSON(none_as_null=True)),
)

#: Outcomes counted by the latest check of each institution; institution_id 0 is the office itself.
check_result = Table(
    "check_result",
    metadata,
    Column("institution_id", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(40), primary_key=True),
    day("as_of", nullable=False),
    Column("evaluated", Integer, nullable=False),
    Column("breaches", Integer, nullable=False),
    Column("undetermined", Integer, nullable=False),
    day("due_on"),  # the next as-of on which an outcome of the rule may change with the same data
    #: Of that, what stands of days before one: {before, the counts, due_on, carried}.
    Column("settled", JSON(none_as_null=True)),
    #: Why, the most frequent first: [{reason: {zh, en}, enter, subjects}], as the rule then said.
    Column("reasons", JSON, nullable=False, server_default="[]"),
)

#: Every rule book a check has used, as the files it consisted of; kept for ever.
rule_book = Table(
    "rule_book",
    metadata,
    Column("version", String(64), primary_key=True),
    at("first_used_at"),
    Column("files", JSON, nullable=False),  # [folder, path, sha256], in the order of loading
)

#: The files of those books by the hash of their content.
rule_book_file = Table(
    "rule_book_file",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", Text, nullable=False),
)

#: Could everyone be refunded: where each institution stood when the office was last checked.
cover_standing = Table(
    "cover_standing",
    metadata,
    Column("institution_id", Integer, primary_key=True, autoincrement=False),
    # the check that wrote it, as it then was another one; below zero until that has kept all
    Column("check_run_id", Integer, primary_key=True, autoincrement=False),
    Column("uscc", String(18), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("standing", JSON, nullable=False),  # services.check.early_warning.CoverStanding
)
