"""The white list of rule expressions and the few house functions, per SQL engine.

Engines disagree on division, rounding, GREATEST of an unknown, LIKE and dates; none of these is
allowed. What a rule needs of them is a house function, generated here and tested on all engines.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from feewatch.kernel.text import Text

_ALLOWED: tuple[type[exp.Expression], ...] = (
    exp.Add, exp.And, exp.Between, exp.Boolean, exp.Case, exp.Coalesce, exp.Column, exp.DPipe,
    exp.EQ, exp.GT, exp.GTE, exp.Identifier, exp.If, exp.In, exp.Is, exp.LT, exp.LTE, exp.Literal,
    exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.Or, exp.Paren, exp.Sub, exp.Tuple,
)  # fmt: skip

#: name -> numbers of arguments; has_word and word_in take a text, a word-list parameter, and
#: another list of exceptions, each of which excuses the words that it contains.
HOUSE_FUNCTIONS = {
    "floor_div": (2,), "half_up": (2,), "larger": (2,), "smaller": (2,), "includes": (2,),
    "has_word": (2, 3), "word_in": (2, 3), "quotient": (2,), "entry_subject": (4,),
    "day_subject": (2,),
}  # fmt: skip

_SEARCHES = ("has_word", "word_in")

#: For a word-list parameter: its words by law variant.
WordLists = Mapping[str, Sequence[tuple[str, ...]]]


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expr:
    """The syntax tree of a rule expression, to be copied before it is changed.

    Raises: ValueError where it is no single SQL expression.
    """
    try:
        return sqlglot.parse_one(text, into=exp.Condition)
    except (ParseError, TokenError) as fault:
        raise ValueError(str(fault).splitlines()[0]) from None


def faults(text: str, names: Collection[str], lists: Collection[str]) -> list[Text]:
    """Everything in an expression that is not on the white list."""
    try:
        tree = parse(text)
    except ValueError as fault:
        return [Text(f"无法解析：{fault}", f"does not parse: {fault}")]
    texts: list[Text] = []
    for node in tree.walk():
        if isinstance(node, exp.Column):
            if node.table or node.name not in {*names, *lists}:
                texts.append(Text(f"未知列 {node.sql()}", f"unknown column {node.sql()}"))
            elif node.name in lists and not _is_searched(node):
                word = node.name
                texts.append(
                    Text(
                        f"词表 {word} 只能用于 has_word、word_in",
                        f"the word list {word} stands only in has_word and word_in",
                    )
                )
        elif isinstance(node, exp.Anonymous):
            texts += _function_faults(node, lists)
        elif not isinstance(node, _ALLOWED):
            word = node.sql()
            texts.append(Text(f"不允许 {word}", f"{type(node).__name__} is not allowed: {word}"))
        elif isinstance(node, exp.Literal) and not node.is_string and not node.is_int:
            texts.append(Text(f"只允许整数：{node}", f"only whole numbers are allowed: {node}"))
    return texts


def _is_searched(node: exp.Column) -> bool:
    call = node.parent
    return (
        isinstance(call, exp.Anonymous)
        and call.name.lower() in _SEARCHES
        and any(each is node for each in call.expressions[1:])
    )


def _function_faults(node: exp.Anonymous, lists: Collection[str]) -> list[Text]:
    name, arguments = node.name.lower(), node.expressions
    if len(arguments) not in HOUSE_FUNCTIONS.get(name, ()):
        allowed = ", ".join(sorted(HOUSE_FUNCTIONS))
        word = node.sql()
        return [
            Text(
                f"不允许函数 {word}，可用：{allowed}",
                f"no such function {word}; allowed: {allowed}",
            )
        ]
    if name in _SEARCHES and any(each.name not in lists for each in arguments[1:]):
        return [Text(f"{name} 须用词表", f"{name} needs a word-list parameter")]
    if name == "quotient" and node.parent is not None:
        return [Text("quotient 只能在最外层", "quotient is allowed only as the whole expression")]
    return []


def split_quotient(text: str) -> tuple[str, str]:
    """Numerator and denominator of a figure; the denominator is 1 unless it is a quotient."""
    tree = parse(text)
    if not _is_quotient(tree):
        return text, "1"
    numerator, denominator = tree.expressions
    return numerator.sql(), denominator.sql()


def is_quotient(text: str) -> bool:
    """Whether a figure is a fraction that is never divided out."""
    return _is_quotient(parse(text))


def _is_quotient(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Anonymous) and tree.name.lower() == "quotient"


def column_names(text: str) -> set[str]:
    """The names an expression uses."""
    return {column.name for column in parse(text).find_all(exp.Column)}


def to_sql(
    text: str, dialect: str, qualify: Callable[[str], str], lists: WordLists | None = None
) -> str:
    """The expression in an engine's SQL, names qualified, house functions written out."""
    return generate(parse(text), dialect, qualify, lists or {})


def generate(tree: exp.Expr, dialect: str, qualify: Callable[[str], str], lists: WordLists) -> str:
    """The SQL of a tree that may use house functions."""

    def write_out(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous) and node.name.lower() in HOUSE_FUNCTIONS:
            name = node.name.lower()
            arguments = [each.transform(write_out, copy=False) for each in node.expressions]
            if name in _SEARCHES:
                return _search(name, arguments[0], [lists[each.name] for each in arguments[1:]])
            return _write_out(name, arguments, dialect)
        return node

    def place(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and not node.table:
            placed = qualify(node.name)
            if placed.startswith(":"):  # a bind
                return exp.Var(this=placed)
            table, _, name = placed.rpartition(".")
            return exp.column(name, table=table or None)
        if isinstance(node, exp.Placeholder):  # the same spelling for every engine
            return exp.Var(this=f":{node.name}")
        return node

    own = tree.copy()  # transformed where it stands: each further copy would cost as much again
    return own.transform(write_out, copy=False).transform(place, copy=False).sql(dialect=dialect)


#: What house functions mean, their values by letters; ``whole`` divides whole numbers that are not
#: negative. Subject ids carry days as ``{number}``, since no two engines write dates alike; that of
#: an entry is account, day, amount and its number among equal ones.
_MEANINGS = {
    "floor_div": "CASE WHEN b > 0 THEN CASE WHEN a >= 0 THEN whole(a, b) "
    "ELSE -whole(b - 1 - a, b) END END",
    "half_up": "CASE WHEN b > 0 THEN CASE WHEN a >= 0 THEN whole(2 * a + b, 2 * b) "
    "ELSE -whole(b - 2 * a, 2 * b) END END",
    "larger": "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a >= b THEN a ELSE b END",
    "smaller": "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a <= b THEN a ELSE b END",
    "includes": "STR_POSITION(a, b) > 0",
    "entry_subject": "a || '/{' || CAST(b AS TEXT) || '}/' || CAST(c AS TEXT) || '/' "
    "|| CAST(d AS TEXT)",
    "day_subject": "a || '/{' || CAST(b AS TEXT) || '}'",
}


#: Of SQLite itself, unknown where a value is: it computes each value once, and CASE three times.
_OF_SQLITE = {"larger": "MAX", "smaller": "MIN"}


def _write_out(name: str, arguments: Sequence[exp.Expression], dialect: str) -> exp.Expression:
    if dialect == "sqlite" and name in _OF_SQLITE:
        return exp.Anonymous(this=_OF_SQLITE[name], expressions=list(arguments))
    values = dict(zip("abcd", arguments, strict=False))

    def fill(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column):
            return exp.paren(values[node.name])
        if isinstance(node, exp.Anonymous):
            above, below = (each.transform(fill, copy=False) for each in node.expressions)
            return _divide(above, below, dialect)
        return node

    return exp.paren(parse(_MEANINGS[name]).transform(fill))


def _divide(first: exp.Expression, second: exp.Expression, dialect: str) -> exp.Expression:
    first, second = exp.paren(first), exp.paren(second)
    if dialect in ("sqlite", "postgres"):  # whole numbers divide to whole numbers there
        return exp.paren(exp.Div(this=first, expression=second, typed=True))
    return exp.paren(exp.IntDiv(this=first, expression=second))


def _position(text: exp.Expression, part: exp.Expression) -> exp.Expression:
    return exp.StrPosition(this=text.copy(), substr=part.copy())


def _search(
    name: str, text: exp.Expression, lists: Sequence[Sequence[tuple[str, ...]]]
) -> exp.Expression:
    """The search by law variant: words, and exceptions if the rule names some."""
    by_variant = list(zip(*lists, strict=True))
    distinct = list(dict.fromkeys(by_variant))
    chains = [_chain(name, text, *each) for each in distinct]
    if len(distinct) <= 1:
        return chains[0] if chains else exp.null()
    choice = exp.case()
    for variant, words in enumerate(by_variant):
        is_variant = exp.EQ(
            this=exp.column("variant", table="l"), expression=exp.Literal.number(variant)
        )
        choice = choice.when(is_variant, chains[distinct.index(words)])
    return exp.paren(choice)


def _chain(
    name: str, text: exp.Expression, words: tuple[str, ...], exceptions: tuple[str, ...] = ()
) -> exp.Expression:
    """CASE over the words; an unknown text gives NULL, which is the law's "cannot judge"."""
    chain = exp.case().when(text.copy().is_(exp.null()), exp.null())
    for word in words:
        excused = [each for each in exceptions if word in each]
        stands: exp.Expression = _stands(text, word)
        if excused:  # the plain search first: it costs less and mostly says no
            beside = _stands(_without(text, excused), word)
            stands = exp.And(this=stands, expression=beside)
        answer = exp.Literal.string(word) if name == "word_in" else exp.true()
        chain.when(stands, answer, copy=False)  # a copy a word takes quadratic time
    return exp.paren(chain.else_(exp.null() if name == "word_in" else exp.false()))


def _stands(text: exp.Expression, word: str) -> exp.Expression:
    position = _position(text, exp.Literal.string(word))
    return exp.GT(this=position, expression=exp.Literal.number(0))


def _without(text: exp.Expression, phrases: Sequence[str]) -> exp.Expression:
    """A text without some phrases, the longest of which go first; what they parted stays parted."""
    for phrase in sorted(phrases, key=len, reverse=True):
        literals = exp.Literal.string(phrase), exp.Literal.string("|")
        text = exp.Anonymous(this="REPLACE", expressions=[text.copy(), *literals])
    return text
