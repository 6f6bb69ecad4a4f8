"""What must be entered, and where, before a rule can judge: the targets that ``needs`` may name.

A target is a register (``courses``), one of its columns (``contracts.lessons``), ``statements``,
``guided_prices`` or a parameter (``parameters.is_school_vacation``). Enters nothing.
"""

from collections.abc import Mapping

from feewatch.engine.book import Parameter
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS

_STATEMENTS = Text(
    "银行对账单：补齐所缺日期，栏目齐全、未遮盖",
    "bank statements of the missing days, with all columns and nothing masked",
)
_PRICES = Text(
    "政府指导价表：学段、授课方式、班额、单价、浮动、标准课时、起止日、文号、核读程度，并确认其施行",
    "the table of guided prices: stage, mode, class size, price, float, standard lesson, first and "
    "last day, document, certainty, confirmed to be in force",
)
_COVER = Text("，并写明登记完整的起止日", ", and the days for which it is complete")


def is_target(target: str, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a rule may name this as what must be entered."""
    where, dot, what = target.partition(".")
    if where == "parameters":
        return what in parameters
    if where in KINDS:
        return not dot or what in {column.name for column in KINDS[where].columns}
    return target in ("statements", "guided_prices")


def is_of_office(target: str) -> bool:
    """Whether the office alone can enter it; the rest an institution hands in."""
    return target.partition(".")[0] in ("guided_prices", "parameters")


def target_in_words(target: str, parameters: Mapping[str, Parameter]) -> Text:
    """A target as people read it; a parameter no longer in the book by its id."""
    where, _, what = target.partition(".")
    if target == "statements":
        return _STATEMENTS
    if target == "guided_prices":
        return _PRICES
    if where == "parameters":
        title = parameters[what].title if what in parameters else Text(what, what)
        return Text(f"参数“{title.zh}”", f"the parameter “{title.en}”")
    return _register(where, what)


def file_of_target(target: str) -> str:
    """Where in its folder of rules an office enters it; empty where it enters it elsewhere."""
    where, _, what = target.partition(".")
    if target == "guided_prices":
        return "parameters/guided_prices.csv"
    return f"parameters/*.toml: {what}" if where == "parameters" else ""


def _register(name: str, column: str) -> Text:
    kind = KINDS[name]
    zh, en = f"“{kind.zh}”登记册", f"the register of {name}"
    if column:
        title = next((each.zh for each in kind.columns if each.name == column), column)
        return Text(f"{zh}的“{title}”", f"{column} in {en}")
    cover = _COVER if name == "lessons" else Text("", "")
    return Text(f"{zh}{cover.zh}", f"{en}{cover.en}")
