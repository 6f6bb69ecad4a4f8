"""The only place with requests: pushes to subscribers."""
