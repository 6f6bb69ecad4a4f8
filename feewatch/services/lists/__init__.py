"""Decisions, standings, editions, their signatures and delivery."""
