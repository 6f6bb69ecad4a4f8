"""All that an institution ever handed in, and what came of each: files and registers."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.people import User
from feewatch.services.cases.desk import Files, list_files
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.pages.own_history import count_imports, list_imports


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
