"""Supervision on site: checklists, visits, draws, groups, months owed. Words and sums, pure."""
