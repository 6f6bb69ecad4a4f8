"""Packages of an extra, loaded when they are used: most offices do without them."""

import importlib
from types import ModuleType

from feewatch.kernel.errors import UnavailableError


def library(name: str, extra: str = "bench") -> ModuleType:
    """A package of an extra.

    Raises: UnavailableError where it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnavailableError(
            "EXTRA-MISSING",
            f"缺少 {name}：pip install 'feewatch[{extra}]'",
            f"{name} is missing: pip install 'feewatch[{extra}]'",
        ) from None
