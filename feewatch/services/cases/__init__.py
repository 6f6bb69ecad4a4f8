"""Alerts, matters and cases: what is shown and which steps are taken."""
