"""Tables of bank files, ledger entries and their matches."""
