"""People and programs: log-ins, tokens, and who may act."""
