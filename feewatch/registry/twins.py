"""Twin names: two institutions whose names look alike to a parent, ``启航00`` and ``启航OO``."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault

_ALIKE = str.maketrans("oil|〇○零两贰", "0111000二二")
_FORMS = re.compile("(?:有限责任公司|股份有限公司|有限公司|公司)$")


def folded_name(name: str) -> str:
    """A name as the eye takes it: no width, case, sign or legal form, letters like digits."""
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_ALIKE)
    return _FORMS.sub("", "".join(letter for letter in plain if letter.isalnum()))


class TwinNames:
    """The names of institutions by how they look."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """``names``: (credit code, name) of each."""
        self._by_look: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for uscc, name in names:
            self._by_look[folded_name(name)][uscc] = name

    def others(self, uscc: str, name: str) -> Mapping[str, str]:
        """Other institutions with a name that looks like this one: name by credit code."""
        alike = self._by_look.get(folded_name(name), {})
        return {code: other for code, other in alike.items() if code != uscc}


def twin_fault(others: Mapping[str, str]) -> CellFault:
    """The warning of a name that looks like those of others."""
    listed = "、".join(f"{name}（{uscc}）" for uscc, name in sorted(others.items()))
    in_english = ", ".join(f"{name} ({uscc})" for uscc, name in sorted(others.items()))
    return CellFault(
        "NAME-TWIN",
        Text(
            f"与其他机构的名称易混淆，请核对信用代码：{listed}",
            f"looks like the name of another institution, check the credit code: {in_english}",
        ),
    )
