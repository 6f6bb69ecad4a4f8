"""Judging that writes nothing: backtests, drafts, scenarios, past days."""
