"""Lines between two rows of a table: the foot of one account, the head of the next, or both."""

from collections.abc import Sequence
from typing import Literal

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.cells import shown
from feewatch.statements.dialects import Dialect
from feewatch.statements.outside import FOOT, Outside, Unreadable, numbers_in
from feewatch.statements.proof import currency_code
from feewatch.statements.sections import Section

_Lines = list[tuple[int, list[str]]]
#: What comes after them.
Follows = Literal["row", "header", "end"]
#: So many lines without an account are no head of another one.
_MOST_LINES = 1000


class Between:
    """Collects those lines until it is known what follows them."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._clear()
        self.problems: list[Problem] = []  # accounts that cannot be told apart

    def _clear(self) -> None:
        self._lines: _Lines = []
        self._kinds: list[set[str]] = []  # what each of them tells
        self._probe = Outside(self._dialect)

    @property
    def awaits_values(self) -> bool:
        """Whether the next line holds the values of labels above it."""
        return self._probe.awaits_values

    def claims(self, values: Sequence[str]) -> bool:
        """Whether a line under the header is none of its rows: it begins with a label."""
        return self._probe.claims(values)

    @property
    def is_long(self) -> bool:
        """Whether so many lines tell of no other account that they need not be kept."""
        head = self._probe.head
        return len(self._lines) > _MOST_LINES and head.account is None and head.currency is None

    def take(self, number: int, values: list[str], sides: tuple[int, int]) -> None:
        """Take a line that is no row."""
        self._lines.append((number, values))
        self._kinds.append(self._probe.kinds_of(values))
        try:
            self._probe.take(number, values, sides)
        except Unreadable:
            return  # said once it is known whose it is

    def divide(self, section: Section, *, follows: Follows) -> tuple[_Lines, _Lines, str | None]:
        """The lines that belong to a section, those of the next one, and the account of that.

        None for the account where no other section begins.
        """
        lines, kinds, head = self._lines, self._kinds, self._probe.head
        if not lines:
            return [], [], None
        self._clear()
        account, known = head.account, section.accounts
        own_currency = section.outside.head.currency
        is_other_account = account is not None and bool(known) and account not in known
        is_other_currency = (
            head.currency is not None
            and own_currency is not None
            and currency_code(head.currency) != currency_code(own_currency)
        )
        if not section.is_begun or not (is_other_account or is_other_currency):
            if follows != "end" and account is not None and not known and section.is_begun:
                self._refuse(lines[0][0], account)
            elif follows == "header":
                self._refuse_hidden(section, lines, head.account_name)
            return lines, [], None
        start = _head_begins(kinds, "account" if is_other_account else "currency")
        return lines[:start], lines[start:], account or next(iter(known), "")

    def _refuse_hidden(self, section: Section, lines: _Lines, name: str | None) -> None:
        """Refuse the file where a table follows that may be another account's."""
        known = section.accounts
        own_name = section.outside.head.account_name
        own_names = {own_name, *section.names.values()} - {None}
        for number, values in lines:
            others = numbers_in(values) - known - section.numbers
            if others:
                self._refuse(number, min(others))
                return
        if name is not None and own_names and name not in own_names:
            self._refuse(lines[0][0], name)

    def _refuse(self, number: int, told: str) -> None:
        quoted = shown(told)
        text = Text(
            f"此处又有一张表，像是另一账户（{quoted}），不能与前一账户分清；请分户导出",
            f"another table begins here, perhaps of another account ({quoted}), and cannot be "
            "told apart from the one before: export each account by itself",
        )
        self.problems.append(Problem("TABLE-ACCOUNTS", text, line=number))


def _head_begins(kinds: Sequence[set[str]], name: str) -> int:
    """The place of the first line of the next head: behind the last line of a foot."""
    place = next((at for at, told in enumerate(kinds) if name in told), 0)
    foot = [at for at, told in enumerate(kinds[:place]) if told & FOOT]
    return foot[-1] + 1 if foot else 0
