"""Makes a pack of a folder of rule data: reviewed with the shipped book, tried, signed."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.loader import list_rule_files
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import refuse_faults
from feewatch.publication.keylist import REVOKED_FILE
from feewatch.publication.rule_pack import PackHead, build_pack, require_names
from feewatch.publication.signing import sha256
from feewatch.services.check.rulebook import shipped_book
from feewatch.services.lists.keys import find_given_out, get_signing_key
from feewatch.services.packs.governing import PACKERS
from feewatch.services.people.acting import get_acting
from feewatch.services.trials.grade_scenarios import run_grade_scenarios
from feewatch.services.trials.rule_review import review_folders, try_folders
from feewatch.store import audit


class MadePack(NamedTuple):
    """A pack and what was tried with it."""

    head: PackHead
    content: bytes
    files: int
    scenarios: int


def make_pack(app: App, folder: Path, name: str, version: str, *, actor: str) -> MadePack:
    """A pack of a folder, signed; the office's own folders and packs have no part in it.

    Raises: InvalidInputError listing every fault of the folder, and every scenario that fails;
    ForbiddenError, UnavailableError without a signing key.
    """
    require_names(name, version)
    office = app.config.office
    with app.database.reading() as tx:
        get_acting(tx, actor, PACKERS, office.district)
    key = get_signing_key(app)
    faults: list[Problem] = []
    files = dict(list_rule_files(folder, faults))
    refuse_faults("RULE-BOOK", Text("规则库有误", "the rule book has faults"), faults)
    if not files:
        raise InvalidInputError(
            "PACK-EMPTY", f"{folder} 中没有规则文件", f"there is no rule data in {folder}"
        )
    head = PackHead(
        name, version, office.name, office.district, format_day(today()), shipped_book().version
    )
    revoked = find_given_out(app, REVOKED_FILE)
    content = build_pack(head, files, key, revoked.read_bytes() if revoked else None)
    with tempfile.TemporaryDirectory() as laid:  # what is signed is what was tried
        for path, data in files.items():
            place = Path(laid) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        tried = _try(Path(laid))
    with app.database.transaction() as tx:
        get_acting(tx, actor, PACKERS, office.district)
        told = {"version": version, "sha256": sha256(content), "files": len(files)}
        audit.record(tx, actor, "rules.pack", name, told)
    return MadePack(head, content, len(files), tried)


def _try(folder: Path) -> int:
    """How many scenarios were tried, all of which came out as they say.

    Raises: InvalidInputError listing every fault.
    """
    reviewed = review_folders([folder])
    refuse_faults("RULE-BOOK", Text("规则库有误", "the rule book has faults"), reviewed.faults)
    results = try_folders([folder])
    graded = run_grade_scenarios(reviewed.book)
    wrong = [
        Problem("SCENARIO", line, each.scenario.file) for each in results for line in each.wrong
    ] + [Problem("SCENARIO", each.wrong, each.scheme.file) for each in graded if each.wrong]
    refuse_faults("SCENARIOS", Text("情形与规则不符", "scenarios fail"), wrong)
    return len(results) + len(graded)
