"""Alerts, matters and cases: identities, states, one transition table each, working days. Pure."""
