"""Sessions of people, their second factors, and as whom an identity provider knows them."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, UniqueConstraint

from feewatch.store.tables.base import at, belongs_to, key, metadata

#: Sessions, known by the hash of the word in the cookie. One that ended stays on record a while.
#: ``epoch`` is the person's at the beginning: what ends all their sessions raises theirs.
log_in_session = Table(
    "log_in_session",
    metadata,
    key(),
    belongs_to("app_user", "user_id", index=True),
    Column("word_hash", String(64), nullable=False, unique=True),
    Column("epoch", Integer, nullable=False),
    Column("factor", String(16), nullable=False),  # password, code, recovery, provider
    Column("stage", String(8), nullable=False),  # open; code, enrol: a second factor is wanted
    at("made_at"),
    at("seen_at"),  # to the minute
    at("ends_at"),  # at the latest
    Column("address", String(64), nullable=False),
    Column("browser", String(40), nullable=False),
    at("ended_at", nullable=True),
    Column("ended_by", String(60)),
)

#: The secret of a person's app, encrypted by a key outside the database. It counts once confirmed;
#: ``last_step`` is the step of time whose code was taken last.
second_factor = Table(
    "second_factor",
    metadata,
    belongs_to("app_user", "user_id", primary_key=True),
    Column("secret", String(200), nullable=False),
    at("made_at"),
    at("confirmed_at", nullable=True),
    Column("last_step", BigInteger, nullable=False),
)

#: Codes for who is without the app, as keyed hashes, each good once.
recovery_code = Table(
    "recovery_code",
    metadata,
    key(),
    belongs_to("app_user", "user_id", index=True),
    Column("code_hash", String(64), nullable=False),
    at("used_at", nullable=True),
)

#: As whom an identity provider knows a person: its issuer, and its subject for them.
outside_identity = Table(
    "outside_identity",
    metadata,
    belongs_to("app_user", "user_id", primary_key=True),
    Column("issuer", String(200), nullable=False),
    Column("subject", String(255), nullable=False),
    at("linked_at"),
    Column("linked_by", String(60), nullable=False),
    UniqueConstraint("issuer", "subject"),
)
