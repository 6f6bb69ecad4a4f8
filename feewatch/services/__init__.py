"""Use cases, grouped by what they act on: each opens the transaction and calls the rest."""
