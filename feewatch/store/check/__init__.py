"""Running rules in the database, checks on record, what they read."""
