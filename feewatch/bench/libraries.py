"""Libraries that only benchmarks need, loaded when one runs."""

import importlib
from types import ModuleType

from feewatch.kernel.errors import UnavailableError


def library(name: str) -> ModuleType:
    """A library of the extra ``bench``.

    Raises: UnavailableError where it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnavailableError(
            "BENCH-LIBRARY",
            f"缺少 {name}:pip install 'feewatch[bench]'",
            f"{name} is missing: pip install 'feewatch[bench]'",
        ) from None
