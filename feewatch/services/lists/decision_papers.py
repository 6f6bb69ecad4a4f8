"""Forms of the decision desk as files: values in TOML, and the papers that lie beside them."""

import errno
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.credit.decision_form import FILES
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import list_faults, parse_toml
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.proofs import Proof

_MAX_BYTES = 100_000
#: More than a voucher may have; what is longer is told by its own refusal.
_PAPER_MOST = 11 * 1024 * 1024
Form = Mapping[str, Any]


class DecisionFaultsError(InvalidInputError):
    """A proposed decision with faults, all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0].column if problems else ""
        field = str(first or "").replace(".", "_")  # as forms name the keys of a table
        super().__init__("DECISION-FAULTS", *list_faults(problems), field=field)
        self.problems = tuple(problems)


class DecisionPapers(NamedTuple):
    """The document itself and the record that its notice was served, as files."""

    document: Proof
    notice: Proof | None


def read_form(path: Path) -> tuple[Form, DecisionPapers]:
    """A proposal's values and its files, which lie beside it.

    Raises: InvalidInputError, DecisionFaultsError.
    """
    values, files = read_form_file(path, FILES)
    return values, read_papers(files.get("file"), files.get("notice_record"))


def read_form_file(path: Path, keys: Sequence[str]) -> tuple[dict[str, Any], dict[str, Proof]]:
    """The values of a TOML file, and the files beside it that some of its keys name.

    Raises: InvalidInputError, DecisionFaultsError.
    """
    content = _read(path, _MAX_BYTES)
    faults: list[Problem] = []
    values = parse_toml(content, path.name, faults)
    if values is None:
        raise DecisionFaultsError(faults)
    named = {key: values.get(key) for key in keys}
    files = {
        key: read_voucher(name, _read(path.parent / name))
        for key, name in named.items()
        if isinstance(name, str) and name
    }
    return values, files


def read_papers(document: Proof | None, notice: Proof | None) -> DecisionPapers:
    """The two files of a proposal.

    Raises: InvalidInputError where the document itself is missing.
    """
    if document is None:
        raise InvalidInputError(
            "DECISION-FILE",
            "须附决定书原件（file：PDF、JPEG 或 PNG）",
            "the document itself must be attached (file: PDF, JPEG or PNG)",
        )
    return DecisionPapers(document, notice)


def plain(form: Form) -> dict[str, Any]:
    """A form as JSON keeps it: days and exact numbers in quotes."""
    return {key: _plain(value) for key, value in form.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _read(path: Path, most: int = _PAPER_MOST) -> bytes:
    """The bytes of a regular file, of which never more than may be are read."""
    try:
        if not path.is_file():  # a device or pipe may never end
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        raise InvalidInputError(
            "DECISION-FILE", f"{path.name} 无法打开：{why}", f"{path.name} cannot be opened: {why}"
        ) from None
    if len(content) > most:
        raise InvalidInputError("DECISION-FILE", f"{path.name} 过大", f"{path.name} is too large")
    return content
