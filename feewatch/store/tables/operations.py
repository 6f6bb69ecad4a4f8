"""People, their log-ins, the audit trail, scheduled runs and the lease that lets one work."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from feewatch.store.tables.base import at, belongs_to, key, metadata

user = Table(
    "app_user",  # "user" is reserved in PostgreSQL
    metadata,
    key(),
    Column("name", String(60), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("district", String(6)),  # scope of an office's person: the place and all below it
    belongs_to("institution", nullable=True),  # scope of an institution's person
    Column("password_hash", String(255), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("session_epoch", Integer, nullable=False),  # raised to end all sessions of the person
    at("created_at"),
    Column("mail", String(200)),  # where messages go, if the office sends any
    Column("title", String(60)),  # 姓名或职务, as papers and lists name the person
    Column("must_change", Boolean, nullable=False, server_default=false()),  # the password
    at("held_until", nullable=True),  # somebody else reset the log-in: it decides nothing before
    Column("held_by", String(60)),  # who reset it
    Column("department", String(12)),  # of kernel.departments; empty: of every department
)

#: 三员分立: one row from when it is asked for or, in a new office, made with it.
separation = Table(
    "separation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    at("asked_at"),
    Column("asked_by", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    at("confirmed_at", nullable=True),  # from then on it begins once all three are on file
    Column("confirmed_by", String(60)),  # another person; of a new office nobody
    at("begun_at", nullable=True),
    Column("begun_by", String(60)),  # whose act made the three complete
)

#: Roles of weight that one administrator gives and another confirms; append-only but for its end.
role_request = Table(
    "role_request",
    metadata,
    key(),
    Column("kind", String(8), nullable=False),  # add, role, enable
    Column("name", String(60), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("district", String(6)),
    Column("role_before", String(16)),
    Column("reason", Text, nullable=False),
    at("asked_at"),
    Column("asked_by", String(60), nullable=False),
    Column("state", String(12), nullable=False),  # waiting, confirmed, refused
    at("decided_at", nullable=True),
    Column("decided_by", String(60)),
    Column("decision_reason", Text),
)

#: Log-ins tried: failures of a name from an address, and whether it ever came in from there.
log_in_attempt = Table(
    "log_in_attempt",
    metadata,
    Column("name", String(64), primary_key=True),  # its hash: people type passwords there
    Column("address", String(64), primary_key=True, index=True),
    Column("failures", Integer, nullable=False),
    at("failed_at", nullable=True),
    at("passed_at", nullable=True),
)

#: Words by which programs log in; only their hashes are kept. One that ended stays on record.
api_token = Table(
    "api_token",
    metadata,
    key(),
    belongs_to("app_user", "user_id", index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", String(60), nullable=False, server_default=""),  # with commas between
    Column("note", String(100), nullable=False, server_default=""),  # what it is for
    at("created_at"),
    Column("created_by", String(60)),
    Column("expires_at", String(32), nullable=False, server_default=""),
    at("used_at", nullable=True),  # last, to the hour
    Column("used_from", String(64)),
    at("revoked_at", nullable=True),
    Column("revoked_by", String(60)),
)

#: What a program was answered under an idempotency key; the answer is empty until there is one.
submission = Table(
    "submission",
    metadata,
    belongs_to("app_user", "user_id", primary_key=True),
    Column("idempotency_key", String(200), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("answer", JSON(none_as_null=True)),
    at("created_at"),
)

#: How far each bank feed was read. Moves only after what lies before it was taken in.
feed_cursor = Table(
    "feed_cursor",
    metadata,
    Column("feed", String(60), primary_key=True),
    Column("position", String(500), nullable=False),
    at("moved_at"),
)

#: One row: a mark that each transaction leaves which writes what pages rest on.
change_mark = Table("change_mark", metadata, key(), Column("mark", String(32), nullable=False))

#: Who did what, when, which way; append-only, and a chain: see ``store.chain``.
audit = Table(
    "audit",
    metadata,
    key(),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(200), nullable=False, index=True),
    Column("detail", JSON, nullable=False),
    Column("way", String(12)),  # site, api, shell, clock; empty, of older rows: not told
    Column("origin", String(120)),  # network address, or user of the operating system
    Column("covers", JSON(none_as_null=True)),  # table: key: hash of the rows written by the act
    Column("number", Integer, unique=True),  # without gaps; empty until the act ends
    Column("previous", String(64)),  # hash of the row before
    Column("hash", String(64)),
)

#: The last link of the chain, in one row that each act locks before it ends.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

#: While it has a row, append-only tables let rows go: see ``store.guards``. Never committed.
record_pass = Table(
    "record_pass", metadata, Column("reason", String(200), primary_key=True, nullable=False)
)

#: One row a scheduled job and the moment it was due for, so that a second run changes nothing.
job_run = Table(
    "job_run",
    metadata,
    key(),
    Column("job", String(24), nullable=False),
    at("due_at"),
    at("started_at"),
    at("finished_at", nullable=True),
    Column("status", String(12), nullable=False),  # running, done, failed, missed, interrupted
    Column("detail", Text, nullable=False),
    UniqueConstraint("job", "due_at"),
)

#: Who works, by name of the work. The number grows each time another process gets the lease: what a
#: process writes under an older one is refused.
lease = Table(
    "lease",
    metadata,
    Column("name", String(24), primary_key=True),
    Column("holder", String(80), nullable=False),
    at("held_until"),
    Column("number", Integer, nullable=False, server_default="0"),
    at("held_since", nullable=True),
    at("beat_at", nullable=True),
)

#: Each job that a scheduler was told to do: by which cron line, since when, when it last looked.
scheduled_job = Table(
    "scheduled_job",
    metadata,
    Column("job", String(24), primary_key=True),
    Column("line", String(120), nullable=False),
    at("known_since"),
    at("beat_at"),
)

#: Times in which jobs are not begun; append-only but for its end. An empty job stands for all.
scheduler_pause = Table(
    "scheduler_pause",
    metadata,
    key(),
    Column("job", String(24), nullable=False),
    at("begun_at"),
    Column("begun_by", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    at("ended_at", nullable=True),
    Column("ended_by", String(60)),
    Column("end_reason", Text),
)

#: What was used of a quota on a day, by the name of the quota and of whom it binds.
quota_use = Table(
    "quota_use",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("used", BigInteger, nullable=False),
)
