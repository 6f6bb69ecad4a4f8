"""Whether the database file and the var folder are still those that this process opened.

A file that is deleted or replaced stays open for whoever has it: what is then written goes where
nobody finds it again, without a fault. The number of the file on its disk tells.
"""

import os
from pathlib import Path

from feewatch.kernel.errors import MachineError

_Identity = tuple[int, int]


class Places:
    """Files and folders that have to stay the ones that were there at the first look."""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths
        self._known: dict[Path, _Identity] = {}

    def note(self) -> None:
        """Remember what is there now, where nothing is remembered yet."""
        for path in self._paths:
            present = _identity(path)
            if present is not None:
                self._known.setdefault(path, present)

    def forget(self) -> None:
        """Remember nothing: nothing is open any more."""
        self._known.clear()

    @property
    def is_replaced(self) -> bool:
        """Whether others stand where the known ones stood; what is merely gone may come back."""
        present = [(_identity(path), known) for path, known in self._known.items()]
        return all(each is not None for each, _ in present) and any(
            each != known for each, known in present
        )

    def refuse_other(self) -> None:
        """Nothing where all is as it was.

        Raises: MachineError.
        """
        for path, known in self._known.items():
            if _identity(path) != known:
                raise MachineError(
                    "DATABASE-REPLACED",
                    f"{path} 已被移走、删除或替换，不再是本进程打开的那一个，未写入任何内容；"
                    "请放回原处，或从备份恢复后重新启动服务与定时任务",
                    f"{path} was moved, deleted or replaced and is not what this process opened; "
                    "nothing was written: put it back, or restore a safety copy and restart the "
                    "service and the scheduler",
                )


def _identity(path: Path) -> _Identity | None:
    try:
        state = os.stat(path)  # noqa: PTH116 - asked at each transaction
    except OSError:
        return None
    return state.st_dev, state.st_ino


def is_writable(path: Path) -> bool:
    """Whether this process may write a database file and beside it."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def list_holders_of_deleted(path: Path) -> list[int]:
    """Processes on this machine that still hold a database file that was deleted under them."""
    gone = f"{path} (deleted)"
    holders = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (process / "fd").iterdir()]  # noqa: PTH115
        except OSError:  # ended meanwhile, or of another user
            continue
        if gone in links:
            holders.append(int(process.name))
    return sorted(holders)
