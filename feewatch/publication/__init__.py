"""Editions: gates, difference, redaction, signature, rendering, verification. No database."""
