"""Writes the register templates, and samples of other systems' exports, into a folder."""

from collections.abc import Mapping
from pathlib import Path

from feewatch.kernel.errors import ConflictError, UnavailableError
from feewatch.registry.profile_file import samples
from feewatch.registry.templates import templates


def write_templates(folder: Path, *, overwrite: bool = False) -> list[Path]:
    """The files written, one a kind of register.

    Raises: ConflictError, having written nothing, where a file of that name differs: somebody may
    have filled it in; UnavailableError where the folder cannot be written.
    """
    return _write(folder, templates(), overwrite=overwrite)


def write_samples(folder: Path, *, overwrite: bool = False) -> list[Path]:
    """The files written, one a shipped column profile; each says that it was made.

    Raises: as ``write_templates`` does.
    """
    return _write(folder, samples(), overwrite=overwrite)


def _write(folder: Path, contents: Mapping[str, bytes], *, overwrite: bool) -> list[Path]:
    files = {folder / name: content for name, content in contents.items()}
    try:
        differing = [
            path
            for path, content in files.items()
            if path.exists() and path.read_bytes() != content
        ]
        if differing and not overwrite:
            names = ", ".join(path.name for path in differing)
            raise ConflictError(
                "TARGET-EXISTS",
                f"{folder} 中已有内容不同的 {names}，如要覆盖请加 --force",
                f"{folder} holds other files called {names}: add --force to overwrite them",
            )
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_bytes(content)
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {folder}", f"cannot write {folder}: {fault.strerror}"
        ) from None
    return list(files)
