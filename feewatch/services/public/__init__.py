"""What the public is answered: places on lists, accounts, prices, refunds, clues."""
