"""Bytes of a bank file -> statements and problems: sniffing, layouts, integrity. Pure."""
