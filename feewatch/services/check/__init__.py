"""A check: the rule book, the scope to judge, outcomes and what became of them."""
