"""Stated rows -> ledger entries: merging, reversals, classification, matching. Pure."""
