"""Who may stand on which list, explained line by line. Pure."""
