"""Look-ups of a statement, so that Spark too makes them by the key they name.

A look-up is a sub-query that gives one value for each row of the statement around it. Where one is
for a key and beside it for less than some day, Spark takes the key out of the look-up and tries all
rows with all days: time grows with the square of the data. A key that is no bare column stays
within, and rows are joined by it.
"""

from collections.abc import Iterator

from sqlglot import exp


def keep_keys(tree: exp.Expr) -> None:
    """Let the keys of look-ups that compare more than keys be no bare columns."""
    for look_up in tree.find_all(exp.Subquery):
        where = look_up.this.args.get("where")
        if where is None or isinstance(look_up.parent, (exp.From, exp.Join)):
            continue
        own = {each.alias_or_name for each in look_up.find_all(exp.Table)}
        around = [each for each in _conditions(where.this) if _outer_columns(each, own)]
        keys = [side for each in around for side in _keys(each, own)]
        if len(keys) < len(around):
            for key in keys:
                key.replace(exp.Coalesce(this=key.copy(), expressions=[key.copy()]))


def _conditions(tree: exp.Expr) -> Iterator[exp.Expr]:
    """All that must hold."""
    if isinstance(tree, exp.And):
        yield from _conditions(tree.left)
        yield from _conditions(tree.right)
    else:
        yield tree


def _keys(condition: exp.Expr, own: set[str]) -> Iterator[exp.Column]:
    """The column of the look-up that equals one of the statement around it, if that is all."""
    if isinstance(condition, exp.EQ):
        sides = condition.left, condition.right
        for side, other in (sides, sides[::-1]):
            if not isinstance(side, exp.Column) or _outer_columns(side, own):
                continue
            if _outer_columns(other, own) == [*other.find_all(exp.Column)]:
                yield side


def _outer_columns(tree: exp.Expr, own: set[str]) -> list[exp.Column]:
    return [each for each in tree.find_all(exp.Column) if each.table and each.table not in own]
