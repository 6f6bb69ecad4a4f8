"""Figures of the report of a period: each source is one SELECT of the rows that are counted.

A figure and its rows are the same SELECT, once grouped and once listed, so they cannot differ.
"""
