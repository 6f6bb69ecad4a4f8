"""The rule book: loader, the law on a day, rules compiled to SQL, explanation. No database."""
