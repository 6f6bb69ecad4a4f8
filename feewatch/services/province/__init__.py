"""What a province or city does with the districts below it: gather, compare, send back."""
