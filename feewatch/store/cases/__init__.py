"""Alerts, matters, cases, and what a check changes in them."""
