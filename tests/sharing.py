"""Which tests share what is dear to make, so that one worker makes it once.

(The groups of pytest-xdist 3.8 do not reach it: pytest 9.2 no longer reads the name they change.)
"""

from xdist.scheduler import LoadScopeScheduling

#: By what is shared: the beginnings of the names of the tests.
SHARED = {
    "town": (
        "tests/services/reports/test_period.py::test_every_figure_of_the_demonstration",
        "tests/services/rounds/test_of_demo.py",
        "tests/web/test_evidence_of_demo.py",
        "tests/web/test_axe.py::test_no_page_of_a_whole",
        "tests/web/test_form_fuzz.py",
        "tests/web/test_hostile_arguments.py",
        "tests/web/test_month_ledger.py",
        "tests/web/test_public_demo.py",
        "tests/web/test_report.py",
        "tests/web/test_site_fuzz.py",
        "tests/web/test_walk.py",
    ),
    "lived": ("tests/simulate/",),
    "plans": ("tests/store/check/test_plans.py",),
    "wheel": ("tests/test_wheel.py",),
}


class BySharing(LoadScopeScheduling):
    """Every test by itself, but those that share something together."""

    def _split_scope(self, nodeid: str) -> str:
        for name, beginnings in SHARED.items():
            if nodeid.startswith(beginnings):
                return name
        return nodeid
