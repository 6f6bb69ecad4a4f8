"""The presets of rounds and the checklists in force in an installation, read while they last."""

from functools import lru_cache
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.engine.folders import rule_folders
from feewatch.engine.loader import SHIPPED, list_rounds_files
from feewatch.kernel.days import Day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import refuse_faults
from feewatch.rounds.checklists import Checklist, latest, read_checklist
from feewatch.rounds.scheme import FILE, RoundsScheme, read_scheme

_WRONG = Text("督导工作文件有误", "the files of the rounds have faults")


def rounds_scheme(app: App) -> RoundsScheme:
    """The presets in force: those of the last folder that has any.

    Raises: InvalidInputError listing every fault.
    """
    return _read(_files(app))[0]


def list_checklists(app: App, day: Day, at: str = "") -> list[Checklist]:
    """The checklists in use on a day, of institutions, of premises, or all.

    Raises: InvalidInputError listing every fault.
    """
    in_use = latest(_read(_files(app))[1], day).values()
    return [checklist for checklist in in_use if not at or checklist.at == at]


def get_checklist(app: App, name: str, day: Day) -> Checklist:
    """The version of a checklist in use on a day.

    Raises: NotFoundError; InvalidInputError listing every fault of the files.
    """
    for checklist in list_checklists(app, day):
        if checklist.id == name:
            return checklist
    raise NotFoundError(
        "CHECKLIST-UNKNOWN", f"没有在用的检查单 {name}", f"no checklist {name} in use"
    )


def find_version(app: App, name: str, version: str) -> Checklist | None:
    """A version of a checklist, also one that another has replaced since."""
    checklists = _read(_files(app))[1]
    return next((each for each in checklists if (each.id, each.version) == (name, version)), None)


def _files(app: App) -> tuple[tuple[str, bytes], ...]:
    folders: tuple[Path, ...] = (SHIPPED, *rule_folders(app.config))
    faults: list[Problem] = []
    found = tuple(each for folder in folders for each in list_rounds_files(folder, faults))
    refuse_faults("ROUNDS", _WRONG, faults)
    return found


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[str, bytes], ...]) -> tuple[RoundsScheme, tuple[Checklist, ...]]:
    faults: list[Problem] = []
    scheme: RoundsScheme | None = None
    checklists: dict[tuple[str, str], Checklist] = {}
    for path, content in files:
        if path == FILE:
            scheme = read_scheme(content, path, faults) or scheme
        elif checklist := read_checklist(content, path, faults):
            checklists[checklist.id, checklist.version] = checklist
    refuse_faults("ROUNDS", _WRONG, faults)
    assert scheme is not None  # one is shipped
    return scheme, tuple(checklists.values())
