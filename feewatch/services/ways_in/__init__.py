"""The doors bank files come in by: counter, API, watched folder, bank feeds."""
