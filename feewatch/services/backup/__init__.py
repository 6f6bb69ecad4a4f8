"""Safety copies: one file of the whole installation, held against itself before it is used."""
