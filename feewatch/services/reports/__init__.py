"""What an office hands in: the ledger of rectification, the report of a period."""
