"""All that an institution ever handed in, and what came of each: files and registers."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import User
from feewatch.services.cases.desk import Files, list_files
from feewatch.services.intake import rawfiles
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.services.registers.rejecting import Rejects
from feewatch.store.pages import PageRows
from feewatch.store.pages.own_history import (
    count_imports,
    find_import,
    list_imports,
    list_imports_by,
)

#: So many of a person's last imports stand beside the form.
LAST = 10


@dataclass(frozen=True, slots=True)
class History:
    """One page of both: bank files, and registers of the same place in their list."""

    files: Files
    imports: Page

    @property
    def page(self) -> Page:
        """The longer of the two lists, by which the pages are turned."""
        return max(self.files.page, self.imports, key=lambda page: page.total)


def read_history(app: App, person: User, number: int) -> History:
    """One page of what the institution of a person handed in, the latest first."""
    assert person.institution_id is not None
    files = list_files(app, person, "", "", number)
    with app.database.reading() as tx:
        start = (number - 1) * PAGE_SIZE
        rows = list_imports(tx, person.institution_id, limit=PAGE_SIZE, offset=start)
        imports = Page(rows, count_imports(tx, person.institution_id), number)
    return History(files, imports)


def list_last_imports(app: App, person: User) -> PageRows:
    """The last registers that a person handed in."""
    with app.database.reading() as tx:
        return list_imports_by(tx, person.name, limit=LAST)


def load_rejects(app: App, person: User, key: int) -> Rejects:
    """The bad rows that an import of the person, or of the same institution, left out.

    Raises: NotFoundError; UnavailableError where the file is gone or changed.
    """
    with app.database.reading() as tx:
        row = find_import(tx, key, person.name, person.institution_id)
    kept = row.counts.get("rejects") if row else None
    if not kept:
        raise NotFoundError("NO-REJECTS", "没有错误行", "there are no bad rows")
    return Rejects(kept["name"], rawfiles.load_bytes(app, kept["sha256"]))
