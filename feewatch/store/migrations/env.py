"""Alembic's entry: runs on the connection that ``applying`` hands over."""

from alembic import context

from feewatch.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the caller's transaction is the one that counts
)
context.run_migrations()
