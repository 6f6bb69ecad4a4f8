"""Log-ins and tokens."""
