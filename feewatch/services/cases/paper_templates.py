"""The templates in force: the office's own where its folder has one, else those shipped."""

from functools import lru_cache
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.kernel.text import Text
from feewatch.kernel.toml import list_faults
from feewatch.papers.filling import Template, TemplateError
from feewatch.papers.layout import SHIPPED, shipped


def get_template(app: App, kind: str) -> Template:
    """The template by which papers of a kind are made.

    Raises: InvalidInputError listing all that is wrong with the office's own, UnavailableError
    where its folder cannot be read.
    """
    folder = app.config.papers.folder
    if not folder:
        return _shipped(kind)
    place = app.config.resolve(folder)
    if not place.is_dir():
        raise UnavailableError(
            "PAPER-FOLDER",
            f"[papers] folder 不是文件夹：{folder}",
            f"[papers] folder is no folder: {folder}",
        )
    path = place / f"{kind}.docx"
    if not path.exists():
        return _shipped(kind)
    state = path.stat()
    return _own(path, state.st_mtime_ns, state.st_size)


def write_templates(folder: Path) -> list[Path]:
    """The shipped templates as DOCX files for an office to edit; none there is written over.

    Raises: InvalidInputError where one of them lies there already.
    """
    paths = [folder / f"{kind}.docx" for kind in SHIPPED]
    present = [path.name for path in paths if path.exists()]
    if present:
        raise InvalidInputError(
            "PAPER-TEMPLATE-EXISTS",
            f"文件夹中已有 {'、'.join(present)}，不覆盖",
            f"already there and not written over: {', '.join(present)}",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for kind, path in zip(SHIPPED, paths, strict=True):
        path.write_bytes(shipped(kind))
    return paths


@lru_cache(maxsize=32)
def _shipped(kind: str) -> Template:
    return Template(f"{kind}.docx", shipped(kind))


@lru_cache(maxsize=32)
def _own(path: Path, changed_at: int, size: int) -> Template:
    """A template of the office's own, read again when its file changes."""
    del changed_at, size
    try:
        return Template(path.name, path.read_bytes())
    except TemplateError as fault:
        text = list_faults(fault.problems)
        what = Text("文书模板有误", "the template has faults")
        raise InvalidInputError(
            fault.problems[0].code, f"{what.zh}：{text.zh}", f"{what.en}: {text.en}"
        ) from None
    except OSError as fault:
        raise UnavailableError(
            "PAPER-TEMPLATE",
            f"读不到模板 {path.name}",
            f"cannot read {path.name}: {fault.strerror}",
        ) from None
