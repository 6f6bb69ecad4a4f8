"""Inspectors, visits, draws, groups, campaigns, pressure and meetings in the database."""
