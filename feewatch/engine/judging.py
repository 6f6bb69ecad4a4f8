"""Judges one subject by the expressions of a rule, without a database.

For questions that somebody asks of a single charge: what is judged in SQL for all is judged here
by the same expressions, with SQL's three values (True, False, None for unknown).
"""

from collections.abc import Callable, Mapping
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from sqlglot import exp

from feewatch.engine.book import InForce, Rule
from feewatch.engine.expressions import parse
from feewatch.engine.law import block_on
from feewatch.kernel.days import Day

Values = Mapping[str, Any]
_PAIRS: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: eq, exp.NEQ: ne, exp.GT: gt, exp.GTE: ge, exp.LT: lt, exp.LTE: le,
    exp.Add: add, exp.Sub: sub, exp.Mul: mul,
}  # fmt: skip


def judge(expression: str, values: Values) -> Any:
    """What an expression comes to where columns and parameters have these values.

    Raises: ValueError for a house function or a name without a value.
    """
    return _value(parse(expression), values)


def block_for(rule: Rule, chain: tuple[str, ...], day: Day, values: Values) -> InForce | None:
    """The block of a rule by which a subject is judged in a place on a day; None: by none."""
    if rule.applies is not None and judge(rule.applies, values) is not True:
        return None
    blocks = block_on(rule.in_force, chain, day)
    return next((block for block in blocks if _covers(block, values)), None)


def _covers(block: InForce, values: Values) -> bool:
    return block.applies is None or judge(block.applies, values) is True


def _value(node: exp.Expr, values: Values) -> Any:
    if isinstance(node, exp.Column):
        if node.name not in values:
            raise ValueError(node.name)
        return values[node.name]
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else int(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return node.this
    if isinstance(node, exp.Paren):
        return _value(node.this, values)
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, values)
    if type(node) in _PAIRS:
        return _pair(node, values)
    return _further(node, values)


def _further(node: exp.Expr, values: Values) -> Any:
    if isinstance(node, exp.Not):
        held = _value(node.this, values)
        return None if held is None else not held
    if isinstance(node, exp.Neg):
        held = _value(node.this, values)
        return None if held is None else -held
    if isinstance(node, exp.Is):
        return _value(node.this, values) is _value(node.expression, values)
    if isinstance(node, exp.In):
        return _is_in(node, values)
    if isinstance(node, exp.Case):
        return _case(node, values)
    if isinstance(node, exp.Coalesce):
        parts = (_value(part, values) for part in (node.this, *node.expressions))
        return next((part for part in parts if part is not None), None)
    raise ValueError(node.sql())


def _pair(node: exp.Expr, values: Values) -> Any:
    left, right = _value(node.this, values), _value(node.expression, values)
    return None if left is None or right is None else _PAIRS[type(node)](left, right)


def _joined(node: exp.And | exp.Or, values: Values) -> bool | None:
    decisive = isinstance(node, exp.Or)
    sides = [_value(node.this, values), _value(node.expression, values)]
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


def _is_in(node: exp.In, values: Values) -> bool | None:
    held = _value(node.this, values)
    choices = [_value(each, values) for each in node.expressions]
    if held is None:
        return None
    return True if held in choices else None if None in choices else False


def _case(node: exp.Case, values: Values) -> Any:
    for branch in node.args["ifs"]:
        if _value(branch.this, values) is True:
            return _value(branch.args["true"], values)
    default = node.args.get("default")
    return None if default is None else _value(default, values)
