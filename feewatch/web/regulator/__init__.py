"""The regulator's desk: inbox, cases, records. Only people of the office enter."""
