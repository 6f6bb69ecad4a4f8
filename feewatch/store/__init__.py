"""The only place with SQLAlchemy: tables per aggregate, queries, ``transaction()``, migrations."""
