"""Tables of registers, their coverage, openings and history."""
