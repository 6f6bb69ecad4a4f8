"""Makes files with student tokens out of files with names; the file with names is not kept."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import ConflictError, InvalidInputError, UnavailableError
from feewatch.registry.kinds import KINDS
from feewatch.registry.tokens import Tokenised, tokenise
from feewatch.services.registers.importing import load_profiles_of
from feewatch.sheets.tables import is_workbook
from feewatch.store.registers.students import list_students_on_file


@dataclass(frozen=True)
class TokenReport:
    """What came of a file; ``out`` is None where it had problems and nothing was written."""

    done: Tokenised
    out: Path | None


def tokenise_file(
    app: App, kind: str, path: Path, out: Path | None = None, *, overwrite: bool = False
) -> TokenReport:
    """Write a file ready for import, by default NAME.tokens.csv or .xlsx beside the given one.

    Raises: InvalidInputError where the file cannot be opened or the target is the file itself,
    ConflictError where the target exists and may not be overwritten.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "FILE-UNREADABLE", f"无法打开文件 {path}", f"cannot open {path}: {fault.strerror}"
        ) from None
    suffix = ".xlsx" if is_workbook(data) else ".csv"
    target = out or path.with_name(f"{path.stem}.tokens{suffix}")
    if target.resolve() == path.resolve():
        raise InvalidInputError("TARGET-SAME", "输出不能是原文件", "the target is the file itself")
    profiles = load_profiles_of(app)
    with app.database.reading() as tx:
        on_file = partial(list_students_on_file, tx)
        done = tokenise(KINDS[kind], data, str(path), app.secret("token"), profiles, on_file)
    if done.problems:
        return TokenReport(done, None)
    content = done.as_xlsx() if target.suffix.lower() == ".xlsx" else done.as_csv()
    _write(target, content, overwrite=overwrite)
    return TokenReport(done, target)


def _write(target: Path, content: bytes, *, overwrite: bool) -> None:
    try:
        with target.open("wb" if overwrite else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise ConflictError(
            "TARGET-EXISTS",
            f"{target} 已存在，如要覆盖请加 --force",
            f"{target} exists: add --force to overwrite it",
        ) from None
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {target}", f"cannot write {target}: {fault.strerror}"
        ) from None
