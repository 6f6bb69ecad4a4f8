"""Puts the rule book into the wheel: ``rules/`` lies at the top for jurists, in it for pip."""

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

RULES = Path(__file__).parent / "rules"


class BuildWithRules(build_py):
    """Builds the package with ``rules/`` in it; an editable install reads them where they lie."""

    def run(self) -> None:
        """Build, then lay the rule book of now beside the modules."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "feewatch" / "rules"
            shutil.rmtree(target, ignore_errors=True)  # an earlier build may hold rules since gone
            shutil.copytree(RULES, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
