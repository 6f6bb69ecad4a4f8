"""Stated rows -> ledger entries: merging, reversals, classification, matching, days covered. Pure."""
