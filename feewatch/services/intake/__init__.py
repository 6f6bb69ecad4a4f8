"""From the bytes of a bank file to a ledger that is classified and matched."""
