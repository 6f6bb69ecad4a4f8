"""Supervision on site: inspectors, visits, draws, groups, campaigns, pressure, meetings."""
