"""Decisions, standings, editions, pushes."""
