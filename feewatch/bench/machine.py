"""The facts of the machine that figures depend on."""

import os
import platform
import sqlite3
from pathlib import Path

from feewatch import __version__


def machine_facts() -> dict[str, str | int]:
    """Processor, cores, memory, system, and the versions of what does the work."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "feewatch": __version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")
