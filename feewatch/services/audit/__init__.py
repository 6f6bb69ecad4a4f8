"""The audit trail: proven, given out, looked up, kept as long as the office says."""
