"""Register files -> records and problems. Pure."""
